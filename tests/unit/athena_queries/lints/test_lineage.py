import pytest

from athena_queries.gold_table import GoldTable, read_gold_tables
from athena_queries.lake_tables import SILVER, lake_tables
from athena_queries.lints.lineage import LineageError, Source, lineage
from athena_queries.lints.personal_text import OPEN_TEXT, is_personal, personal_text
from athena_queries.sql import parse

GOLD = read_gold_tables()
TABLES = lake_tables(GOLD)


def made_of(sql: str) -> dict[str, list[str]]:
    return {column: sorted(map(str, sources)) for column, sources in lineage(parse(sql), TABLES).items()}


@pytest.mark.parametrize("table", GOLD, ids=lambda table: table.name)
def test_no_column_of_gold_is_made_of_personal_text(table: GoldTable) -> None:
    assert personal_text(parse(table.sql), TABLES) == {}
    assert list(lineage(parse(table.sql), TABLES)) == list(table.columns)


@pytest.mark.parametrize(
    ("sql", "source"),
    [
        ("select title as x from silver.tasks", "title"),
        ("select max(description) as x from silver.tasks", "description"),
        ("select concat(user_id, ': ', title) as x from silver.tasks", "title"),
        ("select user_id || title as x from silver.tasks", "title"),
        ("select count(distinct title) as x from silver.tasks", "title"),
        ("select max_by(task_id, title) as x from silver.tasks", "title"),
        ("select array_join(array_agg(title order by task_id), ',') as x from silver.tasks", "title"),
        ("select listagg(title, ',') within group (order by task_id) as x from silver.tasks", "title"),
        ("select count(*) filter (where title is null) as x from silver.tasks", "title"),
        ("select json_extract_scalar(description, '$.a') as x from silver.tasks", "description"),
        ("select extra['note'] as x from silver.tasks", "extra"),
        ("select element_at(extra, 'note') as x from silver.tasks", "extra"),
        ("select cast(extra['minutes'] as bigint) as x from silver.tasks", "extra"),
        ("select transform(map_values(extra), v -> upper(v)) as x from silver.tasks", "extra"),
        ("select v as x from silver.tasks cross join unnest(extra) as t (k, v)", "extra"),
        ("select k as x from silver.tasks as s, unnest(map_keys(s.extra)) with ordinality as t (k, n)", "extra"),
        ("select b.x from silver.tasks, unnest(map_values(extra)) as a (y), unnest(split(y, ' ')) as b (x)", "extra"),
        ("select l.x from silver.tasks cross join lateral (select title as x) as l", "title"),
        ("select cast(row(title) as row(t varchar)).t as x from silver.tasks", "title"),
        ("select s.t as x from (select cast(row(title) as row(t varchar)) as s from silver.tasks) as r", "title"),
        ("select first_value(title) over (partition by user_id order by task_id) as x from silver.tasks", "title"),
        ("select row_number() over (partition by title order by task_id) as x from silver.tasks", "title"),
        ("select user_id as x from silver.tasks union all select title from silver.tasks", "title"),
        ("(select user_id as x from silver.tasks) except (select title from silver.tasks)", "title"),
        ("select x from (select title, ttl from silver.tasks) as q (x, y)", "title"),
        ("with q (x, y) as (select title, ttl from silver.tasks) select x from q", "title"),
        ("with a as (with b as (select title from silver.tasks) select title as x from b) select * from a", "title"),
        ("with tasks as (select title as user_id from silver.tasks) select user_id as x from tasks", "title"),
        ("select (select max(title) from silver.tasks where user_id = u.user_id) as x from silver.tasks as u", "title"),
        ("select (select max(u.title) from silver.task_changes as t) as x from silver.tasks as u", "title"),
        ("select (select title) as x from silver.tasks", "title"),
        ("select x from (values ((select max(title) from silver.tasks))) as t (x)", "title"),
        ("select x from unnest(array(select title from silver.tasks)) as t (x)", "title"),
        ("select exists (select 1 from silver.tasks where title = 'a') as x from silver.task_changes", "title"),
        ("select j.title as x from (silver.tasks as j cross join silver.api_requests)", "title"),
        ("SELECT Title AS X FROM SILVER.TASKS", "title"),
    ],
)  # fmt: skip
def test_personal_text_is_found_however_it_gets_there(sql: str, source: str) -> None:
    assert Source("silver.tasks", source) in personal_text(parse(sql), TABLES)["x"]


