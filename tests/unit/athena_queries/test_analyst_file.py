import re
from pathlib import Path

import pytest

from athena_queries.analyst_file import AnalystFileError, read_analyst_file, read_analyst_files

SQL = """\
-- Question:  what did this task look like
--            on that day?
-- Answers:   one row, or none.
-- Parameter: task_id varchar: the task; for example 'task_000017'
-- Parameter: as_of_date date: the day,
--            UTC; for example date '2025-10-15'
-- Caveat:    none: it is exact.

-- Reads:     this is no header any more
select ? as task_id, ? as as_of_date
"""
FILE = read_analyst_file("a_task", SQL)


def test_a_header_is_read_field_by_field_over_its_lines() -> None:
    assert FILE.header == {
        "Question": "what did this task look like on that day?",
        "Answers": "one row, or none.",
        "Caveat": "none: it is exact.",
    }
    assert [(each.name, each.type, each.example, each.line) for each in FILE.parameters] == [
        ("task_id", "varchar", "'task_000017'", 4),
        ("as_of_date", "date", "date '2025-10-15'", 5),
    ]


def test_values_become_literals_of_the_headers_types() -> None:
    assert FILE.literals(["O'Brien", "2025-01-31"]) == ["'O''Brien'", "date '2025-01-31'"]


def test_without_values_the_examples_are_used() -> None:
    assert FILE.literals([]) == ["'task_000017'", "date '2025-10-15'"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["t1"], "line 5: the file's parameters are task_id (varchar), as_of_date (date); 1 was given"),
        (["t1", "t2", "t3"], "line 5: the file's parameters are task_id (varchar), as_of_date (date); 3 were given"),
        (["t1", "today"], "line 5: parameter as_of_date is a date such as 2025-10-15, not 'today'"),
    ],
)
def test_values_that_do_not_fit_name_the_parameters_line(values: list[str], said: str) -> None:
    with pytest.raises(AnalystFileError) as error:
        FILE.literals(values)
    assert str(error.value) == said


def test_a_file_whose_header_has_no_parameters_takes_none() -> None:
    with pytest.raises(AnalystFileError, match="line 1: the file has no parameters; 1 was given"):
        read_analyst_file("x", "-- Question: why?\nselect 1").literals(["1"])


def test_a_text_without_a_header_takes_values_as_they_look() -> None:
    assert read_analyst_file("x", "select ?, ?").literals(["17", "ada"]) == ["17", "'ada'"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task_id varchar: the task", "line 2: a parameter is '<name> <type>: <meaning>; for example <literal>'"),
        ("n uuid: a number; for example 1", "line 2: parameter n has the type uuid: choose one of varchar, date"),
    ],
)
def test_a_parameter_that_cannot_be_read_names_its_line(text: str, said: str) -> None:
    with pytest.raises(AnalystFileError) as error:
        read_analyst_file("x", f"-- Question: why?\n-- Parameter: {text}\nselect ?")
    assert str(error.value).startswith(said)


def test_files_are_read_by_name(tmp_path: Path) -> None:
    for name in ("b.sql", "a.sql", "notes.md"):
        (tmp_path / name).write_text("select 1", encoding="utf-8")
    assert [file.name for file in read_analyst_files(tmp_path)] == ["a", "b"]


def test_every_example_is_a_literal_of_its_parameters_type() -> None:
    for file in read_analyst_files():
        for parameter in file.parameters:
            text = re.fullmatch(r"'((?:[^']|'')*)'", parameter.example)
            assert bool(text) == (parameter.type == "varchar"), f"{file.name}.sql:{parameter.line}"
            assert parameter.literal(text[1] if text else parameter.example), f"{file.name}.sql:{parameter.line}"
