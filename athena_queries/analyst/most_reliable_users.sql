-- Question:  which users finish the largest part of what they create, and how fast?
-- Answers:   the twenty users with the highest completion rate; one row per user_id.
-- Reads:     gold.user_productivity
-- Scans:     all of gold.user_productivity: one row a user
-- Budget:    10 MB
-- Parameter: min_tasks_created bigint: users with fewer tasks are left out; for example 5
-- Caveat:    who created their tasks lately had little time to finish them.

with users as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        completion_rate,
        median_completion_hours,
        p95_completion_hours,
        active_days
    from gold.user_productivity
    where
        tasks_created >= ?
        and completion_rate is not null
),

answer as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        round(1e2 * completion_rate, 1) as completion_percent,
        round(median_completion_hours, 1) as median_completion_hours,
        round(p95_completion_hours, 1) as p95_completion_hours,
        active_days
    from users
)

select * from answer
order by completion_percent desc, tasks_completed desc, user_id asc
limit 20
