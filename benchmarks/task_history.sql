-- One row per delivery of a task change that arrives in days $first_day to $last_day, the last not included.
-- A task lives for 14 days at most, so the tasks of the 14 days before are there too: their later changes arrive now.
-- All chance is a hash of the task's number: any days can be made alone, and come out the same.

create or replace macro chance(task, what) as hash(task, what, $seed) / 18446744073709551616.0;
create or replace macro choice(options, task, what) as options[1 + floor(len(options) * chance(task, what))::integer];
create or replace macro text_attribute(name, value) as '"' || name || '":{"S":"' || value || '"}';
create or replace macro number_attribute(name, value) as '"' || name || '":{"N":"' || value || '"}';
create or replace macro index_keys(number, user_id, name, value, task_id) as
    text_attribute('GSI' || number || 'PK', 'USER#' || user_id) || ','
    || text_attribute('GSI' || number || 'SK', name || '#' || value || '#' || task_id);

create or replace temp table deliveries as
with tasks as (
    select
        task,
        -- Zipf: the n-th busiest user has an n-th of the busiest one's tasks.
        'user-' || lpad(floor(5000 ** chance(task, 'user'))::integer::varchar, 5, '0') as user_id,
        substr(md5('task' || task || $seed), 1, 20) as task_id,
        $start + (task + chance(task, 'created')) * 86400 / $tasks_a_day as created,
        choice([0, 1, 2, 2, 3, 3, 4, 4, 4, 5], task, 'changes') as changes,
        chance(task, 'removed') < 0.2 as is_removed,
        chance(task, 'removed') < 0.04 as is_expired,
        choice([
            ['pending', 'in_progress', 'in_progress', 'completed', 'completed', 'completed'],
            ['pending', 'pending', 'in_progress', 'completed', 'pending', 'completed'],
            ['pending', 'completed', 'completed', 'in_progress', 'cancelled', 'cancelled'],
            ['pending', 'cancelled', 'pending', 'pending', 'in_progress', 'completed'],
            ['in_progress', 'in_progress', 'completed', 'completed', 'completed', 'completed']
        ], task, 'path') as statuses,
        choice(['Call', 'Fix', 'Write', 'Review', 'Prüfe', 'Réserver', 'Plan', '確認する:'], task, 'verb') || ' '
            || choice(['the invoice', 'la réunion', 'Müller''s contract', 'slides ✓', '牛乳'], task, 'thing') as title,
        case when chance(task, 'described') < 0.5
            then 'as agreed on ' || (date '2024-06-01' + floor(200 * chance(task, 'agreed'))::integer) end as description,
        case when chance(task, 'urged') < 0.8
            then choice(['low', 'medium', 'high', 'urgent'], task, 'priority') end as priority,
        case when chance(task, 'sorted') < 0.6
            then choice(['work', 'home', 'errands', 'santé', 'study'], task, 'category') end as category,
        case when chance(task, 'due') < 0.4
            then (date '2025-11-01' + floor(30 * chance(task, 'due date'))::integer)::varchar end as due_date,
        -- Nobody declared these: one in a hundred tasks has each.
        case floor(100 * chance(task, 'more'))
            when 0 then ',"tags":{"SS":["errands","work"]}'
            when 1 then ',"estimate_minutes":{"N":"12345678901234567890123456789012345678"}'
            else ''
        end as undeclared
    from range($first_task, $last_task) as numbers (task)
),

steps as (
    select
        *,
        step > changes as is_last,
        -- The n-th of m later changes comes in the n-th m-th of the task's 14 days.
        created
            + if(step = 0, 0, (step - 1 + chance(task, step)) * 14 * 86400 / (changes + is_removed::integer)) as moment,
        statuses[step + 1] as status
    from tasks, lateral unnest(range(0, 1 + changes + is_removed::integer)) as numbered (step)
),

entries as (
    select
        *,
        floor(moment)::bigint as updated_at,
        lag(status) over history as status_before,
        if(status = 'completed' and status_before is distinct from status, updated_at, null) as completed_now
    from steps
    window history as (partition by task order by step)
),

versions as (
    select
        *,
        if(status = 'completed', max(completed_now) over (partition by task order by step), null) as completed_at,
        if(is_expired, max(updated_at) over (partition by task), null) as expires_at
    from entries
),

images as (
    select
        *,
        if(is_last, null, concat(
            '{', text_attribute('PK', 'TASK#' || user_id), ',', text_attribute('SK', 'TASK#' || task_id), ',',
            index_keys(1, user_id, 'STATUS', status, task_id),
            ',' || index_keys(2, user_id, 'PRIORITY', priority, task_id),
            ',' || index_keys(3, user_id, 'CATEGORY', category, task_id),
            ',' || index_keys(4, user_id, 'DUE_DATE', due_date, task_id),
            ',', text_attribute('title', title || if(status = status_before, ' (' || step || ')', '')),
            ',', text_attribute('status', status),
            ',', number_attribute('created_at', floor(created)::bigint),
            ',', number_attribute('updated_at', updated_at),
            ',' || text_attribute('description', description), ',' || text_attribute('priority', priority),
            ',' || text_attribute('category', category), ',' || text_attribute('due_date', due_date),
            ',' || number_attribute('completed_at', completed_at),
            ',' || number_attribute('ttl', coalesce(expires_at, completed_at + 30 * 86400)),
            undeclared, '}'
        )) as new_image
    from versions
),

changes as (
    select
        md5('event' || task || '.' || step || $seed) as event_id,
        case when step = 0 then 'INSERT' when is_last then 'REMOVE' else 'MODIFY' end as event_name,
        -- Of 21 digits, and from the 117th day on of 22: as text they would sort wrongly.
        (999999990000000000000::hugeint + ((moment - $start) * 1000000)::bigint)::varchar as sequence_number,
        to_timestamp(updated_at)::timestamp as changed_at,
        user_id,
        task_id,
        to_timestamp(created)::date as event_date,
        is_last and is_expired as is_ttl_delete,
        new_image,
        lag(new_image) over (partition by task order by step) as old_image,
        'arn:aws:dynamodb:us-east-1:123456789012:table/todo-app-data/stream/2025-09-01T00:00:00.000' as stream_arn,
        moment + 1 + chance(task, 'wrapped') as arrival,
        -- One in a hundred is delivered again, within six hours.
        if(chance(task, 'again' || step) < 0.01, moment + 90 + 21600 * chance(task, 'again'), null) as second_arrival
    from images
)

select
    * exclude (arrival, second_arrival, delivery),
    make_timestamp((delivery * 1000)::bigint * 1000) as ingested_at,
    null::varchar as images_object
from (select *, unnest([arrival, second_arrival]) as delivery from changes)
where delivery >= $start + $first_day * 86400 and delivery < $start + $last_day * 86400;
