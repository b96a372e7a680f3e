-- Question:  do users get less done on days on which the API fails them?
-- Answers:   one row per number of failed requests (5xx) that a user met on a day, 3 being 3 or more: what was done
--            on such a day, on average.
-- Reads:     silver.api_usage_daily, silver.tasks_per_user_daily
-- Scans:     all of silver.api_usage_daily and all of silver.tasks_per_user_daily: one row a day, user and route
-- Budget:    50 MB
-- Caveat:    who does more meets more errors: compare completed_per_100_requests, not the changes alone.

with usage as (
    select
        activity_date,
        user_id,
        cast(sum(requests) as bigint) as requests,
        cast(sum(errors_5xx) as bigint) as errors_5xx
    from silver.api_usage_daily
    where user_id <> 'anonymous'
    group by activity_date, user_id
),

work as (
    select
        activity_date,
        user_id,
        tasks_created,
        tasks_completed
    from silver.tasks_per_user_daily
),

-- Who sent requests and changed nothing is in the usage alone.
days as (
    select
        usage.requests,
        coalesce(work.tasks_created, 0) as tasks_created,
        coalesce(work.tasks_completed, 0) as tasks_completed,
        least(usage.errors_5xx, 3) as errors_5xx
    from usage
    left join work
        on
            usage.activity_date = work.activity_date
            and usage.user_id = work.user_id
),

answer as (
    select
        errors_5xx,
        count(*) as user_days,
        round(1e0 * sum(requests) / count(*), 2) as requests_per_day,
        round(1e0 * sum(tasks_created) / count(*), 2) as created_per_day,
        round(1e0 * sum(tasks_completed) / count(*), 2) as completed_per_day,
        round(1e2 * sum(tasks_completed) / nullif(sum(requests), 0), 1) as completed_per_100_requests
    from days
    group by errors_5xx
)

select * from answer
order by errors_5xx asc
