from pathlib import Path

import pytest

from tests.unit.athena_queries.lints.linted import QUESTION, fault, linted

FILTER = "where user_id = ? and date(changed_at) = ?"


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("query.sql", "activity_date,\n        tasks_created\n", "*\n", 7),
        (
            "query.sql",
            "activity_date,\n        tasks_created\n    from silver.tasks_per_user_daily",
            "d.*\n    from silver.tasks_per_user_daily as d",
            7,
        ),
        ("checks.sql", "select activity_date", "select *", 2),
        ("analyst", "task_id,\n", "changes.*,\n", 11),
    ],
)
def test_select_star_from_a_base_table_is_found(tmp_path: Path, file: str, old: str, new: str, line: int) -> None:
    new = new.replace("changes.*", "task_changes.*")
    found = [finding for finding in linted(tmp_path, file, old, new) if finding.rule == "select-star"]
    assert [finding.line for finding in found] == [line]


def test_count_star_and_select_star_of_a_cte_are_no_select_star(tmp_path: Path) -> None:
    assert linted(tmp_path, "query.sql", "cast(sum(tasks_created) as bigint)", "count(*)") == []


@pytest.mark.parametrize(
    "narrowed",
    [
        "where user_id = ? and event_name = ?",
        "where user_id = ? and event_name = ? and changed_at is not null",
        "where user_id = ? and task_id in (select task_id from silver.tasks where user_id = ? and changed_at > ttl)",
        "where user_id = ? and month(changed_at) = ?",
        "where user_id = ? and changed_at + interval '1' day > ?",
        "where user_id = ? or changed_at > ?",
        "where user_id = ? and (event_name = 'INSERT' or date(changed_at) = ?)",
        "where user_id = ? and changed_at <> ?",
        "where user_id = ? and coalesce(changed_at > ?, true)",
        "where user_id = ? and ? between created_at and changed_at",
    ],
)
def test_a_partitioned_table_read_whole_is_found(tmp_path: Path, narrowed: str) -> None:
    found = [finding for finding in linted(tmp_path, "analyst", FILTER, narrowed) if finding.rule == "partition"]
    assert [finding.line for finding in found] == [14]
    assert "silver.task_changes is partitioned by changed_at and read whole" in found[0].message


@pytest.mark.parametrize(
    "narrowed",
    [
        "where user_id = ? and ? <= CHANGED_AT",
        "where user_id = ? and Task_Changes.changed_at > ?",
        "where user_id = ? and (cast(changed_at as date) between ? and ?)",
        "where user_id = ? and (date(changed_at) = ? or changed_at in (?, ?) and event_name = 'INSERT')",
        "where user_id = ? and date(changed_at) in (select activity_date from gold.tasks_daily where user_id = ?)",
    ],
)
def test_a_filter_that_an_engine_takes_to_the_partitions_narrows(tmp_path: Path, narrowed: str) -> None:
    found = [finding.line for finding in linted(tmp_path, "analyst", FILTER, narrowed) if finding.rule == "partition"]
    assert 14 not in found


@pytest.mark.parametrize(
    ("side", "is_found"), [("inner", False), ("right", False), ("left", True), ("full", True), ("", False)]
)
def test_a_joins_condition_narrows_the_side_that_may_be_left_out(tmp_path: Path, side: str, is_found: bool) -> None:
    old = "from silver.task_changes\n    " + FILTER
    new = (
        f"from silver.task_changes as c\n    {side} join gold.tasks_daily as d on d.activity_date = date(c.changed_at)"
        "\n    where user_id = ?"
    )
    lines = [finding.line for finding in linted(tmp_path, "analyst", old, new) if finding.rule == "partition"]
    assert (14 in lines) is is_found


def test_a_filter_on_another_tables_column_narrows_nothing(tmp_path: Path) -> None:
    old = "from silver.task_changes\n    " + FILTER
    new = (
        "from silver.task_changes\n    inner join gold.tasks_daily as changed on ? = ?"
        "\n    where changed.activity_date > changed.changed_at"
    )
    assert "partition" in {finding.rule for finding in linted(tmp_path, "analyst", old, new)}


@pytest.mark.parametrize("scans", ["all of silver.task_changes", "all of it, one row a change", "all of Silver"])
def test_a_header_may_say_that_all_of_a_table_is_scanned(tmp_path: Path, scans: str) -> None:
    text = QUESTION.replace("the month of that day", scans).replace("date(changed_at)", "due_date")
    assert linted(tmp_path, "analyst", QUESTION, text) == []


