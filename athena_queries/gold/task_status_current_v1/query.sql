-- gold.task_status_current: one row per (status, priority, category, age).
-- Answers: what work is open, how old is it, and how much of it is overdue?
-- Reads:   silver.tasks        Scans: all of it; one row a task
-- Caveat:  now is as_of_date, the day of the newest change in the lake: a lake that stands still does not age.

with tasks as (
    select
        status,
        coalesce(priority, 'none') as priority,
        coalesce(category, 'none') as category,
        due_date,
        created_at,
        is_deleted,
        last_changed_at
    from silver.tasks
),

-- Of any change, a deletion too. The engine's clock would give the same inputs another answer every day.
newest as (
    select date(max(last_changed_at)) as as_of_date
    from tasks
),

open_tasks as (
    select
        tasks.status,
        tasks.priority,
        tasks.category,
        tasks.due_date,
        tasks.created_at,
        newest.as_of_date,
        date_diff('day', date(tasks.created_at), newest.as_of_date) as age_days
    from tasks
    -- cross join: newest is one row
    cross join newest
    where tasks.status in ('pending', 'in_progress') and not tasks.is_deleted
),

aged as (
    select
        *,
        case
            when age_days <= 1 then '0-1 days'
            when age_days <= 7 then '2-7 days'
            when age_days <= 30 then '8-30 days'
            when age_days > 30 then 'over 30 days'
            else 'unknown'
        end as age
    from open_tasks
),

status_current as (
    select
        status,
        priority,
        category,
        age,
        count(*) as tasks,
        count(*) filter (where due_date < as_of_date) as overdue_tasks,
        -- Athena stores no zone: UTC.
        cast(min(created_at) at time zone 'UTC' as timestamp(6)) as oldest_created_at,
        as_of_date
    from aged
    group by status, priority, category, age, as_of_date
)

select * from status_current
