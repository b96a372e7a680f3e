-- gold.task_throughput_daily: one row per activity_date.
-- Answers: how many tasks were created and finished each day, and how long did they take?
-- Reads:   silver.tasks_per_user_daily        Scans: only the days asked for; one row a user and day
-- Caveat:  a late change counts on the day it happened, so an old day can still change.

with daily as (
    select
        activity_date,
        user_id,
        tasks_created,
        tasks_updated,
        tasks_started,
        tasks_completed,
        tasks_cancelled,
        tasks_reopened,
        tasks_deleted,
        tasks_expired,
        avg_completion_hours
    from silver.tasks_per_user_daily
),

-- A user's average counts as often as the user completed a task.
weighted as (
    select
        *,
        case when avg_completion_hours is not null then tasks_completed end as timed_completions,
        avg_completion_hours * tasks_completed as completion_hours
    from daily
),

throughput as (
    select
        activity_date,
        count(distinct user_id) as active_users,
        cast(sum(tasks_created) as bigint) as tasks_created,
        cast(sum(tasks_updated) as bigint) as tasks_updated,
        cast(sum(tasks_started) as bigint) as tasks_started,
        cast(sum(tasks_completed) as bigint) as tasks_completed,
        cast(sum(tasks_cancelled) as bigint) as tasks_cancelled,
        cast(sum(tasks_reopened) as bigint) as tasks_reopened,
        cast(sum(tasks_deleted) as bigint) as tasks_deleted,
        cast(sum(tasks_expired) as bigint) as tasks_expired,
        -- Rounded, because the order in which doubles are added up shows in their last digits.
        round(sum(completion_hours) / nullif(sum(timed_completions), 0), 6) as avg_completion_hours
    from weighted
    group by activity_date
)

select * from throughput
