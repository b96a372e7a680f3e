-- Scans: all of silver.tasks_per_user_daily

-- fail: each week's categories add up to what silver.tasks_per_user_daily has of its days
with trends as (
    select
        week_start_date,
        sum(tasks_created) as tasks_created,
        sum(tasks_completed) as tasks_completed,
        sum(tasks_deleted) as tasks_deleted
    from gold.category_trends_weekly
    group by week_start_date
),

weeks as (
    select
        cast(date_trunc('week', activity_date) as date) as week_start_date,
        sum(tasks_created) as tasks_created,
        sum(tasks_completed) as tasks_completed,
        sum(tasks_deleted) as tasks_deleted
    from silver.tasks_per_user_daily
    group by cast(date_trunc('week', activity_date) as date)
)

select
    coalesce(trends.week_start_date, weeks.week_start_date) as week_start_date,
    trends.tasks_created,
    weeks.tasks_created as tasks_created_in_silver,
    trends.tasks_completed,
    weeks.tasks_completed as tasks_completed_in_silver,
    trends.tasks_deleted,
    weeks.tasks_deleted as tasks_deleted_in_silver
from trends
full join weeks on trends.week_start_date = weeks.week_start_date
where
    trends.tasks_created is distinct from weeks.tasks_created
    or trends.tasks_completed is distinct from weeks.tasks_completed
    or trends.tasks_deleted is distinct from weeks.tasks_deleted;

-- fail: a week starts on a Monday
select
    week_start_date,
    category
from gold.category_trends_weekly
where week_start_date != cast(date_trunc('week', week_start_date) as date);

-- fail: what was created, completed or deleted was so by a user, and what took time was completed
select
    week_start_date,
    category,
    tasks_created,
    tasks_completed,
    tasks_deleted,
    active_users,
    avg_completion_hours
from gold.category_trends_weekly
where
    (active_users = 0 and tasks_created + tasks_completed + tasks_deleted > 0)
    or (tasks_completed = 0 and avg_completion_hours is not null);

-- warn: a category with completions says how long they took, and no less than no time
select
    week_start_date,
    category,
    tasks_completed,
    avg_completion_hours
from gold.category_trends_weekly
where tasks_completed > 0 and coalesce(avg_completion_hours, -1) < 0;
