-- Question:  which routes of the API are slow, and on which day were they slowest?
-- Answers:   one row per route, the one with the slowest day first.
-- Reads:     gold.api_health_daily
-- Scans:     the days asked for
-- Budget:    10 MB
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-01'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-31'
-- Caveat:    percentiles of days do not add up to one of a month: these are the slowest day's own. Of equally slow days
--            it is the first.

with health as (
    select
        activity_date,
        route,
        requests,
        p50_ms,
        p95_ms,
        p99_ms
    from gold.api_health_daily
    where
        activity_date >= ?
        and activity_date <= ?
),

ranked as (
    select
        activity_date,
        route,
        p50_ms,
        p95_ms,
        p99_ms,
        sum(requests) over (partition by route) as requests,
        row_number() over (partition by route order by p95_ms desc nulls last, activity_date asc) as slowness
    from health
),

answer as (
    select
        route,
        cast(requests as bigint) as requests,
        activity_date as slowest_date,
        p50_ms,
        p95_ms,
        p99_ms
    from ranked
    where slowness = 1
)

select * from answer
order by p95_ms desc nulls last, route asc
