-- Question:  in which categories is work overdue, and how much of it was meant to be done first (high or urgent)?
-- Answers:   one row per category with overdue tasks, the most first; 'none' are tasks without a category.
-- Reads:     gold.task_status_current
-- Scans:     all of gold.task_status_current: one row per status, priority, category and age
-- Budget:    10 MB
-- Caveat:    a task without a due date is never overdue, so overdue_percent is low where few tasks have one.

with open_tasks as (
    select
        category,
        priority,
        tasks,
        overdue_tasks
    from gold.task_status_current
),

by_category as (
    select
        category,
        cast(sum(tasks) as bigint) as tasks,
        cast(sum(overdue_tasks) as bigint) as overdue_tasks,
        cast(sum(overdue_tasks) filter (where priority in ('high', 'urgent')) as bigint) as overdue_pressing_tasks
    from open_tasks
    group by category
),

answer as (
    select
        category,
        tasks,
        overdue_tasks,
        coalesce(overdue_pressing_tasks, 0) as overdue_pressing_tasks,
        round(1e2 * overdue_tasks / nullif(tasks, 0), 1) as overdue_percent
    from by_category
    where overdue_tasks > 0
)

select * from answer
order by overdue_tasks desc, category asc
