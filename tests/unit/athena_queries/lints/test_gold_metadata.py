from pathlib import Path

import pytest

from tests.unit.athena_queries.lints.linted import fault, linted


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("type: bigint", "type: long", 12, "tasks_created has the type long: write Athena's"),
        ("key: [activity_date]", "key: [activity_date, user_id]", 3, "the key's user_id is none of the columns"),
        ("column: activity_date", "column: tasks_created", 5, "refresh.column is tasks_created, which is no date"),
        (
            "daily: activity_date",
            "daily: changed_at",
            7,
            "changed_at names changed_at, which silver.tasks_per_user_daily does not",
        ),
        (
            "silver.tasks_per_user_daily:",
            "silver.tasks:",
            6,
            "silver.tasks_per_user_daily, which the SELECT reads, is missing",
        ),
        ("month(activity_date)", "bucket(user_id, 16)", 8, "user_id is none of the columns"),
        ("budget_mb: 10", "budget_mb: 0.5", 9, "0.5 is no budget"),
    ],
)
def test_metadata_that_cannot_be_so_is_found(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = linted(tmp_path, "metadata.yaml", old, new)
    assert any(each.rule == "metadata" and each.line == line and message in each.message for each in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        activity_date,\n        cast(", "        cast("),
        ("bigint) as tasks_created", "bigint) as tasks"),
        (
            "        activity_date,\n        cast(sum(tasks_created) as bigint) as tasks_created",
            "        max(1) as tasks_created,\n        activity_date",
        ),
    ],
)
def test_a_select_that_is_not_the_metadatas_columns_in_order_is_found(tmp_path: Path, old: str, new: str) -> None:
    rule, _, message = fault(tmp_path, "query.sql", old, new)
    assert rule == "metadata"
    assert "metadata.yaml's columns are activity_date, tasks_created, the SELECT's " in message


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("analyst", "task_id,", "task,", 11, "Column 'task' could not be resolved"),
        (
            "checks.sql",
            "select tasks_created",
            "select tasks_deleted",
            7,
            "Column 'tasks_deleted' could not be resolved",
        ),
        (
            "checks.sql",
            "from gold.tasks_daily\nwhere tasks_created > 1000",
            "from gold.daily",
            8,
            "the lake has no table gold.daily",
        ),
        ("query.sql", "from daily", "from dayly", 16, "the lake has no table dayly"),
    ],
)
def test_what_the_lake_does_not_have_is_found(
    tmp_path: Path, file: str, old: str, new: str, line: int, message: str
) -> None:
    found = [finding for finding in linted(tmp_path, file, old, new) if finding.rule == "column"]
    assert [(finding.line, message in finding.message) for finding in found] == [(line, True)]


def test_personal_text_in_gold_is_found_where_it_is_read(tmp_path: Path) -> None:
    read = "        activity_date,\n        tasks_created\n    from silver.tasks_per_user_daily"
    title = "        date(ttl) as activity_date,\n        length(title) as tasks_created\n    from silver.task_changes"
    found = [finding for finding in linted(tmp_path, "query.sql", read, title) if finding.rule == "personal-text"]
    assert [finding.line for finding in found] == [8]
    assert "tasks_created is made of silver.task_changes.title" in found[0].message


def test_personal_text_among_the_rows_that_a_check_shows_is_found(tmp_path: Path) -> None:
    shown = "select title from silver.tasks where user_id = 'ada'"
    found = fault(tmp_path, "checks.sql", "select activity_date\nfrom gold.tasks_daily\nwhere tasks_created < 0", shown)
    assert found[:2] == ("personal-text", 2)


def test_an_analyst_may_read_titles(tmp_path: Path) -> None:
    assert linted(tmp_path, "analyst", "title,", "title,\n        description,") == []
