-- Scans: all of silver.task_changes

-- fail: each day counts every change that silver.task_changes has of it
with throughput as (
    select
        activity_date,
        tasks_created + tasks_updated + tasks_deleted + tasks_expired as counted_changes
    from gold.task_throughput_daily
),

changes as (
    select
        date(changed_at) as activity_date,
        count(*) as changes
    from silver.task_changes
    group by date(changed_at)
)

select
    coalesce(changes.activity_date, throughput.activity_date) as activity_date,
    changes.changes,
    throughput.counted_changes
from changes
full join throughput on changes.activity_date = throughput.activity_date
where changes.changes is distinct from throughput.counted_changes;

-- fail: a change enters one status at most, and only an edit reopens a task
select
    activity_date,
    tasks_created,
    tasks_updated,
    tasks_started,
    tasks_completed,
    tasks_cancelled,
    tasks_reopened
from gold.task_throughput_daily
where
    tasks_started + tasks_completed + tasks_cancelled > tasks_created + tasks_updated
    or tasks_reopened > tasks_updated;

-- fail: a day has users, and no more of them than changes
select
    activity_date,
    active_users
from gold.task_throughput_daily
where active_users not between 1 and tasks_created + tasks_updated + tasks_deleted + tasks_expired;

-- warn: a day with completions says how long they took
select
    activity_date,
    tasks_completed
from gold.task_throughput_daily
where tasks_completed > 0 and avg_completion_hours is null;
