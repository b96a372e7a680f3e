"""Gold of a whole lake: the runner builds it on Trino as it does on DuckDB."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from athena_queries.builds.build import Build, Lake, build_gold
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.engine import NewTable
from athena_queries.engines.trino_engine import TrinoEngine
from athena_queries.gold_table import GoldTable, read_gold_tables
from athena_queries.sql import QueryError
from glue_jobs.jobs.gold import publish_all
from local.lake import open_lake
from local.options import Inputs, Options
from local.run import run_lake
from local.spark import start_spark
from local.traffic.day import generate_day
from operations.progress import Stages
from tests.athena.same_answer import assert_same

GOLD = read_gold_tables()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lake of the generated day, Gold built on DuckDB."""
    folder = tmp_path_factory.mktemp("whole")
    events, logs = folder / "day.stream.jsonl.gz", folder / "day.logs.jsonl.gz"
    generate_day(events, logs)
    with open_lake(folder / "lake") as opened, Stages(Console(quiet=True)) as stages:
        run_lake(opened, Inputs(events, logs), Options(), stages)
        yield opened


@pytest.fixture(scope="module")
def gold(lake: Path, trino: int) -> Iterator[Lake]:
    """That lake as the runner has it under ENGINE=trino."""
    spark = start_spark(lake)
    yield Lake(spark, TrinoEngine(lake, trino), f"file://{lake}", "on-trino")
    spark.stop()


@pytest.mark.parametrize("table", GOLD, ids=lambda table: table.name)
def test_the_select_of_a_gold_table_is_the_same_on_both(table: GoldTable, lake: Path, trino: int) -> None:
    assert_same(DuckDbEngine(lake).run(table.sql).rows, TrinoEngine(lake, trino).run(table.sql).rows, table.sql)


@pytest.mark.parametrize("table", GOLD, ids=lambda table: table.name)
def test_a_published_table_reads_the_same_on_both(table: GoldTable, lake: Path, trino: int) -> None:
    sql = f"select * from {table.full_name}"
    assert_same(DuckDbEngine(lake).run(sql).rows, TrinoEngine(lake, trino).run(sql).rows, sql)


def test_gold_built_on_trino_is_gold_built_on_duckdb_and_is_not_built_again(gold: Lake, lake: Path) -> None:
    engine = DuckDbEngine(lake)
    on_duckdb = [published(engine, table) for table in GOLD]
    for table in GOLD:
        remove(gold, table)
    verdicts = {outcome.table: outcome.verdict for outcome in publish_all(gold, GOLD, print).tables}
    assert verdicts == {table.full_name: "pass" for table in GOLD}
    for table, (name, rows, partitions) in zip(GOLD, on_duckdb, strict=True):
        name_on_trino, rows_on_trino, partitions_on_trino = published(engine, table)
        assert (name_on_trino, partitions_on_trino) == (name, partitions)
        assert_same(rows, rows_on_trino, table.sql)
    assert {outcome.verdict for outcome in publish_all(gold, GOLD, print).tables} == {"unchanged"}


def test_a_build_that_fails_leaves_nothing(gold: Lake, lake: Path) -> None:
    location = lake / "gold" / "broken" / "v1"
    broken = "select 1 / (tasks_created - tasks_created) as n\nfrom silver.tasks_per_user_daily"
    with pytest.raises(QueryError, match="Division by zero"):
        gold.engine.create_table_as(gold.spark, NewTable("gold.broken_v1", f"file://{location}"), broken)
    assert not location.exists()
    assert not gold.spark.catalog.tableExists("lake.gold.broken_v1")


def test_an_error_of_a_build_names_the_line_of_its_select(gold: Lake, lake: Path) -> None:
    with pytest.raises(QueryError, match=r"^line 3, column 5: Column 'nothing'"):
        gold.engine.create_table_as(
            gold.spark,
            NewTable("gold.broken_v1", f"file://{lake}/gold/broken/v1"),
            "-- gold.broken: one row per user.\nselect\n    nothing\nfrom silver.tasks",
        )


def test_a_late_change_rebuilds_its_days_on_trino_too(gold: Lake, lake: Path) -> None:
    late = "(date'2025-09-30', 'late', 1, 0, 0, 0, 0, 0, 0, 0, NULL)"
    gold.spark.sql(f"INSERT INTO lake.silver.tasks_per_user_daily VALUES {late}")
    [throughput] = [table for table in GOLD if table.name == "task_throughput_daily"]
    build = build_gold(gold, throughput)
    assert isinstance(build, Build)
    assert build.days == 1
    rows = DuckDbEngine(lake).run(f"select * from {build.name}").rows
    assert_same(DuckDbEngine(lake).run(throughput.sql).rows, rows, throughput.sql)


def published(engine: DuckDbEngine, table: GoldTable) -> tuple[str | None, pa.Table, str]:
    """Return the name of the table behind the view, its rows, and how it is partitioned."""
    name = engine.view_target(table.full_name)
    rows = engine.run(f"select * from {table.full_name}").rows
    return name, rows, str(engine.table(table.full_name).spec())


def remove(gold: Lake, table: GoldTable) -> None:
    name = gold.engine.view_target(table.full_name)
    assert name
    gold.spark.sql(f"DROP VIEW lake.{table.full_name}")
    location = f"{gold.root}/gold/{table.name}/{name.removeprefix(f'{table.full_name}_')}"
    gold.engine.drop_table(gold.spark, name, location)
    assert not Path(location.removeprefix("file://")).exists()
