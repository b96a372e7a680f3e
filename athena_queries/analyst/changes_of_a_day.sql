-- Question:  what happened to the tasks on that day?
-- Answers:   one row per kind of change and pair of statuses, the most frequent first.
-- Reads:     silver.task_changes
-- Scans:     the months of the days asked for, and in them the row groups that have the days
-- Budget:    20 MB
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-15'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-15'
-- Caveat:    a task that changed in several ways is in several rows: neither tasks nor active_users add up over them.

with changes as (
    select
        user_id,
        task_id,
        changed_at,
        old_status,
        new_status,
        case
            when event_name = 'INSERT' then 'created'
            when event_name = 'REMOVE' and is_ttl_delete then 'expired'
            when event_name = 'REMOVE' then 'deleted'
            when old_status = new_status then 'edited'
            else 'moved'
        end as kind
    from silver.task_changes
    where
        changed_at >= ?
        and changed_at < ? + interval '1' day
),

-- A task_id is the user's own: two users may have the same one.
by_task as (
    select
        kind,
        old_status,
        new_status,
        user_id,
        task_id,
        count(*) as changes,
        min(changed_at) as first_changed_at,
        max(changed_at) as last_changed_at
    from changes
    group by kind, old_status, new_status, user_id, task_id
),

answer as (
    select
        kind,
        old_status,
        new_status,
        cast(sum(changes) as bigint) as changes,
        count(*) as tasks,
        count(distinct user_id) as active_users,
        min(first_changed_at) as first_changed_at,
        max(last_changed_at) as last_changed_at
    from by_task
    group by kind, old_status, new_status
)

select * from answer
order by changes desc, kind asc, old_status asc nulls first, new_status asc nulls last
