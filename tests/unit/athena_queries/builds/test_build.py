import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import great_expectations.expectations as gxe
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from athena_queries.builds.build import Lake, audit_gold, in_order, inputs_of
from athena_queries.builds.versions import (
    KEPT,
    RollbackError,
    Version,
    build_names,
    read_versions,
    resume,
    roll_back,
)
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.gold_table import Check, Column, GoldTable, Refresh
from athena_queries.sql import QueryError
from data_quality.gate import GateFailedError, Verdict
from glue_jobs.jobs.gold import publish_all
from glue_jobs.jobs.outcome import TableOutcome

COUNTED = GoldTable(
    name="counted",
    version=1,
    sql="with days as (select day, count(*) as n from build_tests.source group by day) select * from days",
    checks=(
        Check("fail", "no day is before 2000", "select day from gold.counted where day < date '2000-01-01'"),
        Check("warn", "no day has more than 3", "select c.day from gold.counted as c where c.n > 3"),
    ),
    grain="one row per day",
    owner="data engineering",
    key=("day",),
    columns={"day": Column("date", "the day"), "n": Column("bigint", "rows")},
    budget_mb=1,
    refresh=Refresh("day", {"build_tests.source": "day"}),
    partitioning=("month(day)",),
)
SUMMED = replace(
    COUNTED,
    name="summed",
    sql="with total as (select cast(sum(n) as bigint) as n from gold.counted) select * from total",
    checks=(),
    key=("n",),
    columns={"n": Column("bigint", "rows")},
    refresh=None,
    partitioning=(),
)


@pytest.fixture(scope="module", autouse=True)
def suites() -> Iterator[None]:
    """A suite of each table's name, as every Gold table has one: no count is above 9."""
    with pytest.MonkeyPatch.context() as patch:
        for table in (COUNTED, SUMMED):
            module: Any = ModuleType(table.name)
            module.evidence = lambda gold, read: gold.withColumn("rows", F.lit(1))
            module.expectations = lambda: [gxe.ExpectColumnMaxToBeBetween(column="n", max_value=9)]
            patch.setitem(sys.modules, f"data_quality.suites.{table.name}", module)
        yield


@pytest.fixture
def gold(spark: SparkSession, lake: Path) -> Lake:
    """A lake whose one source has two rows of one day, and one of another; nothing is built."""
    engine = DuckDbEngine(lake)
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.build_tests")
    for table in (COUNTED, SUMMED):
        spark.sql(f"DROP VIEW IF EXISTS lake.{table.full_name}")
        for name in build_names(spark, table.name):
            spark.sql(f"DROP TABLE lake.{name} PURGE")
    shutil.rmtree(lake / "gold", ignore_errors=True)
    spark.sql("DROP TABLE IF EXISTS lake.build_tests.source PURGE")
    spark.sql("CREATE TABLE lake.build_tests.source (day date, id int) USING iceberg")
    add(spark, "2025-10-01", "2025-10-01", "2025-10-02")
    return Lake(spark, engine, f"file://{lake}", "run")


def add(spark: SparkSession, *days: str) -> None:
    rows = ", ".join(f"(date'{day}', 1)" for day in days)
    spark.sql(f"INSERT INTO lake.build_tests.source VALUES {rows}")


def publish(gold: Lake, *tables: GoldTable) -> dict[str, TableOutcome]:
    done = publish_all(gold, tables or (COUNTED,), lambda _: None)
    return {outcome.table: outcome for outcome in done.tables}


def shown(gold: Lake, table: str = "counted") -> dict[str, int]:
    rows = gold.engine.run(f"select * from gold.{table}").rows.to_pylist()
    return {str(row.get("day")): row["n"] for row in rows}


def versions(gold: Lake) -> list[Version]:
    return read_versions(gold.spark, gold.engine, "counted")


def test_a_build_is_seen_through_its_view_once_it_is_published(gold: Lake) -> None:
    outcome = publish(gold)["gold.counted"]
    assert (outcome.rows_in, outcome.rows_out, outcome.verdict) == (3, 2, "pass")
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1}
    assert {row.n for row in gold.spark.table("lake.gold.counted").collect()} == {1, 2}


def test_an_unchanged_input_builds_nothing(gold: Lake) -> None:
    publish(gold)
    assert publish(gold)["gold.counted"].verdict == "unchanged"
    assert len(build_names(gold.spark, "counted")) == 1


def test_only_the_days_that_changes_touched_are_made_anew(gold: Lake) -> None:
    publish(gold)
    gold.spark.sql("ALTER TABLE lake.build_tests.source SET TBLPROPERTIES ('write.delete.mode'='merge-on-read')")
    # A day that is made anew would lose what was put into the former build by hand.
    former = versions(gold)[0].name
    gold.spark.sql(f"UPDATE lake.{former} SET n = 7 WHERE day = date'2025-10-02'")
    add(gold.spark, "2025-10-01", "2025-09-01")
    publish(gold)
    assert shown(gold) == {"2025-09-01": 1, "2025-10-01": 3, "2025-10-02": 7}


