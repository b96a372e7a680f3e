-- Question:  which users have stopped using the application, and how much did they use it before?
-- Answers:   one row per user_id without a change for that many days, the most active ones first.
-- Reads:     gold.user_productivity
-- Scans:     all of gold.user_productivity: one row a user
-- Budget:    10 MB
-- Parameter: as_of_date date: the day, UTC, from which is counted back; for example date '2025-11-15'
-- Parameter: min_quiet_days bigint: how many days without a change make a user quiet; for example 14
-- Caveat:    who only reads their tasks makes no change: that is seen in silver.api_usage_daily.

with users as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        active_days,
        first_active_date,
        last_active_date,
        date_diff('day', last_active_date, ?) as quiet_days
    from gold.user_productivity
),

answer as (
    select
        user_id,
        quiet_days,
        first_active_date,
        last_active_date,
        active_days,
        tasks_created,
        tasks_completed
    from users
    where quiet_days >= ?
)

select * from answer
order by active_days desc, tasks_created desc, user_id asc
