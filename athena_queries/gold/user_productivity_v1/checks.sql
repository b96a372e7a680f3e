-- fail: the users' tasks add up to those of silver.tasks, and so do the completed ones
with users as (
    select
        coalesce(sum(tasks_created), 0) as tasks_created,
        coalesce(sum(tasks_completed), 0) as tasks_completed
    from gold.user_productivity
),

tasks as (
    select
        count(*) as all_tasks,
        count(*) filter (where status = 'completed') as completed_tasks
    from silver.tasks
)

select
    users.tasks_created,
    tasks.all_tasks,
    users.tasks_completed,
    tasks.completed_tasks
from users
-- cross join: both are one row
cross join tasks
where users.tasks_created != tasks.all_tasks or users.tasks_completed != tasks.completed_tasks;

-- fail: the users' active days add up to those of silver.tasks_per_user_daily
with users as (
    select coalesce(sum(active_days), 0) as active_days
    from gold.user_productivity
),

daily as (
    select count(*) as active_days
    from silver.tasks_per_user_daily
    where tasks_created + tasks_updated + tasks_deleted > 0
)

select
    users.active_days as active_days_of_users,
    daily.active_days as active_days_of_silver
from users
-- cross join: both are one row
cross join daily
where users.active_days != daily.active_days;

-- fail: no user completed more than they created, or took longer at the median than at p95
select
    user_id,
    tasks_created,
    tasks_completed,
    completion_rate,
    median_completion_hours,
    p95_completion_hours
from gold.user_productivity
where
    tasks_completed > tasks_created
    or completion_rate not between 0 and 1
    or median_completion_hours > p95_completion_hours;

-- fail: a user's active days fit between the first and the last of them
select
    user_id,
    active_days,
    first_active_date,
    last_active_date
from gold.user_productivity
where
    active_days > coalesce(date_diff('day', first_active_date, last_active_date) + 1, 0)
    or (active_days = 0 and first_active_date is not null);

-- warn: no user's median is less than no time, as of tasks that are completed before they are created
select
    user_id,
    median_completion_hours
from gold.user_productivity
where median_completion_hours < 0;
