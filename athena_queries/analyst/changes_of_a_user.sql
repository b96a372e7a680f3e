-- Question:  what did this user do in these days?
-- Answers:   one row per change of one of the user's tasks, in order of time.
-- Reads:     silver.task_changes
-- Scans:     the months of the days asked for, and in them the row groups that have the days: all users' changes
-- Budget:    20 MB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-15'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-15'
-- Caveat:    titles are the user's own words: show the answer only to those who may read them. 'expired' is what the
--            table did by itself, by the task's time to live.

with changes as (
    select
        changed_at,
        lpad(sequence_number, 40, '0') as sequence_number,
        task_id,
        title,
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
        user_id = ?
        and changed_at >= ?
        and changed_at < ? + interval '1' day
),

answer as (
    select
        row_number() over (order by changed_at asc, task_id asc, sequence_number asc) as place,
        changed_at,
        task_id,
        title,
        kind,
        old_status,
        new_status
    from changes
)

select * from answer
order by place asc
