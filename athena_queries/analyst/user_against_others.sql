-- Question:  how does this user compare with the others: are they among those who finish much, often and fast?
-- Answers:   one row, or none for a user whom the lake does not know; each *_than_percent is the part of the
--            other users, 0 to 100, whom this one is ahead of.
-- Reads:     gold.user_productivity
-- Scans:     all of gold.user_productivity: one row a user
-- Budget:    10 MB
-- Parameter: user_id varchar: the user; for example 'Siobhán O''Connor'
-- Caveat:    who finished no task has no hours, who created none no rate: there all others are ahead of them.

with users as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        completion_rate,
        median_completion_hours
    from gold.user_productivity
),

ranked as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        completion_rate,
        median_completion_hours,
        percent_rank() over (order by tasks_completed asc) as more_than,
        percent_rank() over (order by completion_rate asc nulls first) as more_often_than,
        percent_rank() over (order by median_completion_hours desc nulls first) as faster_than
    from users
),

answer as (
    select
        user_id,
        tasks_created,
        tasks_completed,
        round(1e2 * completion_rate, 1) as completion_percent,
        round(median_completion_hours, 1) as median_completion_hours,
        round(1e2 * more_than, 1) as finishes_more_than_percent,
        round(1e2 * more_often_than, 1) as finishes_more_often_than_percent,
        round(1e2 * faster_than, 1) as finishes_faster_than_percent
    from ranked
    where user_id = ?
)

select * from answer
order by user_id asc
