-- Question:  do we keep our due dates, and does a higher priority help?
-- Answers:   one row per priority, the highest first; 'none' are tasks without one. kept_percent is of the
--            tasks that were completed or are overdue.
-- Reads:     silver.tasks
-- Scans:     all of silver.tasks: of it five short columns
-- Budget:    200 MB
-- Parameter: as_of_date date: the day, UTC: open tasks due before it are overdue; for example date '2025-11-15'
-- Caveat:    only tasks with a due date, not deleted, not cancelled. Of a due date put off the last counts.

with tasks as (
    select
        priority,
        status,
        due_date,
        date(completed_at) as completed_date
    from silver.tasks
    where
        due_date is not null
        and not is_deleted
        and status <> 'cancelled'
),

judged as (
    select
        coalesce(priority, 'none') as priority,
        case
            when status = 'completed' and completed_date <= due_date then 'kept'
            when status = 'completed' then 'late'
            when due_date < ? then 'overdue'
            else 'to come'
        end as verdict
    from tasks
),

by_priority as (
    select
        priority,
        count(*) as tasks,
        count(*) filter (where verdict = 'kept') as kept,
        count(*) filter (where verdict = 'late') as late,
        count(*) filter (where verdict = 'overdue') as overdue,
        count(*) filter (where verdict = 'to come') as still_to_come
    from judged
    group by priority
),

answer as (
    select
        priority,
        tasks,
        kept,
        late,
        overdue,
        still_to_come,
        round(1e2 * kept / nullif(kept + late + overdue, 0), 1) as kept_percent
    from by_priority
)

select * from answer
order by
    case priority when 'urgent' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5 end asc,
    priority asc
