from pathlib import Path

import pytest

from athena_queries.sql import QueryError
from local.question import Question, question
from local.stream.stream_file import InputError

FILE = """\
-- Question:  whose tasks?
-- Parameter: user_id varchar: the user; for example 'ada'
-- Parameter: first_date date: the first day; for example date '2025-10-15'
select *
from silver.tasks
where user_id = ?
  and due_date >= ?
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("x.sql").write_text(FILE, encoding="utf-8")
    return "x.sql"


def said(file: str = "", sql: str = "", params: str = "") -> str:
    with pytest.raises(InputError) as error:
        question(file, sql, params)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_words_are_the_parameters_in_order_typed_by_the_header(file: str) -> None:
    asked = question(file, "", '"O\'Brien" 2025-01-31')
    assert asked == Question("x.sql", FILE, ["'O''Brien'", "date '2025-01-31'"])


def test_without_words_the_examples_are_asked_and_named(file: str) -> None:
    asked = question(file, "", "")
    assert asked.literals == ["'ada'", "date '2025-10-15'"]
    assert asked.note == "Asked with the file's own examples: user_id = 'ada', first_date = date '2025-10-15'"


def test_what_is_typed_has_no_types_and_takes_literals_as_they_are() -> None:
    asked = question("", "select ?, ?, ?", "17 ada \"date '2025-10-15'\"")
    assert asked == Question("SQL", "select ?, ?, ?", ["17", "'ada'", "date '2025-10-15'"])


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("ada", "x.sql:3: the file's parameters are user_id (varchar), first_date (date); 1 was given"),
        ("ada 2025-10-15 x", "x.sql:3: the file's parameters are user_id (varchar), first_date (date); 3 were given"),
        ("ada today", "x.sql:3: parameter first_date is a date such as 2025-10-15, not 'today'"),
        ("O'Brien", 'PARAMS: no closing quotation: put a word with a quote or a space in it between "…"'),
    ],
)
def test_words_that_do_not_fit_say_which_parameter(file: str, params: str, expected: str) -> None:
    assert said(file, params=params) == expected


def test_a_header_that_says_less_than_the_sql_takes_names_the_first_without_a_name(file: str) -> None:
    Path(file).write_text(FILE + "  and status = ?\n", encoding="utf-8")
    assert said(file) == 'x.sql:8: the SQL has 3 parameters (?), 2 values were given: say PARAMS="<a word for each ?>"'


def test_a_header_that_cannot_be_read_names_its_line(file: str) -> None:
    Path(file).write_text("-- Question: x\n-- Parameter: user_id\nselect 1", encoding="utf-8")
    assert said(file).startswith("x.sql:2: a parameter is '<name> <type>: <meaning>; for example <literal>'")


def test_sql_without_its_parameters_says_how_to_give_them() -> None:
    assert said(sql="select ?") == (
        'SQL:1: the SQL has 1 parameter (?), 0 values were given: say PARAMS="<a word for each ?>"'
    )
    assert said(sql="select 1", params="x") == "SQL: the SQL has 0 parameters (?), 1 value was given"


def test_one_of_file_and_sql_is_asked(file: str) -> None:
    assert said() == said(file, "select 1") == 'say FILE=<file with one SELECT>, or SQL="select …": one of the two'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "x.sql cannot be read: No such file or directory"),
        (b"select 1,\n'\xff'", "x.sql:2: this is no text in UTF-8"),
        (b"select '", "x.sql:1: ' is never closed"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(file: str, content: bytes | None, expected: str) -> None:
    if content is None:
        Path(file).unlink()
    else:
        Path(file).write_bytes(content)
    assert said(file) == expected


def test_a_folder_is_no_file(file: str) -> None:
    assert said(str(Path(file).parent)) == ". cannot be read: Is a directory"


def test_a_mark_that_editors_put_before_the_text_is_no_part_of_it(file: str) -> None:
    Path(file).write_bytes(b"\xef\xbb\xbfselect 1")
    assert question(file, "", "").sql == "select 1"


def test_a_fault_begins_with_the_file_and_its_line() -> None:
    fault = QueryError("line 2:7: no")
    assert str(Question("x.sql", "select 1").fault(fault)) == "x.sql:2: no"
    assert str(Question("SQL", "select 1").fault(fault)) == "SQL:2:7: no"
    assert str(Question("x.sql", "select 1").fault(QueryError("no"))) == "x.sql: no"
