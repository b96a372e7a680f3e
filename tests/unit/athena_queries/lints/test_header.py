from pathlib import Path

import pytest

from tests.unit.athena_queries.lints.linted import fault, linted


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        (
            "query.sql",
            "-- gold.tasks_daily:",
            "-- gold.tasks_dayly:",
            1,
            "the first line is not '-- gold.tasks_daily: one row per <key>.'",
        ),
        ("query.sql", "-- Answers: how many tasks came in each day?\n", "", 1, "does not say '-- Answers: …'"),
        ("query.sql", "-- Answers:", "-- Question: who?\n-- Answers:", 2, "no field is called Question"),
        ("query.sql", "Reads:   silver.", "Reads:   silver.tasks, silver.", 3, "the SQL does not read silver.tasks"),
        ("analyst", "-- Question:  what", "-- what", 1, "does not say '-- Question: …'"),
        ("analyst", "-- Budget:    10 MB\n", "", 1, "does not say '-- Budget: …'"),
        ("analyst", "\n-- Scans:     the month", "        Scans: the month", 1, "does not say '-- Scans: …'"),
        ("analyst", "-- Budget:", "-- Costs: little\n-- Budget:", 5, "no field is called Costs"),
        ("analyst", "10 MB", "ten megabytes", 5, "a budget is written '10 MB' or '2 GB', not 'ten megabytes'"),
        (
            "analyst",
            "-- Reads:     silver.task_changes",
            "-- Reads:     changes",
            3,
            "Reads does not name silver.task_changes",
        ),
        (
            "analyst",
            "and date(changed_at) = ?",
            "and date(changed_at) > created_at",
            7,
            "the SQL has 1 ?, the header 2 lines",
        ),
        ("analyst", "user_id = ?", "user_id in (?, ?)", 15, "the SQL has 3 ?, the header 2 lines"),
        ("analyst", "Parameter: change_date", "Parameter: user_id", 7, "two parameters are called user_id"),
        ("analyst", "example 'ada'", "example ada", 6, "the example of user_id is no varchar: ada"),
        ("analyst", "example date '2025-10-15'", "example '2025-10-15'", 7, "the example of change_date is no date"),
        ("analyst", "user_id varchar", "user_id double", 6, "the example of user_id is no double: 'ada'"),
    ],
)
def test_what_a_header_lacks_or_says_wrongly_is_found(
    tmp_path: Path, file: str, old: str, new: str, line: int, message: str
) -> None:
    found = fault(tmp_path, file, old, new)
    assert found[:2] == ("header", line)
    assert message in found[2]


def test_a_parameter_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    found = fault(tmp_path, "analyst", "-- Parameter: user_id varchar:", "-- Parameter: user_id:")
    assert found[:2] == ("syntax", 6)
    assert "a parameter is '<name> <type>: <meaning>; for example <literal>'" in found[2]


def test_golds_scans_may_stand_behind_its_reads_and_a_field_go_on_in_the_next_line(tmp_path: Path) -> None:
    head = "-- Reads:   silver.tasks_per_user_daily\n"
    assert (
        linted(tmp_path, "query.sql", head, head[:-1] + "        Scans: all of it;\n--          one row a day\n") == []
    )
