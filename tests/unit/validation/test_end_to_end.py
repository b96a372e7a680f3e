"""The verdict end to end fails when a record is missing, a number is another one, or a hop takes too long."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.options import Inputs
from tests.e2e import history
from validation import recount, recount_gold, recounted
from validation.end_to_end import freshness_checks
from validation.freshness import Hops, hops
from validation.lakes import captured
from validation.layers import Layers, accounted

CHANGES = recount.task_changes(history.records())
IDS, LINES = {change.event_id for change in CHANGES}, history.log_events()
LINE_IDS = {line["id"] for line in LINES}
GOOD = Layers(IDS, LINE_IDS, IDS, set())
HOPS = Hops((0, 10, 10), (60, 60, 60), (150, 300, 300), (210, 370, 370))


def failed(found: Layers) -> list[str]:
    return [check.name.split(" and of ")[-1] for check in accounted(found, CHANGES, LINES) if not check.holds]


def test_every_record_is_in_every_layer_and_no_other_is() -> None:
    assert failed(GOOD) == []
    assert failed(replace(GOOD, silver_changes=IDS - {"event-0003"}, quarantine={"event-0003"})) == []
    assert failed(replace(GOOD, bronze_changes=IDS - {"event-0003"})) == ["Bronze"]
    assert failed(replace(GOOD, silver_changes=IDS | {"ghost"})) == ["Silver with its quarantine"]
    assert failed(replace(GOOD, bronze_lines=set())) == ["Bronze"]


def gold_rows(sql: str) -> list[dict[int, Any]]:
    """Return what a lake would answer that agrees with the recount."""
    rows: dict[str, list[Any]] = {
        "task_throughput_daily": recount_gold.throughput(CHANGES),
        "user_productivity": recount_gold.productivity(CHANGES),
        "task_status_current": recount_gold.open_tasks(CHANGES),
        "category_trends_weekly": recount_gold.trends(CHANGES),
        "task_cohort_completion": recount_gold.cohorts(CHANGES),
        "api_health_daily": [],
    }
    table = sql.partition("from gold.")[2].split()[0]
    return [dict(enumerate(row)) for row in rows[table]]


@pytest.mark.parametrize("wrong", [None, *("task_throughput_daily", "user_productivity", "task_cohort_completion")])
def test_a_number_of_gold_that_is_not_the_recounts_does_not_hold(
    wrong: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answered(_: Path, sql: str) -> list[dict[int, Any]]:
        rows = gold_rows(sql)
        if wrong and wrong in sql:
            rows[0][2] += 1
        return rows

    monkeypatch.setattr(recounted, "asked", answered)
    checks = recounted.gold_checks(Path(), CHANGES, [])
    assert [check.name for check in checks if not check.holds] == (
        [f"gold.{wrong}: each row recounted"] if wrong else []
    )


def test_a_hop_that_takes_longer_than_its_window_or_buffer_does_not_hold() -> None:
    assert all(check.holds for check in freshness_checks({"a change": HOPS, "a log line": HOPS}))
    for slow in ({"handed": (0, 0, 11)}, {"landed": (0, 0, 61)}, {"listed": (0, 0, 301)}):
        late = replace(HOPS, **slow)
        assert sum(not check.holds for check in freshness_checks({"a change": late, "a log line": HOPS})) == 1
    hour = replace(HOPS, handed=(0, 0, 3_600))
    assert [check.holds for check in freshness_checks({"a change": HOPS, "a log line": hour})][-1] is False


def test_the_hops_are_read_from_what_lies_in_the_lake(tmp_path: Path) -> None:
    events = history.write(tmp_path / "events.jsonl", history.records())
    captured(tmp_path / "lake", Inputs(events))
    found = hops(tmp_path / "lake", "task_changes", "changed_at")
    # These changes are minutes apart: each waits for its window alone, then for its buffer, then for the ledger's.
    assert (found.handed[-1], found.landed[-1]) == (10, 60)
    assert found.listed[0] <= found.listed[-1] == 300
    assert found.whole[-1] == 370
