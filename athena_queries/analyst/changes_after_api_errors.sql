-- Question:  when the API fails a user's write, does a change come all the same (a retry, or it went through), or is it
--            lost?
-- Answers:   one row per method, route and outcome of writing requests: how many were followed by a change of one of
--            the same user's tasks; most requests first.
-- Reads:     silver.api_requests, silver.task_changes
-- Scans:     of both tables the months of the days asked for, and in them the row groups that have the days
-- Budget:    40 MB
-- Parameter: first_request_date date: the first day of requests, UTC; for example date '2025-10-15'
-- Parameter: last_request_date date: the last day of requests, included; for example date '2025-10-15'
-- Parameter: first_change_date date: the first day of changes; for example date '2025-10-15'
-- Parameter: last_change_date date: the last day of changes: of requests, or the next; for example date '2025-10-16'
-- Parameter: window_seconds bigint: how long after a request a change is waited for; for example 60
-- Caveat:    a change within the window may be another request's: who works fast is counted as followed. Requests
--            without a user are left out: there is nobody whose changes they could be.

with requests as (
    select
        request_id,
        user_id,
        requested_at,
        method,
        route,
        case
            when status_code >= 500 then 'server error'
            when status_code >= 400 then 'refused'
            else 'answered'
        end as outcome
    from silver.api_requests
    where
        requested_at >= ?
        and requested_at < ? + interval '1' day
        and method in ('POST', 'PUT', 'PATCH', 'DELETE')
        and status_code is not null
        and user_id <> 'anonymous'
),

changes as (
    select
        user_id,
        changed_at
    from silver.task_changes
    where
        changed_at >= ?
        and changed_at < ? + interval '1' day
        and not coalesce(is_ttl_delete, false)
),

-- changed_at is whole seconds, cut off: a change can seem up to a second older than its request.
followed as (
    select distinct
        requests.request_id,
        requests.requested_at
    from requests
    inner join changes on requests.user_id = changes.user_id
    where to_unixtime(changes.changed_at) - to_unixtime(requests.requested_at) between -1 and ?
),

-- A client may choose a request_id, and choose it again: with its time it is one request's.
judged as (
    select
        requests.method,
        requests.route,
        requests.outcome,
        requests.user_id,
        followed.request_id is not null as is_followed
    from requests
    left join followed
        on
            requests.request_id = followed.request_id
            and requests.requested_at = followed.requested_at
),

answer as (
    select
        method,
        route,
        outcome,
        count(*) as requests,
        count(distinct user_id) as active_users,
        count(*) filter (where is_followed) as followed_by_change,
        round(1e2 * count(*) filter (where is_followed) / count(*), 1) as followed_percent
    from judged
    group by method, route, outcome
)

select * from answer
order by requests desc, method asc, route asc nulls last, outcome asc
