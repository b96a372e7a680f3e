"""An attribute nobody declared is kept and can be asked for at once; given a column, old and new rows have it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import LongType

from glue_jobs.schemas.table import Table
from glue_jobs.schemas.task import Attribute
from glue_jobs.storage import publishing
from tests.e2e import history
from tests.e2e.task_lake import captured, clear, daily, declare, quarantined, run, snapshots, states, tables

EFFORT = Attribute("effort", "N", LongType())
# Each of these tasks has a later change without the attribute: the history alone has it.
EFFORTS: history.Attributes = {
    0: {"effort": {"N": "15"}},
    3: {"effort": {"N": "90"}, "mood": {"M": {"now": {"S": "✓"}}}},
    11: {"effort": {"N": "30"}},
}


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    clear(spark, lake)


def efforts(spark: SparkSession, table: str = "task_changes") -> dict[str, int]:
    """Return the attribute's column, where it is not null, by the change that brought it."""
    key = "event_id" if table == "task_changes" else "last_event_id"
    rows = spark.table(f"lake.silver.{table}").where("effort IS NOT NULL").collect()
    return {row[key]: row.effort for row in rows}


def in_extra(spark: SparkSession) -> dict[str, Any]:
    rows = spark.sql("SELECT event_id, get_json_object(extra['effort'], '$.N') AS n FROM lake.silver.task_changes")
    return {row.event_id: row.n for row in rows.where("n IS NOT NULL").collect()}


def test_an_attribute_given_a_column_is_there_in_old_rows_and_new_ones(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = history.records(attributes=EFFORTS)
    captured(lake, tmp_path, records[:10])
    run(lake)
    assert in_extra(spark) == {"event-0000": "15", "event-0003": "90"}

    declare(monkeypatch, EFFORT)
    captured(lake, tmp_path, records[8:], "new.jsonl")
    run(lake, "r2")
    assert efforts(spark) == {"event-0000": 15, "event-0003": 90, "event-0011": 30}
    assert efforts(spark, "tasks") == {}
    assert in_extra(spark) == {}
    [mood] = spark.table("lake.silver.task_changes").where("event_id = 'event-0003'").collect()
    assert mood.extra == {"labels": '{"SS":["x"]}', "mood": '{"M":{"now":{"S":"✓"}}}'}
    assert daily(spark) == history.daily()
    assert states(spark) == history.states()

    incremental = tables(spark)
    run(lake, "r3", "--REBUILD", "true")
    assert tables(spark) == incremental


def test_it_needs_no_new_record_and_no_second_time(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured(lake, tmp_path, history.records(attributes={12: {"effort": {"N": "30"}}}))
    run(lake)
    declare(monkeypatch, EFFORT)
    run(lake, "r2")
    assert efforts(spark) == efforts(spark, "tasks") == {"event-0012": 30}
    published = snapshots(spark)
    assert run(lake, "r3").tables == []
    assert snapshots(spark) == published


def test_a_run_that_was_killed_while_it_gave_a_column_is_finished_by_the_next(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_one_and_die(session: SparkSession, published: Sequence[Table], branch: str) -> None:
        publish(session, published[:1], branch)
        raise KeyboardInterrupt

    publish = publishing.publish
    captured(lake, tmp_path, history.records(attributes={12: {"effort": {"N": "30"}}}))
    run(lake)
    declare(monkeypatch, EFFORT)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "publish", publish_one_and_die)
        run(lake, "r2")
    assert (efforts(spark), efforts(spark, "tasks")) == ({"event-0012": 30}, {})
    run(lake, "r3")
    assert efforts(spark) == efforts(spark, "tasks") == {"event-0012": 30}


def test_a_value_of_another_type_is_kept_in_old_rows_and_quarantines_new_ones(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"effort": {"S": "much"}}
    records = history.records(attributes=dict.fromkeys((3, 11, 12), other))
    captured(lake, tmp_path, records[:12])
    run(lake)
    declare(monkeypatch, EFFORT)
    captured(lake, tmp_path, records[12:], "new.jsonl")
    run(lake, "r2")
    old = spark.table("lake.silver.task_changes").where("extra['effort'] IS NOT NULL").collect()
    assert {row.event_id: (row.effort, row.extra["effort"]) for row in old} == {
        "event-0003": (None, '{"S":"much"}'),
        "event-0011": (None, '{"S":"much"}'),
    }
    assert quarantined(spark) == {"event-0012": "effort is not of type N"}
    assert daily(spark) == history.daily(left_out={12})