def test_a_header_that_says_it_of_another_table_does_not_count(tmp_path: Path) -> None:
    text = QUESTION.replace("the month of that day", "all of silver.tasks").replace("date(changed_at)", "due_date")
    assert fault(tmp_path, "analyst", QUESTION, text)[0] == "partition"


def test_a_gold_table_without_a_window_says_what_it_scans(tmp_path: Path) -> None:
    refresh = "refresh:\n  column: activity_date\n  changed_by:\n    silver.tasks_per_user_daily: activity_date\n"
    rule, line, message = fault(tmp_path, "metadata.yaml", refresh, "")
    assert (rule, line) == ("partition", 9)
    assert "or say '-- Scans: all of silver.tasks_per_user_daily' in the header" in message


def test_the_runners_window_must_reach_the_scan(tmp_path: Path) -> None:
    hidden = "activity_date,\n        tasks_created\n    from silver.tasks_per_user_daily"
    read = "user_id,\n        tasks_created\n    from silver.tasks_per_user_daily"
    found = {(finding.rule, finding.line) for finding in linted(tmp_path, "query.sql", hidden, read)}
    assert ("partition", 9) in found


def test_checks_that_read_all_of_silver_say_so(tmp_path: Path) -> None:
    read = "select user_id from silver.tasks where status = 'x';\n"
    head = "-- Scans: all of silver.tasks\n-- fail: no day"
    assert (
        fault(
            tmp_path / "a",
            "checks.sql",
            "select activity_date\nfrom gold.tasks_daily\nwhere tasks_created < 0;\n",
            read,
        )[0]
        == "partition"
    )
    text = f"{head}\n{read}"
    assert (
        linted(tmp_path / "b", "checks.sql", "-- fail: no day has less than no tasks\n", f"{text}\n-- fail: b\n") == []
    )


JOINED = "    from silver.task_changes\n"


@pytest.mark.parametrize(
    "join",
    [
        "    cross join gold.tasks_daily as d\n",
        "    , gold.tasks_daily as d\n",
        "    inner join gold.tasks_daily as d on true\n",
        "    inner join gold.tasks_daily as d on 1 = 1\n",
        "    inner join gold.tasks_daily as d on d.tasks_created = 1\n",
        "    inner join gold.tasks_daily as d on task_changes.user_id = 'x' and D.tasks_created = 1\n",
        "    inner join gold.tasks_daily as d on D.activity_date = d.tasks_created\n",
        "    inner join gold.tasks_daily as d on user_id = 'x'\n",
        "    inner join gold.tasks_daily as d on d.activity_date = date(changed_at) or d.tasks_created = 1\n",
        "    inner join gold.tasks_daily as d on task_id in (select task_id from silver.tasks as d where d.ttl = 1)\n",
    ],
)
def test_a_cross_join_without_a_reason_is_found(tmp_path: Path, join: str) -> None:
    found = linted(tmp_path / "a", "analyst", JOINED, JOINED + join)
    assert ("cross-join", 15) in {(finding.rule, finding.line) for finding in found}
    declared = JOINED + "    -- cross join: each change beside each day\n" + join
    found = linted(tmp_path / "b", "analyst", JOINED, declared)
    assert "cross-join" not in {finding.rule for finding in found}


@pytest.mark.parametrize(
    "join",
    [
        "    cross join gold.tasks_daily as d -- cross join: each change beside each day\n",
        "    cross join unnest(map_keys(extra)) as e (name)\n",
        "    inner join gold.tasks_daily as d on d.activity_date = date(changed_at)\n",
        "    inner join gold.tasks_daily as d on D.tasks_created > 1 and (changed_at >= d.activity_date)\n",
        "    left join gold.tasks_daily as d on date_diff('day', d.activity_date, task_changes.due_date) < 7\n",
        "    inner join silver.tasks using (user_id, task_id)\n",
        "    inner join (select c.user_id from silver.task_changes as c) as d on d.user_id = task_changes.user_id\n",
        "    inner join (select user_id from silver.task_changes) as d on task_changes.user_id = d.user_id\n",
    ],
)
def test_a_join_with_a_condition_or_a_reason_is_no_undeclared_cross_join(tmp_path: Path, join: str) -> None:
    assert "cross-join" not in {finding.rule for finding in linted(tmp_path, "analyst", JOINED, JOINED + join)}
