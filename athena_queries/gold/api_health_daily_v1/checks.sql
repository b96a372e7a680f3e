-- Scans: all of silver.api_usage_daily

-- fail: each day and route counts what silver.api_usage_daily counts of its users
with usage as (
    select
        activity_date,
        route,
        sum(requests) as requests,
        sum(errors_4xx) as errors_4xx,
        sum(errors_5xx) as errors_5xx
    from silver.api_usage_daily
    group by activity_date, route
)

select
    coalesce(health.activity_date, usage.activity_date) as activity_date,
    coalesce(health.route, usage.route) as route,
    health.requests,
    usage.requests as requests_in_silver,
    health.errors_4xx,
    usage.errors_4xx as errors_4xx_in_silver,
    health.errors_5xx,
    usage.errors_5xx as errors_5xx_in_silver
from gold.api_health_daily as health
full join usage on health.activity_date = usage.activity_date and health.route = usage.route
where
    health.requests is distinct from usage.requests
    or health.errors_4xx is distinct from usage.errors_4xx
    or health.errors_5xx is distinct from usage.errors_5xx;

-- fail: the percentiles rise, and all of them are there or none is
select
    activity_date,
    route,
    p50_ms,
    p95_ms,
    p99_ms
from gold.api_health_daily
where
    p50_ms > p95_ms
    or p95_ms > p99_ms
    or (p50_ms is null) != (p95_ms is null)
    or (p95_ms is null) != (p99_ms is null);

-- fail: no more requests failed than were made, and the rate is that of the counts
select
    activity_date,
    route,
    requests,
    errors_4xx,
    errors_5xx,
    error_rate
from gold.api_health_daily
where
    requests < 1
    or errors_4xx + errors_5xx > requests
    or error_rate is null
    or abs(error_rate * requests - errors_5xx) > 1e-6 * requests;

-- warn: a route with requests says how long its answers took, and no less than no time
select
    activity_date,
    route,
    requests,
    p50_ms
from gold.api_health_daily
where coalesce(p50_ms, -1) < 0;
