-- gold.api_health_daily: one row per (activity_date, route).
-- Answers: how many requests did each route get each day, how many failed, and how fast were the answers?
-- Reads:   silver.api_requests        Scans: only the days asked for; one row a request
-- Caveat:  a request counts once API Gateway's own line of it is there: until then it has no status.

with requests as (
    select
        date(requested_at) as activity_date,
        coalesce(route, 'unknown') as route,
        status_code,
        latency_ms
    from silver.api_requests
    where status_code is not null
),

ranked as (
    select
        activity_date,
        route,
        status_code,
        latency_ms,
        row_number() over (partition by activity_date, route order by latency_ms asc nulls last) as latency_rank,
        count(latency_ms) over (partition by activity_date, route) as timed_requests
    from requests
),

counted as (
    select
        activity_date,
        route,
        count(*) as requests,
        count(*) filter (where status_code between 400 and 499) as errors_4xx,
        count(*) filter (where status_code between 500 and 599) as errors_5xx,
        min(latency_ms) filter (where 100 * latency_rank >= 50 * timed_requests) as p50_ms,
        min(latency_ms) filter (where 100 * latency_rank >= 95 * timed_requests) as p95_ms,
        min(latency_ms) filter (where 100 * latency_rank >= 99 * timed_requests) as p99_ms
    from ranked
    group by activity_date, route
),

health as (
    select
        activity_date,
        route,
        requests,
        errors_4xx,
        errors_5xx,
        round(cast(errors_5xx as double) / requests, 6) as error_rate,
        p50_ms,
        p95_ms,
        p99_ms
    from counted
)

select * from health
