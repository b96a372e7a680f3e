-- gold.category_trends_weekly: one row per (week_start_date, category).
-- Answers: which categories grow, which get finished, and who uses them, week by week?
-- Reads:   silver.task_changes        Scans: all of it; one row a change
-- Caveat:  a change counts in its own week and in the category it left the task in: a task can come in under one
--          category and be finished under another, and one that is finished twice counts twice.

with changes as (
    select
        cast(date_trunc('week', changed_at) as date) as week_start_date,
        coalesce(category, 'none') as category,
        user_id,
        event_name,
        event_name = 'REMOVE' and is_ttl_delete as is_expired,
        new_status = 'completed' and (old_status is null or old_status != 'completed') as is_completion,
        (to_unixtime(completed_at) - to_unixtime(created_at)) / 3600 as completion_hours
    from silver.task_changes
),

trends as (
    select
        week_start_date,
        category,
        count(*) filter (where event_name = 'INSERT') as tasks_created,
        count(*) filter (where is_completion) as tasks_completed,
        count(*) filter (where event_name = 'REMOVE' and not is_expired) as tasks_deleted,
        -- What DynamoDB's TTL deletes is nobody's activity.
        count(distinct user_id) filter (where not is_expired) as active_users,
        -- Rounded, because the order in which doubles are added up shows in their last digits.
        round(avg(completion_hours) filter (where is_completion), 6) as avg_completion_hours
    from changes
    group by week_start_date, category
)

select * from trends
