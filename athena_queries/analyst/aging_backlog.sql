-- Question:  how old is the work that is still open, and how much of it is overdue?
-- Answers:   one row per age, oldest first.
-- Reads:     gold.task_status_current
-- Scans:     all of gold.task_status_current: one row per status, priority, category and age
-- Budget:    10 MB
-- Caveat:    "now" is the day of the lake's newest change, as_of_date: see stale_tables.

with open_tasks as (
    select
        status,
        age,
        tasks,
        overdue_tasks,
        oldest_created_at,
        as_of_date
    from gold.task_status_current
),

by_age as (
    select
        age,
        cast(sum(tasks) as bigint) as tasks,
        cast(sum(case when status = 'in_progress' then tasks else 0 end) as bigint) as tasks_in_progress,
        cast(sum(overdue_tasks) as bigint) as overdue_tasks,
        min(oldest_created_at) as oldest_created_at,
        max(as_of_date) as as_of_date
    from open_tasks
    group by age
),

answer as (
    select
        age,
        tasks,
        round(1e2 * tasks / nullif(sum(tasks) over (), 0), 1) as tasks_percent,
        tasks_in_progress,
        overdue_tasks,
        round(1e2 * overdue_tasks / nullif(tasks, 0), 1) as overdue_percent,
        oldest_created_at,
        as_of_date
    from by_age
)

select * from answer
order by oldest_created_at asc nulls last, age asc
