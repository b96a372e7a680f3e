-- Question:  this user says that it does not work: which of their requests failed, and why?
-- Answers:   one row per request that was refused (4xx) or failed (5xx), the newest first.
-- Reads:     silver.api_requests
-- Scans:     the months of the days asked for, and in them the row groups that have the days: all users' requests
-- Budget:    40 MB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Parameter: first_date date: the first day, UTC; for example date '2025-10-15'
-- Parameter: last_date date: the last day, UTC, itself included; for example date '2025-10-15'
-- Caveat:    a request without a valid session has no user: it is under 'anonymous'. The error is what the application
--            wrote, and may quote what the user typed.

with requests as (
    select
        requested_at,
        request_id,
        method,
        route,
        status_code,
        latency_ms,
        error
    from silver.api_requests
    where
        user_id = ?
        and requested_at >= ?
        and requested_at < ? + interval '1' day
        and status_code >= 400
),

answer as (
    select
        requested_at,
        request_id,
        method,
        route,
        status_code,
        latency_ms,
        error
    from requests
)

select * from answer
order by requested_at desc, request_id asc
