"""Two runs of `silver_tasks` at once: one is held at a point of its way while the other runs from start to end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.jobs import silver_tasks
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.schemas.silver import TASKS
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.publishing import PublishError
from tests.e2e import history
from tests.e2e.task_lake import captured, clear, daily, quarantined, run, snapshots, states

BROKEN = history.records([("eve", "t9", 100, "pending")], {0: {"due_date": {"N": "7"}}})[0] | {"eventID": "broken"}

# Where the first run is held: after a function, or before it.
HOLDS = {
    "when it has begun": (publishing, "begin", "after"),
    "when it has written its first table": (silver_tasks, "stage_task_changes", "after"),
    "when it has written and audited all": (publishing, "publish", "before"),
}


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    clear(spark, lake)


def hold(patch: pytest.MonkeyPatch, module: Any, name: str, when: str, meanwhile: Callable[[], Any]) -> None:
    """Do something else when a function is called for the first time, before it or after it."""
    function, calls = getattr(module, name), iter([meanwhile])

    def held(*given: Any, **named: Any) -> Any:
        is_first = next(calls, None)
        if is_first and when == "before":
            meanwhile()
        done = function(*given, **named)
        if is_first and when == "after":
            meanwhile()
        return done

    patch.setattr(module, name, held)


@pytest.mark.parametrize("point", HOLDS)
@pytest.mark.parametrize("is_first_run", [False, True], ids=["an increment", "the first run"])
def test_of_two_runs_at_once_the_one_that_is_held_says_so_and_changes_nothing(
    point: str,
    is_first_run: bool,
    spark: SparkSession,
    lake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = [*history.records(), BROKEN]
    if not is_first_run:
        captured(lake, tmp_path, records[:8])
        run(lake, "earlier")
        records = records[5:]
    captured(lake, tmp_path, records, "new.jsonl")
    seen: list[Any] = []

    def other() -> None:
        seen.extend([run(lake, "other"), snapshots(spark)])

    with monkeypatch.context() as patch, pytest.raises(PublishError, match="another run published first"):
        hold(patch, *HOLDS[point], other)
        run(lake, "held")
    outcome, published = seen
    assert isinstance(outcome, JobOutcome)
    assert outcome.tables
    assert snapshots(spark) == published

    assert run(lake, "next").tables == []
    assert snapshots(spark) == published
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()
    assert quarantined(spark) == {"broken": "due_date is not of type S"}


def test_a_run_that_had_read_bronze_when_another_came_and_went_adds_nothing_twice(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [*history.records(), BROKEN]
    captured(lake, tmp_path, records[:8])

    def other() -> None:
        captured(lake, tmp_path, records[8:], "new.jsonl")
        run(lake, "other")

    hold(monkeypatch, publishing, "begin", "before", other)
    run(lake, "held")
    run(lake, "next")
    assert iceberg.head(spark, TASKS) is not None
    assert spark.table("lake.silver.task_changes").count() == len(history.STEPS)
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()
    assert quarantined(spark) == {"broken": "due_date is not of type S"}
