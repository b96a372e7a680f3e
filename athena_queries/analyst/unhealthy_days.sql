-- Question:  on which days did the API fail too many requests, and on which routes?
-- Answers:   one row per activity_date and route whose part of 5xx answers reached the limit, the worst first.
-- Reads:     gold.api_health_daily
-- Scans:     the days asked for
-- Budget:    10 MB
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-01'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-31'
-- Parameter: min_requests bigint: routes with fewer requests on a day are left out; for example 20
-- Parameter: min_error_percent double: the limit, 0 to 100; for example 1e0
-- Caveat:    4xx are the client's faults and do not count against the limit; they are shown.

with health as (
    select
        activity_date,
        route,
        requests,
        errors_4xx,
        errors_5xx,
        p95_ms,
        1e2 * errors_5xx / nullif(requests, 0) as error_percent
    from gold.api_health_daily
    where
        activity_date >= ?
        and activity_date <= ?
        and requests >= ?
),

answer as (
    select
        activity_date,
        route,
        requests,
        errors_4xx,
        errors_5xx,
        round(error_percent, 1) as error_percent,
        p95_ms
    from health
    where error_percent >= ?
)

select * from answer
order by error_percent desc, activity_date asc, route asc
