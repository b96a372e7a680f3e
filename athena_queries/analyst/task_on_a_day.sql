-- Question:  what did this task look like on that day?
-- Answers:   the task at the end of the day, UTC: one row, or none where it was not there yet. Of a deleted task, what
--            it was last.
-- Reads:     silver.task_changes
-- Scans:     all of silver.task_changes up to that day: a task's last change may be years old
-- Budget:    3 GB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Parameter: task_id varchar: the task; for example '98085e1e9baa78a6'
-- Parameter: as_of_date date: the day, UTC; for example date '2025-10-15'
-- Caveat:    title and description are the user's own words: show the answer only to those who may read them.

with changes as (
    select
        user_id,
        task_id,
        changed_at,
        sequence_number,
        event_name,
        status,
        priority,
        category,
        due_date,
        title,
        description,
        created_at,
        completed_at
    from silver.task_changes
    where
        user_id = ?
        and task_id = ?
        and changed_at < ? + interval '1' day
),

-- changed_at is whole seconds: of several changes in one, the sequence number tells the last. It has 21 to 40 digits.
ranked as (
    select
        *,
        row_number() over (order by lpad(sequence_number, 40, '0') desc) as newness
    from changes
),

answer as (
    select
        user_id,
        task_id,
        event_name = 'REMOVE' as is_deleted,
        status,
        priority,
        category,
        due_date,
        title,
        description,
        created_at,
        completed_at,
        changed_at as last_changed_at
    from ranked
    where newness = 1
)

select * from answer
order by user_id asc, task_id asc
