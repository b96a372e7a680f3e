-- fail: each of Silver's six tables is there, once
select
    count(*) as rows_there,
    count(distinct table_name) as tables_there
from gold.lake_freshness
having count(*) != 6 or count(distinct table_name) != 6;

-- fail: a table with rows says how fresh it is, the quarantine apart, and none is ahead of the newest
select
    table_name,
    row_count,
    newest_change_at,
    lag_hours
from gold.lake_freshness
where
    (row_count > 0 and table_name != 'silver.quarantine') != (newest_change_at is not null)
    or (newest_change_at is null) != (lag_hours is null)
    or lag_hours < 0;

-- fail: no table has more rows, or a newer change, than the one it is made of
with made_of (table_name, origin_name) as (
    values
    ('silver.tasks', 'silver.task_changes'),
    ('silver.tasks_per_user_daily', 'silver.task_changes'),
    ('silver.api_usage_daily', 'silver.api_requests')
)

select
    made.table_name,
    made.row_count,
    made.newest_change_at,
    origin.table_name as origin_name,
    origin.row_count as origin_row_count,
    origin.newest_change_at as origin_newest_change_at
from made_of
inner join gold.lake_freshness as made on made_of.table_name = made.table_name
inner join gold.lake_freshness as origin on made_of.origin_name = origin.table_name
where made.row_count > origin.row_count or made.newest_change_at > origin.newest_change_at;

-- warn: each table has come to the day that the one it is made of has come to
with made_of (table_name, origin_name) as (
    values
    ('silver.tasks', 'silver.task_changes'),
    ('silver.tasks_per_user_daily', 'silver.task_changes'),
    ('silver.api_usage_daily', 'silver.api_requests')
)

select
    made.table_name,
    made.newest_change_at,
    origin.table_name as origin_name,
    origin.newest_change_at as origin_newest_change_at
from made_of
inner join gold.lake_freshness as made on made_of.table_name = made.table_name
inner join gold.lake_freshness as origin on made_of.origin_name = origin.table_name
where date(made.newest_change_at) is distinct from date(origin.newest_change_at);

-- warn: no table is more than two days behind the newest change
select
    table_name,
    newest_change_at,
    lag_hours
from gold.lake_freshness
where lag_hours > 48;
