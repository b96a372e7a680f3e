-- Question:  on our busiest days, did we finish as much as came in, and how long had the finished work waited?
-- Answers:   the ten days with the most new tasks, busiest first; one row per activity_date.
-- Reads:     gold.task_throughput_daily
-- Scans:     all of gold.task_throughput_daily: one row a day
-- Budget:    10 MB
-- Caveat:    a task finished today may have come in on another day, so completion_percent can pass 100.

with throughput as (
    select
        activity_date,
        active_users,
        tasks_created,
        tasks_completed,
        avg_completion_hours
    from gold.task_throughput_daily
),

answer as (
    select
        activity_date,
        active_users,
        tasks_created,
        tasks_completed,
        round(1e2 * tasks_completed / nullif(tasks_created, 0), 1) as completion_percent,
        round(avg_completion_hours, 1) as avg_completion_hours
    from throughput
    where tasks_created > 0
)

select * from answer
order by tasks_created desc, activity_date asc
limit 10
