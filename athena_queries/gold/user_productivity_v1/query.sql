-- gold.user_productivity: one row per user_id.
-- Answers: what has each user created and finished, how long did it take, and on how many days were they active?
-- Reads:   silver.tasks, silver.tasks_per_user_daily        Scans: all of both; one row a task, one a user and day
-- Caveat:  a task counts as it is now: one that was reopened is not completed, one that was completed and deleted is.

with tasks as (
    select
        user_id,
        status = 'completed' as is_completed,
        case
            when status = 'completed' then (to_unixtime(completed_at) - to_unixtime(created_at)) / 3600
        end as completion_hours
    from silver.tasks
),

-- What DynamoDB's TTL deletes is nobody's activity.
active_days as (
    select
        user_id,
        count(*) as active_days,
        min(activity_date) as first_active_date,
        max(activity_date) as last_active_date
    from silver.tasks_per_user_daily
    where tasks_created + tasks_updated + tasks_deleted > 0
    group by user_id
),

ranked as (
    select
        user_id,
        is_completed,
        completion_hours,
        row_number() over (partition by user_id order by completion_hours asc nulls last) as hours_rank,
        count(completion_hours) over (partition by user_id) as timed_tasks
    from tasks
),

finished as (
    select
        user_id,
        count(*) as tasks_created,
        count(*) filter (where is_completed) as tasks_completed,
        min(completion_hours) filter (where 100 * hours_rank >= 50 * timed_tasks) as median_completion_hours,
        min(completion_hours) filter (where 100 * hours_rank >= 95 * timed_tasks) as p95_completion_hours
    from ranked
    group by user_id
),

productivity as (
    select
        finished.user_id,
        finished.tasks_created,
        finished.tasks_completed,
        round(cast(finished.tasks_completed as double) / finished.tasks_created, 6) as completion_rate,
        round(finished.median_completion_hours, 6) as median_completion_hours,
        round(finished.p95_completion_hours, 6) as p95_completion_hours,
        coalesce(active_days.active_days, 0) as active_days,
        active_days.first_active_date,
        active_days.last_active_date
    from finished
    left join active_days on finished.user_id = active_days.user_id
)

select * from productivity