def test_a_day_whose_last_row_went_is_gone(gold: Lake) -> None:
    publish(gold)
    gold.spark.sql("DELETE FROM lake.build_tests.source WHERE day = date'2025-10-02'")
    publish(gold)
    assert shown(gold) == {"2025-10-01": 2}


def test_an_edited_select_is_built_whole(gold: Lake) -> None:
    publish(gold)
    publish(gold, replace(COUNTED, sql=COUNTED.sql.replace("count(*)", "count(*) + 1")))
    assert shown(gold) == {"2025-10-01": 3, "2025-10-02": 2}


def test_a_build_that_was_killed_is_made_again_and_its_leftovers_are_removed(
    gold: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("glue_jobs.jobs.gold.publish_gold", killed)
        publish(gold)
    add(gold.spark, "2025-10-03")
    publish(gold)
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1, "2025-10-03": 1}
    assert len(build_names(gold.spark, "counted")) == 1


@pytest.mark.parametrize("days", [["1999-01-01"], ["2025-10-03"] * 10], ids=["its check", "its suite"])
def test_a_build_that_fails_leaves_view_and_location_as_they_were(gold: Lake, lake: Path, days: list[str]) -> None:
    publish(gold)
    folders = sorted((lake / "gold" / "counted").iterdir())
    add(gold.spark, *days)
    with pytest.raises(GateFailedError, match=r"no day is before 2000|max_to_be_between"):
        publish(gold)
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1}
    assert sorted((lake / "gold" / "counted").iterdir()) == folders


def test_a_check_that_warns_is_reported_and_stops_nothing(gold: Lake) -> None:
    add(gold.spark, *["2025-10-03"] * 4)
    done = publish_all(gold, [COUNTED], lambda _: None)
    assert [outcome.verdict for outcome in done.tables] == ["warn"]
    [warning] = done.warnings
    assert warning.startswith("gold.counted: no day has more than 3(checks.sql): 1 unexpected, such as {'day': ")
    assert shown(gold)["2025-10-03"] == 4


def test_a_table_is_built_after_those_it_reads_and_not_if_one_of_them_fails(gold: Lake) -> None:
    assert [table.name for table in in_order([SUMMED, COUNTED])] == ["counted", "summed"]
    publish(gold, SUMMED, COUNTED)
    assert shown(gold, "summed") == {"None": 3}
    add(gold.spark, "1999-01-01")
    with pytest.raises(GateFailedError):
        publish(gold, SUMMED, COUNTED)
    assert shown(gold, "summed") == {"None": 3}


def test_a_table_that_cannot_be_built_stops_only_those_that_read_it(gold: Lake) -> None:
    broken = replace(COUNTED, name="broken", sql="select day, 1 as n from build_tests.none")
    reader = replace(SUMMED, name="reader", sql="select count(*) as n from gold.broken")
    with pytest.raises(QueryError) as error:
        publish(gold, broken, COUNTED, reader)
    assert "athena_queries/gold/broken_v1: gold.broken reads build_tests.none" in str(error.value)
    assert "athena_queries/gold/reader_v1: not built, because of gold.broken" in str(error.value)
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1}


def test_a_build_with_other_columns_than_its_metadata_is_thrown_away(gold: Lake) -> None:
    with pytest.raises(QueryError, match=r"counted_v1: the SELECT has the columns day, m; metadata.yaml says day, n"):
        publish(gold, replace(COUNTED, sql="select day, 1 as m from build_tests.source"))
    assert build_names(gold.spark, "counted") == []


def test_compaction_builds_nothing(gold: Lake) -> None:
    add(gold.spark, "2025-10-03")
    publish(gold, COUNTED, SUMMED)
    whole = replace(COUNTED, name="summed", refresh=None)
    publish(gold, COUNTED, whole)
    gold.spark.sql(
        "CALL lake.system.rewrite_data_files(table => 'build_tests.source', options => map('rewrite-all', 'true'))"
    )
    done = publish(gold, COUNTED, whole)
    assert {outcome.verdict for outcome in done.values()} == {"unchanged"}
    # What is compared with from now on is the state after it: the one before may expire.
    assert versions(gold)[0].inputs == inputs_of(gold, COUNTED)


def test_a_row_without_a_day_is_not_lost_when_days_are_made_anew(gold: Lake) -> None:
    gold.spark.sql("INSERT INTO lake.build_tests.source VALUES (null, 1)")
    publish(gold)
    add(gold.spark, "2025-10-01")
    publish(gold)
    assert shown(gold) == {"None": 1, "2025-10-01": 3, "2025-10-02": 1}
    gold.spark.sql("INSERT INTO lake.build_tests.source VALUES (null, 2)")
    publish(gold)
    assert shown(gold)["None"] == 2


