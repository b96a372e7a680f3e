-- Question:  week by week, does more work come in than we close?
-- Answers:   one row per week that had a change, by its Monday, oldest first; balance is what came in (created or
--            reopened) less what was closed (completed or cancelled).
-- Reads:     gold.task_throughput_daily
-- Scans:     the days asked for
-- Budget:    10 MB
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-01'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-31'
-- Caveat:    the first and the last week have only the days asked for. Deletions are not in the balance: a deleted task
--            may have been closed before.

with throughput as (
    select
        activity_date,
        tasks_created,
        tasks_completed,
        tasks_cancelled,
        tasks_reopened,
        tasks_deleted,
        tasks_expired
    from gold.task_throughput_daily
    where
        activity_date >= ?
        and activity_date <= ?
),

weekly as (
    select
        cast(date_trunc('week', activity_date) as date) as week_start_date,
        count(*) as days_with_changes,
        cast(sum(tasks_created) as bigint) as tasks_created,
        cast(sum(tasks_reopened) as bigint) as tasks_reopened,
        cast(sum(tasks_completed) as bigint) as tasks_completed,
        cast(sum(tasks_cancelled) as bigint) as tasks_cancelled,
        cast(sum(tasks_deleted + tasks_expired) as bigint) as tasks_removed
    from throughput
    group by date_trunc('week', activity_date)
),

answer as (
    select
        week_start_date,
        days_with_changes,
        tasks_created,
        tasks_reopened,
        tasks_completed,
        tasks_cancelled,
        tasks_removed,
        tasks_created + tasks_reopened - tasks_completed - tasks_cancelled as balance
    from weekly
)

select * from answer
order by week_start_date asc
