-- Question:  what happened to this task, step by step, and how long did it stay in each state?
-- Answers:   one row per change, in order; hours is the time until the next one, null for the last.
-- Reads:     silver.task_changes
-- Scans:     the months from the first day on, all users' changes
-- Budget:    1 GB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Parameter: task_id varchar: the task; for example '98085e1e9baa78a6'
-- Parameter: first_date date: the day, UTC, to begin with: at best that of its creation; for example date '2025-10-01'
-- Caveat:    the later first_date, the less is scanned. Changes before it are not shown.

with changes as (
    select
        changed_at,
        lpad(sequence_number, 40, '0') as sequence_number,
        event_name,
        is_ttl_delete,
        old_status,
        new_status,
        priority,
        category,
        due_date
    from silver.task_changes
    where
        user_id = ?
        and task_id = ?
        and changed_at >= ?
),

-- changed_at is whole seconds: of several changes in one, the sequence number tells the order. It has 21 to 40 digits.
in_order as (
    select
        *,
        row_number() over (order by sequence_number asc) as step,
        lead(changed_at) over (order by sequence_number asc) as next_changed_at
    from changes
),

answer as (
    select
        step,
        changed_at,
        case
            when event_name = 'INSERT' then 'created'
            when event_name = 'REMOVE' and is_ttl_delete then 'expired'
            when event_name = 'REMOVE' then 'deleted'
            when old_status = new_status then 'edited'
            else 'moved'
        end as kind,
        old_status,
        new_status,
        priority,
        category,
        due_date,
        round((to_unixtime(next_changed_at) - to_unixtime(changed_at)) / 3600, 2) as hours
    from in_order
)

select * from answer
order by step asc
