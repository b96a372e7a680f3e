-- Question:  what does this user still have to do, the most pressing first?
-- Answers:   one row per open task: by due date, those without one last, then by priority, then the oldest.
-- Reads:     silver.tasks
-- Scans:     the user's bucket, one of sixteen, and in it the row groups that the user is in
-- Budget:    10 MB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Parameter: as_of_date date: the day, UTC: tasks due before it are overdue; for example date '2025-11-15'
-- Caveat:    titles are the user's own words: show the answer only to those who may read them.

with tasks as (
    select
        task_id,
        title,
        status,
        priority,
        category,
        due_date,
        created_at
    from silver.tasks
    where
        user_id = ?
        and not is_deleted
        and status in ('pending', 'in_progress')
),

ranked as (
    select
        task_id,
        title,
        status,
        priority,
        category,
        due_date,
        created_at,
        case priority when 'urgent' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 end as urgency
    from tasks
),

answer as (
    select
        row_number() over (
            order by due_date asc nulls last, urgency asc nulls last, created_at asc, task_id asc
        ) as place,
        task_id,
        title,
        status,
        priority,
        category,
        due_date,
        coalesce(due_date < ?, false) as is_overdue,
        created_at
    from ranked
)

select * from answer
order by place asc
