-- Question:  which categories have grown since that week?
-- Answers:   one row per category, the one with the most additional tasks first: what was created and completed in the
--            weeks before and in the weeks since.
-- Reads:     gold.category_trends_weekly
-- Scans:     the weeks asked for
-- Budget:    10 MB
-- Parameter: first_week_date date: the Monday of the first week; for example date '2025-10-06'
-- Parameter: last_week_date date: the Monday of the last week; for example date '2025-10-13'
-- Parameter: since_date date: the Monday that parts before from since; for example date '2025-10-13'
-- Caveat:    choose as many weeks before as since, and whole ones. growth_percent is null for a category that is new.

with trends as (
    select
        week_start_date,
        category,
        tasks_created,
        tasks_completed
    from gold.category_trends_weekly
    where
        week_start_date >= ?
        and week_start_date <= ?
),

parted as (
    select
        category,
        tasks_created,
        tasks_completed,
        week_start_date >= ? as is_since
    from trends
),

by_category as (
    select
        category,
        cast(sum(case when is_since then 0 else tasks_created end) as bigint) as tasks_created_before,
        cast(sum(case when is_since then tasks_created else 0 end) as bigint) as tasks_created_since,
        cast(sum(case when is_since then 0 else tasks_completed end) as bigint) as tasks_completed_before,
        cast(sum(case when is_since then tasks_completed else 0 end) as bigint) as tasks_completed_since
    from parted
    group by category
),

answer as (
    select
        category,
        tasks_created_before,
        tasks_created_since,
        tasks_created_since - tasks_created_before as additional_tasks,
        round(1e2 * tasks_created_since / nullif(tasks_created_before, 0) - 100, 1) as growth_percent,
        tasks_completed_before,
        tasks_completed_since
    from by_category
)

select * from answer
order by additional_tasks desc, category asc
