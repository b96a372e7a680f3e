import pytest
from sqlglot import exp

from athena_queries.sql import QueryError, parse, tables_of, with_parameters, with_table

FAULTS = {
    "-- c\nselect\n  a,\n  from where x": 'line 4, column 12: Expected table name, at "where"',
    "select\n  (1\n\n": 'line 2, column 4: Expecting ), at "1"',
    "selct a\nfrom b": 'line 2, column 4: Invalid expression / Unexpected token, at "from"',
    "select a\nfrom b\nwhere": "line 3, column 5: Required keyword: 'this' missing, at \"where\"",
    "select 'it''s',\n  'é' as \"a\n from b": 'line 2, column 10: " is never closed',
    "select 1 -- it's\n + /* \n": "line 2, column 4: /* is never closed",
    "select 1;\n\n;select 2": "line 3: one SELECT statement is expected, a second begins here",
    "\ndrop table silver.tasks": "line 2: one SELECT statement is expected, and nothing else",
    "show tables": "line 1: one SELECT statement is expected, and nothing else",
    "": "line 1: no SQL in it: one SELECT statement is expected",
    "-- only a comment\n": "line 1: no SQL in it: one SELECT statement is expected",
}


@pytest.mark.parametrize(("sql", "said"), FAULTS.items())
def test_what_is_no_select_says_its_line_and_why(sql: str, said: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(sql)
    assert str(error.value) == said


@pytest.mark.parametrize("sql", ["select 1;", "with a as (select 1) select * from a", "select 1 union all select 2"])
def test_one_select_is_parsed(sql: str) -> None:
    assert isinstance(parse(sql), exp.Query)


def test_the_place_that_an_engine_names_is_the_errors_own() -> None:
    error = QueryError("COLUMN_NOT_FOUND: line 12:5: Column 'nothing' cannot be resolved\n")
    assert (error.line, error.column, error.said) == (12, 5, "COLUMN_NOT_FOUND: Column 'nothing' cannot be resolved")
    assert QueryError("out of memory").line is None


def test_a_querys_own_names_are_no_tables() -> None:
    query = parse("with tasks as (select 1 from silver.TASKS) select * from tasks, unnest(sequence(1, 2)) as t(n)")
    assert tables_of(query) == {"silver.tasks"}


def test_a_querys_own_names_have_no_case() -> None:
    sql = 'with Changes as (select 1 from silver.x), "tasks" as (select 2) select * from changes, TASKS'
    assert tables_of(parse(sql)) == {"silver.x"}


def test_parameters_are_put_where_the_question_marks_stand_and_lines_stay() -> None:
    sql = "-- what?\nselect 'é?' as \"?\", ?\n  + 1 -?"
    assert with_parameters(sql, ["'it''s ?'", "-5"]) == "-- what?\nselect 'é?' as \"?\", 'it''s ?'\n  + 1 - -5"


@pytest.mark.parametrize(
    ("literals", "said"),
    [
        ([], "line 2: the SQL has 2 parameters (?), 0 values were given"),
        (["1"], "line 4: the SQL has 2 parameters (?), 1 value was given"),
        (["1", "2", "3"], "line 4: the SQL has 2 parameters (?), 3 values were given"),
    ],
)
def test_a_wrong_number_of_parameters_names_the_first_that_is_wrong(literals: list[str], said: str) -> None:
    with pytest.raises(QueryError) as error:
        with_parameters("select\n  ?,\n  1,\n  ?", literals)
    assert str(error.value) == said


def test_a_parameter_for_sql_that_takes_none_has_no_line() -> None:
    with pytest.raises(QueryError, match=r"^the SQL has 0 parameters \(\?\), 1 value was given$"):
        with_parameters("select 1", ["1"])


def test_another_table_takes_a_tables_place_and_its_columns_stay_qualified() -> None:
    sql = 'select x.a\nfrom "gold"."x"\njoin Gold.X as y on x.a = y.a\njoin silver.x as z on true'
    assert with_table(sql, "gold.x", "gold.x_v1") == (
        'select x.a\nfrom gold.x_v1 as "x"\njoin gold.x_v1 as y on x.a = y.a\njoin silver.x as z on true'
    )


def test_a_comment_behind_the_semicolon_is_no_second_statement() -> None:
    assert parse("select 1 as n; -- the end").named_selects == ["n"]
