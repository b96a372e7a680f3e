-- gold.task_cohort_completion: one row per created_date.
-- Answers: of the tasks created on a day, how many were finished within 1, 3, 7 and 30 days?
-- Reads:   silver.tasks        Scans: all of it; one row a task
-- Caveat:  tasks younger than 30 days may still be finished in time, so their days' rates still rise; a task that was
--          reopened is not completed, and has the time of its last completion if it is again.

with tasks as (
    select
        date(created_at) as created_date,
        created_at,
        case when status = 'completed' then completed_at end as completed_at
    from silver.tasks
    where created_at is not null
),

cohorts as (
    select
        created_date,
        count(*) as tasks_created,
        count(*) filter (where completed_at <= created_at + interval '1' day) as completed_within_1_day,
        count(*) filter (where completed_at <= created_at + interval '3' day) as completed_within_3_days,
        count(*) filter (where completed_at <= created_at + interval '7' day) as completed_within_7_days,
        count(*) filter (where completed_at <= created_at + interval '30' day) as completed_within_30_days
    from tasks
    group by created_date
),

rated as (
    select
        *,
        round(cast(completed_within_30_days as double) / tasks_created, 6) as completion_rate_30_days
    from cohorts
)

select * from rated
