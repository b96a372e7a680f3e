-- What `silver_tasks` makes of Bronze's objects, in DuckDB: the same columns, faults and grains, in a like layout.
-- {objects} are under {lake}; the tables go to {silver}.

create macro is_wrong(is_there, value, is_null) as is_there and value is null and not coalesce(is_null, false);
-- Of 18 digits, which is up to the year 9999: DuckDB reads longer ones a hundred times slower.
create macro seconds(text) as try_cast(text as decimal(18, 6));
create macro moment(text) as
    case when seconds(text) between 0 and 253402300799
        then make_timestamp((seconds(text)::decimal(38, 6) * 1000000)::bigint) end;
create macro day(text) as
    case when regexp_full_match(text, '\d{4}-\d{2}-\d{2}') then try_cast(text as date) end;
create macro enters(before, after, status) as after = status and before is distinct from status;

create temp table parsed as
with images as (
    select
        * exclude (filename),
        substr(filename, length('{lake}') + 2) as bronze_object,
        coalesce(new_image, old_image) as image,
        json_keys(image) as keys,
        from_json(image, '{
            "title": {"S": "VARCHAR", "NULL": "BOOLEAN"}, "description": {"S": "VARCHAR", "NULL": "BOOLEAN"},
            "status": {"S": "VARCHAR", "NULL": "BOOLEAN"}, "priority": {"S": "VARCHAR", "NULL": "BOOLEAN"},
            "category": {"S": "VARCHAR", "NULL": "BOOLEAN"}, "due_date": {"S": "VARCHAR", "NULL": "BOOLEAN"},
            "created_at": {"N": "VARCHAR", "NULL": "BOOLEAN"}, "updated_at": {"N": "VARCHAR", "NULL": "BOOLEAN"},
            "completed_at": {"N": "VARCHAR", "NULL": "BOOLEAN"}, "ttl": {"N": "VARCHAR", "NULL": "BOOLEAN"}
        }') as item,
        list_filter(keys, lambda key: key not in (
            'PK', 'SK', 'GSI1PK', 'GSI1SK', 'GSI2PK', 'GSI2SK', 'GSI3PK', 'GSI3SK', 'GSI4PK', 'GSI4SK',
            'title', 'description', 'status', 'priority', 'category', 'due_date', 'created_at', 'updated_at', 'completed_at', 'ttl'
        )) as undeclared
    from read_parquet({objects}, filename = true)
),

typed as (
    select
        *,
        json_extract_string(old_image, '$.status.S') as old_status,
        case when new_image is not null then item.status.S end as new_status,
        item.title.S as title,
        item.description.S as description,
        item.status.S as status,
        item.priority.S as priority,
        item.category.S as category,
        day(item.due_date.S) as due_date,
        moment(item.created_at.N) as created_at,
        moment(item.updated_at.N) as updated_at,
        moment(item.completed_at.N) as completed_at,
        moment(item.ttl.N) as ttl,
        map(
            undeclared, list_transform(undeclared, lambda key: json_extract(image, '$."' || key || '"')::varchar)
        ) as extra
    from images
),

judged as (
    select
        *,
        nullif(concat_ws(
            '; ',
            case when (event_name <> 'REMOVE' and new_image is null) or (event_name <> 'INSERT' and old_image is null)
                then 'the stream record lacks an image' end,
            case when not json_valid(image) then 'the image is not DynamoDB-JSON' end,
            case when is_wrong('title' in keys, item.title.S, item.title."NULL") then 'title is not of type S' end,
            case when is_wrong('description' in keys, item.description.S, item.description."NULL")
                then 'description is not of type S' end,
            case when is_wrong('status' in keys, item.status.S, item.status."NULL") then 'status is not of type S' end,
            case when not ('status' in keys) or item.status."NULL" then 'status is missing' end,
            case when is_wrong('priority' in keys, item.priority.S, item.priority."NULL")
                then 'priority is not of type S' end,
            case when is_wrong('category' in keys, item.category.S, item.category."NULL")
                then 'category is not of type S' end,
            case when is_wrong('due_date' in keys, due_date, item.due_date."NULL") then 'due_date is not a date' end,
            case when is_wrong('created_at' in keys, created_at, item.created_at."NULL")
                then 'created_at is not a time in Unix seconds' end,
            case when is_wrong('updated_at' in keys, updated_at, item.updated_at."NULL")
                then 'updated_at is not a time in Unix seconds' end,
            case when is_wrong('completed_at' in keys, completed_at, item.completed_at."NULL")
                then 'completed_at is not a time in Unix seconds' end,
            case when is_wrong('ttl' in keys, ttl, item.ttl."NULL") then 'ttl is not a time in Unix seconds' end
        ), '') as reason
    from typed
)

select
    event_id,
    event_name,
    sequence_number,
    changed_at,
    user_id,
    task_id,
    is_ttl_delete,
    old_status,
    new_status,
    title,
    description,
    status,
    priority,
    category,
    due_date,
    created_at,
    updated_at,
    completed_at,
    ttl,
    extra,
    stream_arn,
    ingested_at,
    bronze_object,
    reason,
    case when reason is not null then to_json({new_image: new_image, old_image: old_image}) end as raw
from judged;

copy (select event_id, reason, raw, bronze_object from parsed where reason is not null)
to '{silver}/quarantine.parquet' (compression zstd);

create temp table task_changes as
select * exclude (reason, raw) from parsed where reason is null
qualify row_number() over (partition by event_id order by ingested_at, bronze_object) = 1;

copy (select *, strftime(changed_at, '%Y-%m') as month from task_changes order by changed_at, event_id)
to '{silver}/task_changes' (format parquet, compression zstd, partition_by (month));

copy (
    select
        * exclude (
            event_id, sequence_number, changed_at, event_name, is_ttl_delete, old_status, new_status, stream_arn,
            ingested_at, bronze_object
        ),
        event_name = 'REMOVE' as is_deleted,
        is_deleted and is_ttl_delete as deleted_by_ttl,
        event_id as last_event_id,
        sequence_number as last_sequence_number,
        changed_at as last_changed_at,
        hash(user_id) % 16 as bucket
    from (
        select unnest(arg_max(task_changes, lpad(sequence_number, 40, '0')))
        from task_changes
        group by user_id, task_id
    )
    order by bucket, user_id, task_id
) to '{silver}/tasks' (format parquet, compression zstd, partition_by (bucket));

copy (
    select
        changed_at::date as activity_date,
        user_id,
        count_if(event_name = 'INSERT') as tasks_created,
        count_if(event_name = 'MODIFY') as tasks_updated,
        count_if(enters(old_status, new_status, 'in_progress')) as tasks_started,
        count_if(enters(old_status, new_status, 'completed')) as tasks_completed,
        count_if(enters(old_status, new_status, 'cancelled')) as tasks_cancelled,
        count_if(
            old_status in ('completed', 'cancelled') and new_status in ('pending', 'in_progress')
        ) as tasks_reopened,
        count_if(event_name = 'REMOVE' and not is_ttl_delete) as tasks_deleted,
        count_if(event_name = 'REMOVE' and is_ttl_delete) as tasks_expired,
        avg(epoch(completed_at) - epoch(created_at))
            filter (where enters(old_status, new_status, 'completed')) / 3600 as avg_completion_hours,
        strftime(activity_date, '%Y-%m') as month
    from task_changes
    group by activity_date, user_id
    order by activity_date, user_id
) to '{silver}/tasks_per_user_daily' (format parquet, compression zstd, partition_by (month));
