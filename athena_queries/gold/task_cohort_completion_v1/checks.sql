-- fail: the days' tasks add up to those of silver.tasks that say when they were created
with cohorts as (
    select coalesce(sum(tasks_created), 0) as tasks_created
    from gold.task_cohort_completion
),

tasks as (
    select count(created_at) as dated_tasks
    from silver.tasks
)

select
    cohorts.tasks_created,
    tasks.dated_tasks
from cohorts
-- cross join: both are one row
cross join tasks
where cohorts.tasks_created != tasks.dated_tasks;

-- fail: what was completed in a shorter time is among what was completed in a longer one
select
    created_date,
    tasks_created,
    completed_within_1_day,
    completed_within_3_days,
    completed_within_7_days,
    completed_within_30_days
from gold.task_cohort_completion
where
    completed_within_1_day < 0
    or completed_within_1_day > completed_within_3_days
    or completed_within_3_days > completed_within_7_days
    or completed_within_7_days > completed_within_30_days
    or completed_within_30_days > tasks_created;

-- fail: the rate is that of the counts
select
    created_date,
    tasks_created,
    completed_within_30_days,
    completion_rate_30_days
from gold.task_cohort_completion
where
    completion_rate_30_days is null
    or abs(completion_rate_30_days * tasks_created - completed_within_30_days) > 1e-6 * tasks_created;

-- fail: no more tasks were completed in time than silver.tasks has completed ones
with cohorts as (
    select coalesce(sum(completed_within_30_days), 0) as completed_within_30_days
    from gold.task_cohort_completion
),

tasks as (
    select count(*) as completed_tasks
    from silver.tasks
    where status = 'completed'
)

select
    cohorts.completed_within_30_days,
    tasks.completed_tasks
from cohorts
-- cross join: both are one row
cross join tasks
where cohorts.completed_within_30_days > tasks.completed_tasks;

-- warn: every task says when it was created
select count(*) as tasks_of_no_day
from silver.tasks
where created_at is null
having count(*) > 0;

-- warn: no task was completed before it was created, which counts as within a day
select
    user_id,
    task_id,
    created_at,
    completed_at
from silver.tasks
where status = 'completed' and completed_at < created_at;

-- warn: no day lies after that of the newest change
with newest as (
    select date(max(last_changed_at)) as newest_date
    from silver.tasks
)

select
    cohorts.created_date,
    newest.newest_date
from gold.task_cohort_completion as cohorts
-- cross join: newest is one row
cross join newest
where cohorts.created_date > newest.newest_date;
