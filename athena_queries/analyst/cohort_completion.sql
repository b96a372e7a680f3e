-- Question:  of the tasks created in a month, how many were completed within 1, 3, 7 and 30 days?
-- Answers:   one row per month of creation, oldest first.
-- Reads:     gold.task_cohort_completion
-- Scans:     the days asked for
-- Budget:    10 MB
-- Parameter: first_date date: the first day of creation, UTC; for example date '2025-08-01'
-- Parameter: last_date date: the last day of creation, UTC, itself included; for example date '2025-10-31'
-- Caveat:    tasks of the last 30 days may still be completed in time, so the newest months look worse than they are.

with cohorts as (
    select
        created_date,
        tasks_created,
        completed_within_1_day,
        completed_within_3_days,
        completed_within_7_days,
        completed_within_30_days
    from gold.task_cohort_completion
    where
        created_date >= ?
        and created_date <= ?
),

monthly as (
    select
        cast(date_trunc('month', created_date) as date) as month_start_date,
        cast(sum(tasks_created) as bigint) as tasks_created,
        sum(completed_within_1_day) as within_1_day,
        sum(completed_within_3_days) as within_3_days,
        sum(completed_within_7_days) as within_7_days,
        sum(completed_within_30_days) as within_30_days
    from cohorts
    group by date_trunc('month', created_date)
),

answer as (
    select
        month_start_date,
        tasks_created,
        round(1e2 * within_1_day / nullif(tasks_created, 0), 1) as within_1_day_percent,
        round(1e2 * within_3_days / nullif(tasks_created, 0), 1) as within_3_days_percent,
        round(1e2 * within_7_days / nullif(tasks_created, 0), 1) as within_7_days_percent,
        round(1e2 * within_30_days / nullif(tasks_created, 0), 1) as within_30_days_percent
    from monthly
)

select * from answer
order by month_start_date asc
