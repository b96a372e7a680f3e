-- Question:  which attributes does the application write that the lake has no column for, and is one worth a column?
-- Answers:   one row per attribute and DynamoDB type, the most tasks first; tasks_percent is of all tasks not deleted.
-- Reads:     silver.tasks
-- Scans:     all of silver.tasks: of it the user and the map alone
-- Budget:    200 MB
-- Caveat:    an attribute with two types needs to be mended in the application first. How one gets a column:
--            docs/schema.md.

with tasks as (
    select
        user_id,
        extra,
        count(*) over () as all_tasks
    from silver.tasks
    where not is_deleted
),

attributes as (
    select
        tasks.user_id,
        tasks.all_tasks,
        added.undeclared_name,
        nullif(regexp_extract(tasks.extra[added.undeclared_name], '^\{"([A-Z]+)"', 1), '') as dynamodb_type
    from tasks
    cross join unnest(map_keys(tasks.extra)) as added (undeclared_name)
),

answer as (
    select
        undeclared_name,
        dynamodb_type,
        count(*) as tasks,
        count(distinct user_id) as active_users,
        round(1e2 * count(*) / max(all_tasks), 1) as tasks_percent
    from attributes
    group by undeclared_name, dynamodb_type
)

select * from answer
order by tasks desc, undeclared_name asc, dynamodb_type asc nulls last
