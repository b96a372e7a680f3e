-- fail: the tasks add up to the open ones of silver.tasks
with counted as (
    select coalesce(sum(tasks), 0) as counted_tasks
    from gold.task_status_current
),

open_tasks as (
    select count(*) as open_tasks
    from silver.tasks
    where status in ('pending', 'in_progress') and not is_deleted
)

select
    counted.counted_tasks,
    open_tasks.open_tasks
from counted
-- cross join: both are one row
cross join open_tasks
where counted.counted_tasks != open_tasks.open_tasks;

-- fail: no row is without a task, and none has more overdue tasks than tasks
select
    status,
    priority,
    category,
    age,
    tasks,
    overdue_tasks
from gold.task_status_current
where tasks < 1 or overdue_tasks > tasks;

-- fail: the oldest task of a row is of the row's age
with aged as (
    select
        status,
        priority,
        category,
        age,
        date_diff('day', date(oldest_created_at), as_of_date) as oldest_days
    from gold.task_status_current
)

select
    status,
    priority,
    category,
    age,
    oldest_days
from aged
where
    (age = '0-1 days' and oldest_days > 1)
    or (age = '2-7 days' and oldest_days not between 2 and 7)
    or (age = '8-30 days' and oldest_days not between 8 and 30)
    or (age = 'over 30 days' and oldest_days <= 30)
    or (age = 'unknown') != (oldest_days is null);

-- fail: all rows are as of the same day, that of the newest change
with newest as (
    select date(max(last_changed_at)) as newest_date
    from silver.tasks
)

select distinct
    status_current.as_of_date,
    newest.newest_date
from gold.task_status_current as status_current
-- cross join: newest is one row
cross join newest
where status_current.as_of_date is distinct from newest.newest_date;

-- warn: every open task says when it was created, and none was created after the newest change
select
    status,
    priority,
    category,
    age,
    tasks,
    oldest_created_at
from gold.task_status_current
where age = 'unknown' or date(oldest_created_at) > as_of_date;
