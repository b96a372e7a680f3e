import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import great_expectations.expectations as gxe
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import data_quality.suites
from athena_queries.build import audit_gold, build_gold, discard, publish_gold
from athena_queries.duckdb_engine import DuckDbEngine, parse
from athena_queries.gold_table import GoldTable, read_gold_tables
from data_quality.gate import Gate

COUNTED = GoldTable("counted", 1, "select count(*) as n from build_tests.source", ("n",), {"n": "rows"})


@pytest.fixture(scope="module", autouse=True)
def suite() -> Any:
    """A suite of the table's name, as every Gold table has one."""
    module: Any = ModuleType("counted")
    module.evidence = lambda gold, read: gold.crossJoin(read("build_tests.source").limit(1)).withColumn(
        "rows", F.lit(1)
    )
    module.expectations = lambda: [gxe.ExpectColumnMaxToBeBetween(column="n", max_value=2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "data_quality.suites.counted", module)
        yield


@pytest.fixture
def engine(spark: SparkSession, lake: Path) -> DuckDbEngine:
    spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.build_tests")
    spark.sql("CREATE OR REPLACE TABLE lake.build_tests.source USING iceberg AS SELECT id FROM range(2)")
    return DuckDbEngine(lake)


def shown(spark: SparkSession) -> list[int]:
    return [row.n for row in spark.table("lake.gold.counted").collect()]


def published(spark: SparkSession, engine: DuckDbEngine, lake: Path) -> Any:
    build = build_gold(spark, engine, lake, COUNTED)
    assert build is not None
    publish_gold(spark, build)
    return build


def test_a_build_is_seen_through_its_view_once_it_is_published(
    spark: SparkSession, engine: DuckDbEngine, lake: Path
) -> None:
    build = published(spark, engine, lake)
    assert shown(spark) == [2]
    assert (build.rows_in, build.rows_out) == (2, 1)
    assert engine.run("select n from gold.counted").rows.to_pylist() == [{"n": 2}]


def test_an_unchanged_input_builds_nothing(spark: SparkSession, engine: DuckDbEngine, lake: Path) -> None:
    published(spark, engine, lake)
    assert build_gold(spark, engine, lake, COUNTED) is None


def test_a_changed_input_is_built_beside_the_former_build(
    spark: SparkSession, engine: DuckDbEngine, lake: Path
) -> None:
    former = published(spark, engine, lake)
    spark.sql("INSERT INTO lake.build_tests.source VALUES (9)")
    latest = published(spark, engine, lake)
    assert shown(spark) == [3]
    assert former.location != latest.location
    assert engine.run(f"select n from {former.name}").rows.to_pylist() == [{"n": 2}]


def test_a_build_that_was_killed_is_made_again(spark: SparkSession, engine: DuckDbEngine, lake: Path) -> None:
    killed = build_gold(spark, engine, lake, COUNTED)
    again = build_gold(spark, engine, lake, COUNTED)
    assert killed is not None
    assert again is not None
    assert killed.name == again.name
    publish_gold(spark, again)
    assert shown(spark) == [2]


def test_a_build_that_fails_its_suite_leaves_view_and_location_as_they_were(
    spark: SparkSession, engine: DuckDbEngine, lake: Path, tmp_path: Path
) -> None:
    published(spark, engine, lake)
    spark.sql("INSERT INTO lake.build_tests.source VALUES (9)")
    build = build_gold(spark, engine, lake, COUNTED)
    assert build is not None
    assert audit_gold(spark, Gate(f"file://{tmp_path}", "run"), build).word == "fail"
    discard(spark, build)
    assert shown(spark) == [2]
    assert not build.location.exists()


def test_every_gold_table_describes_just_the_columns_it_selects_and_has_a_suite() -> None:
    for table in read_gold_tables():
        last_step = parse(table.sql).ctes[-1].this
        assert last_step.named_selects == list(table.columns)
        assert (Path(data_quality.suites.__path__[0]) / f"{table.name}.py").exists()
        assert set(table.key) <= set(table.columns)