def test_a_title_is_followed_through_ctes_a_case_and_a_star() -> None:
    sql = """
        with titled as (select user_id, title as words, created_at from silver.tasks),
        named as (select *, case when user_id = 'ada' then words else 'somebody' end as label from titled),
        joined as (select named.*, u.tasks_created from named join silver.tasks_per_user_daily as u using (user_id))
        select user_id, label, max(tasks_created) as most from joined group by user_id, label
    """
    assert made_of(sql) == {
        "user_id": ["silver.tasks.user_id"],
        "label": ["silver.tasks.title", "silver.tasks.user_id"],
        "most": ["silver.tasks_per_user_daily.tasks_created"],
    }


@pytest.mark.parametrize(
    ("column", "source"),
    [
        ("access.integration_error", "silver.api_requests.access"),
        ("r.application_error.message", "silver.api_requests.application_error"),
        ("coalesce(error, 'none')", "silver.api_requests.error"),
    ],
)
def test_a_struct_is_personal_whole_and_so_is_what_the_application_wrote(column: str, source: str) -> None:
    found = personal_text(parse(f"select {column} as x from silver.api_requests as r"), TABLES)
    assert [str(each) for each in found["x"]] == [source]


def test_bronze_is_personal() -> None:
    assert personal_text(parse("select max(new_image) as x from bronze.task_changes"), TABLES)
    assert personal_text(parse("select reason from silver.quarantine"), TABLES)


def test_what_only_decides_which_rows_there_are_makes_no_value() -> None:
    sql = "select count(*) as tasks from silver.tasks where title like 'a%' group by description"
    assert made_of(sql) == {"tasks": []}


def test_a_column_that_is_called_like_personal_text_need_not_be_any() -> None:
    sql = "with a as (select status as title, title as status from silver.tasks) select title from a"
    assert personal_text(parse(sql), TABLES) == {}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select x\nfrom silver.other", "the lake has no table silver.other"),
        ("select *\nfrom other", "the lake has no table other"),
        ("select\nnothing from silver.tasks", "Column 'nothing' could not be resolved"),
        ("select *\nfrom silver.tasks pivot (max(title) for status in ('a', 'b'))", "a pivot cannot be followed"),
        ("with recursive\nr (n) as (select 1 union all select n + 1 from r) select n from r", "a recursive CTE"),
    ],
)
def test_what_cannot_be_followed_is_an_error_at_its_line(sql: str, said: str) -> None:
    with pytest.raises(LineageError, match=said) as error:
        lineage(parse(sql), TABLES)
    assert error.value.line == 2


def test_a_name_that_two_columns_have_hides_neither() -> None:
    with pytest.raises(LineageError, match="two columns of one SELECT have the same name"):
        lineage(parse("select title as a, user_id as a from silver.tasks"), TABLES)


def test_an_attribute_that_is_promoted_is_personal_until_it_is_listed() -> None:
    promoted = {**TABLES["silver.tasks"].columns, "route": "varchar", "effort": "bigint"}
    tables = {**TABLES, "silver.tasks": type(TABLES["silver.tasks"])(promoted)}
    assert is_personal(Source("silver.tasks", "route"), tables)
    assert not is_personal(Source("silver.tasks", "effort"), tables)
    assert not is_personal(Source("silver.api_requests", "route"), tables)


def test_the_list_of_open_text_names_nothing_but_texts_of_silver() -> None:
    assert OPEN_TEXT.keys() <= {table.full_name for table in SILVER}
    for table, columns in OPEN_TEXT.items():
        assert {TABLES[table].columns[column] for column in columns} == {"varchar"}
    named = {column for columns in OPEN_TEXT.values() for column in columns}
    assert not named & {"title", "description", "extra", "raw", "reason", "error", "access", "bronze_object"}
