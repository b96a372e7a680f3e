-- Question:  what could the lake not read, since when, and does it still come?
-- Answers:   one row per source and reason, the most rows first.
-- Reads:     silver.quarantine
-- Scans:     all of silver.quarantine: a handful of rows a day, and of them not the raw text
-- Budget:    10 MB
-- Caveat:    a row with several faults has them in one reason. A row leaves with `make replay-quarantine`.

with quarantined as (
    select
        source,
        reason,
        bronze_object,
        quarantined_at
    from silver.quarantine
),

answer as (
    select
        source,
        reason,
        count(*) as quarantined_rows,
        count(distinct bronze_object) as bronze_objects,
        min(quarantined_at) as first_quarantined_at,
        max(quarantined_at) as last_quarantined_at
    from quarantined
    group by source, reason
)

select * from answer
order by quarantined_rows desc, source asc, reason asc