def test_a_build_during_which_silver_was_published_is_thrown_away(gold: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(gold)

    def audited(*given: Any) -> Verdict:
        add(gold.spark, "2025-12-12")
        return audit_gold(*given)

    add(gold.spark, "2025-10-03")
    with monkeypatch.context() as patch, pytest.raises(QueryError, match="published anew meanwhile"):
        patch.setattr("glue_jobs.jobs.gold.audit_gold", audited)
        publish(gold)
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1}
    publish(gold)
    assert shown(gold)["2025-12-12"] == 1


def test_what_killed_runs_left_in_the_folder_is_removed(gold: Lake, lake: Path) -> None:
    left = lake / "gold" / "counted" / "v1_000000000000_00dead"
    left.mkdir(parents=True)
    publish(gold)
    assert not left.exists()
    [kept] = (lake / "gold" / "counted").glob("v*")
    assert versions(gold)[0].location.endswith(f"/{kept.name}")


def test_a_select_that_cannot_run_leaves_nothing(gold: Lake, lake: Path) -> None:
    folders = set((lake / "gold" / "counted").glob("*"))
    with pytest.raises(QueryError, match="wrong"):
        publish(gold, replace(COUNTED, sql="select wrong as day, 1 as n from build_tests.source"))
    with pytest.raises(QueryError, match=r"reads build_tests\.none, which this lake does not have"):
        publish(gold, replace(COUNTED, sql="select day, 1 as n from build_tests.none"))
    assert build_names(gold.spark, "counted") == []
    assert set((lake / "gold" / "counted").glob("*")) <= folders


def test_the_last_versions_are_kept_and_tell_what_became_of_them(gold: Lake) -> None:
    for day in range(KEPT + 1):
        add(gold.spark, f"2025-11-{day + 1:02d}")
        publish(gold)
    found = versions(gold)
    assert len(found) == len(build_names(gold.spark, "counted")) == KEPT
    assert [version.rows for version in found] == [6, 5, 4]
    assert [version.is_shown for version in found] == [True, False, False]
    assert {(version.verdict, version.run_id) for version in found} == {("pass", "run")}
    assert all(version.bytes > 0 for version in found)


def test_a_rollback_shows_the_version_before_and_holds_whatever_arrives(gold: Lake) -> None:
    publish(gold)
    add(gold.spark, "2025-10-03")
    publish(gold)
    roll_back(gold.spark, gold.engine, "counted")
    assert "2025-10-03" not in shown(gold)
    add(gold.spark, "2025-10-04")
    assert publish(gold)["gold.counted"].verdict == "held"
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1}


def test_what_a_rollback_holds_is_built_again_once_its_files_are_edited(gold: Lake) -> None:
    publish(gold)
    add(gold.spark, "2025-10-03")
    publish(gold)
    roll_back(gold.spark, gold.engine, "counted")
    publish(gold, replace(COUNTED, checks=COUNTED.checks[:1]))
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1, "2025-10-03": 1}


def test_what_a_rollback_holds_is_built_again_once_somebody_says_so(gold: Lake) -> None:
    publish(gold)
    with pytest.raises(RollbackError, match="not held by a rollback"):
        resume(gold.spark, gold.engine, "counted")
    add(gold.spark, "2025-10-03")
    publish(gold)
    roll_back(gold.spark, gold.engine, "counted")
    resume(gold.spark, gold.engine, "counted")
    publish(gold)
    assert shown(gold) == {"2025-10-01": 2, "2025-10-02": 1, "2025-10-03": 1}


def test_versions_that_were_rejected_push_out_no_good_one(gold: Lake) -> None:
    publish(gold)
    good = versions(gold)[0].name
    for number in range(KEPT + 1):
        edited = (Check("warn", "no day has very many", f"select day from gold.counted where n > {100 + number}"),)
        publish(gold, replace(COUNTED, checks=edited))
        assert roll_back(gold.spark, gold.engine, "counted").name == good
    # Besides it the last rejected one, and the one before that until the next publish.
    assert len(build_names(gold.spark, "counted")) == 3


def test_a_version_that_was_rolled_back_can_be_shown_again_by_its_name(gold: Lake) -> None:
    publish(gold)
    add(gold.spark, "2025-10-03")
    publish(gold)
    newest = versions(gold)[0].name
    roll_back(gold.spark, gold.engine, "counted")
    assert roll_back(gold.spark, gold.engine, "counted", newest).name == newest
    assert "2025-10-03" in shown(gold)


def test_a_rollback_to_what_is_not_there_says_what_is(gold: Lake) -> None:
    with pytest.raises(RollbackError, match=r"gold\.counted is not published"):
        roll_back(gold.spark, gold.engine, "counted")
    publish(gold)
    with pytest.raises(RollbackError, match="besides it there are: none"):
        roll_back(gold.spark, gold.engine, "counted")
    with pytest.raises(RollbackError, match="no version counted_v9"):
        roll_back(gold.spark, gold.engine, "counted", "counted_v9")
