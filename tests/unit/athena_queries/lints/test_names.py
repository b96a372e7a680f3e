from pathlib import Path

import pytest

from athena_queries.lints.run import lint
from tests.unit.athena_queries.lints.linted import linted


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "changed_at\n",
            "changed_at,\n        date(changed_at) as day\n",
            "day is a date, which ends in _date: rename it",
        ),
        ("changed_at\n", "changed_at,\n        changed_at as moment\n", "moment is a time, which ends in _at"),
        (
            "changed_at\n",
            "changed_at,\n        title is null as untitled\n",
            "untitled is true or false, which begins with is_",
        ),
        (
            "changed_at\n",
            "changed_at,\n        count(*) over () as tasks_at\n",
            "tasks_at is a bigint, and its name says a time",
        ),
        (
            "changed_at\n",
            "changed_at,\n        title as waited_hours\n",
            "waited_hours is a varchar, and its name says a number of hours",
        ),
        ("changed_at\n", "changed_at,\n        1e0 as latency\n", "latency has no unit: end it in one of _ms"),
        ("changed_at\n", 'changed_at,\n        title as "Task"\n', ""),
    ],
)
def test_a_column_whose_name_does_not_say_its_type_or_unit_is_found(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    found = linted(tmp_path, "analyst", old, new)
    assert [(finding.rule, finding.line) for finding in found] == ([("name", 14)] if message else [])
    assert all(message in finding.message for finding in found)


def test_a_column_of_silver_keeps_its_name(tmp_path: Path) -> None:
    assert linted(tmp_path, "analyst", "title,", "ttl,\n        is_ttl_delete,") == []


def test_columns_of_gold_are_named_by_the_types_of_the_metadata(tmp_path: Path) -> None:
    found = linted(tmp_path, "metadata.yaml", "tasks_created: {type: bigint", "tasks_created: {type: date")
    assert [finding.rule for finding in found] == []  # a column of Silver
    found = linted(tmp_path / "2", "metadata.yaml", "  tasks_created: {type", "  lag: {type")
    assert "lag has no unit" in " ".join(finding.message for finding in found if finding.rule == "name")


def test_a_file_that_is_not_snake_case_is_found(tmp_path: Path) -> None:
    linted(tmp_path)
    (tmp_path / "analyst" / "changes_of_a_day.sql").rename(tmp_path / "analyst" / "ChangesOfADay.sql")
    [found] = lint(tmp_path / "gold", tmp_path / "analyst")
    assert (found.rule, found.message) == ("name", "ChangesOfADay is not lower_snake_case: rename the file")
