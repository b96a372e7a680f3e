-- gold.lake_freshness: one row per table_name, each of Silver's six tables.
-- Answers: how much does each table hold, and how far is it behind the newest change in the lake?
-- Reads:   all of Silver        Scans: all of it, one column of each
-- Caveat:  a daily table has dates, not times: its newest change is the midnight its newest day began with. The
--          quarantine has none: its time is that of the run that put a row there, and no time of the data.

with tables (table_name, row_count, newest_change_at) as (
    select
        'silver.task_changes',
        count(*),
        max(changed_at)
    from silver.task_changes
    union all
    select
        'silver.tasks',
        count(*),
        max(last_changed_at)
    from silver.tasks
    union all
    select
        'silver.tasks_per_user_daily',
        count(*),
        cast(max(activity_date) as timestamp(6) with time zone)
    from silver.tasks_per_user_daily
    union all
    select
        'silver.api_requests',
        count(*),
        max(requested_at)
    from silver.api_requests
    union all
    select
        'silver.api_usage_daily',
        count(*),
        cast(max(activity_date) as timestamp(6) with time zone)
    from silver.api_usage_daily
    union all
    select
        'silver.quarantine',
        count(*),
        cast(null as timestamp(6) with time zone)
    from silver.quarantine
),

compared as (
    select
        *,
        max(newest_change_at) over () as newest_in_lake_at
    from tables
),

freshness as (
    select
        table_name,
        row_count,
        -- Athena stores no zone: UTC.
        cast(newest_change_at at time zone 'UTC' as timestamp(6)) as newest_change_at,
        round((to_unixtime(newest_in_lake_at) - to_unixtime(newest_change_at)) / 3600, 6) as lag_hours
    from compared
)

select * from freshness
