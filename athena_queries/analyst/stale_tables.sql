-- Question:  how fresh is the lake: which of its tables have fallen behind?
-- Answers:   one row per table, the stalest first; is_stale is null for a table that has no change to tell by.
-- Reads:     gold.lake_freshness
-- Scans:     all of gold.lake_freshness: one row a table
-- Budget:    10 MB
-- Parameter: as_of timestamp: the moment, UTC, from which is counted back; for example timestamp '2025-10-16 06:00:00'
-- Parameter: max_age_hours bigint: a table whose newest change is older is stale; for example 36
-- Caveat:    a table that is one row a day is as new as that day's midnight; and where nobody does anything, nothing is
--            late: behind_hours, behind the newest change anywhere in the lake, tells the two apart.

with freshness as (
    select
        table_name,
        row_count,
        newest_change_at,
        lag_hours,
        (to_unixtime(?) - to_unixtime(newest_change_at)) / 3600 as age_hours
    from gold.lake_freshness
),

answer as (
    select
        table_name,
        row_count,
        newest_change_at,
        round(age_hours, 1) as age_hours,
        round(lag_hours, 1) as behind_hours,
        age_hours > ? as is_stale
    from freshness
)

select * from answer
order by newest_change_at asc nulls first, table_name asc
