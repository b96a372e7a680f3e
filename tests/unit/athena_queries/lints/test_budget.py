from collections.abc import Sequence
from typing import cast

import pyarrow as pa
import pytest

from athena_queries.analyst_file import AnalystFile, read_analyst_file
from athena_queries.engines.engine import Answer, Engine
from athena_queries.gold_table import Column, GoldTable, read_gold_tables
from athena_queries.lake_tables import SILVER
from athena_queries.lints.budget import MB, Scan, TableSize, budget_bytes, expected_rows, measured_budgets

# A lake of a year: 100,000 changes, of which a day has 300; 1,000,000 are expected.
LAKE = {"silver.task_changes": TableSize(100_000, 10 * MB), "silver.tasks": TableSize(20_000, 2 * MB)}
GROWTH = {"silver.task_changes": 1_000_000, "silver.tasks": 40_000}
DAY = "select task_id from silver.task_changes where changed_at >= ? and user_id = 'ada'"


class CountingEngine:
    """Says that every query scans so many bytes, and that so many rows are in its window; keeps what it was asked."""

    def __init__(self, scans: int | None = 3 * MB, in_window: int = 300) -> None:
        self._scans = scans
        self._in_window = in_window
        self.asked: list[str] = []

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Answer:
        self.asked.append(sql)
        return Answer(pa.table({"counted_rows": [self._in_window]}), self._scans, 0.1)


def question(sql: str, budget: str = "10 MB") -> AnalystFile:
    parameter = "-- Parameter: first_date date: the day; for example date '2025-10-15'\n" if "?" in sql else ""
    return read_analyst_file("a_question", f"-- Question: what?\n-- Budget: {budget}\n{parameter}\n{sql}")


def build(sql: str, budget_mb: int = 10) -> GoldTable:
    columns = {"user_id": Column("varchar", "the user")}
    return GoldTable("a_table", 1, sql, (), "one row per user_id", "us", ("user_id",), columns, budget_mb)


def scan(engine: CountingEngine, file: AnalystFile | GoldTable, *more: GoldTable) -> Scan:
    gold, analyst = ([file], []) if isinstance(file, GoldTable) else (list(more), [file])
    found = measured_budgets(cast(Engine, engine), LAKE, GROWTH, gold, analyst)
    return found[-1]


def test_what_reads_all_of_a_table_grows_with_it() -> None:
    found = scan(CountingEngine(), build("select user_id from silver.task_changes"))
    assert (found.file, found.measured, found.expected) == ("gold/a_table_v1", 3 * MB, 30 * MB)


def test_a_scan_over_its_budget_says_so() -> None:
    found = scan(CountingEngine(), build("select user_id from silver.task_changes", budget_mb=29))
    assert found.is_over
    assert " ".join(str(found).split()) == "gold/a_table_v1 3.0 MB now, 30.0 MB after a year, budget 29.0 MB OVER"


def test_a_scan_within_its_budget_does_not() -> None:
    found = scan(CountingEngine(), build("select user_id from silver.task_changes", budget_mb=30))
    assert not found.is_over
    assert not str(found).endswith("OVER")


def test_the_table_that_grows_most_decides() -> None:
    sql = "select t.user_id from silver.tasks as t inner join silver.task_changes as c on t.task_id = c.task_id"
    assert scan(CountingEngine(), build(sql)).expected == 30 * MB
    assert scan(CountingEngine(), build("select user_id from silver.tasks")).expected == 4 * MB


def test_a_days_rows_grow_and_what_lies_around_them_does_not() -> None:
    engine = CountingEngine(scans=9 * MB)
    # 300 rows, ten times as many, at 100 bytes, and two row groups of 2 MiB; all that was scanned would be 90 MB.
    needed = 300 * 10 * 100 + 2 * 2 * 1024 * 1024
    assert scan(engine, question(DAY)).expected == max(9 * MB, needed)
    assert scan(CountingEngine(scans=2 * MB), question(DAY)).expected == needed


def test_only_the_filter_on_the_partition_column_narrows() -> None:
    engine = CountingEngine()
    scan(engine, question(DAY))
    assert engine.asked[0].endswith("where changed_at >= date '2025-10-15' and user_id = 'ada'")
    assert engine.asked[1:] == [
        "SELECT COUNT(*) AS counted_rows FROM silver.task_changes WHERE changed_at >= CAST('2025-10-15' AS DATE)"
    ]


def test_a_window_that_holds_most_of_the_table_grows_with_it() -> None:
    assert scan(CountingEngine(in_window=99_000), question(DAY)).expected == 30 * MB


def test_examples_that_find_no_rows_measure_nothing() -> None:
    found = scan(CountingEngine(in_window=0), question(DAY))
    assert found.expected is None
    assert not found.is_over
    assert str(found).endswith("not known: it finds no rows in silver.task_changes")


def test_a_table_that_is_empty_yet_is_left_out_of_the_figure() -> None:
    sql = "select count(*) as user_id from silver.tasks union all select count(*) from silver.quarantine"
    lake = {**LAKE, "silver.quarantine": TableSize(0, 0)}
    growth = {**GROWTH, "silver.quarantine": 1_000}
    [found] = measured_budgets(cast(Engine, CountingEngine()), lake, growth, [build(sql)], [])
    assert found.expected == 4 * MB
    assert str(found).endswith("without silver.quarantine, empty yet")


def test_an_engine_that_does_not_say_what_it_scans_measures_nothing() -> None:
    assert "this engine does not say" in str(scan(CountingEngine(scans=None), question(DAY)))


def test_a_lake_larger_than_expected_does_not_shrink() -> None:
    lake = {"silver.tasks": TableSize(80_000, 8 * MB)}
    file = build("select user_id from silver.tasks")
    [found] = measured_budgets(cast(Engine, CountingEngine()), lake, GROWTH, [file], [])
    assert found.expected == 3 * MB


def test_a_gold_table_that_is_not_in_the_list_grows_as_what_it_is_made_of() -> None:
    file = question("select user_id from gold.a_table")
    lake = {**LAKE, "gold.a_table": TableSize(100, MB)}
    gold = [build("select user_id from silver.tasks")]
    engine = cast(Engine, CountingEngine(scans=MB // 2))
    assert measured_budgets(engine, lake, GROWTH, gold, [file])[-1].expected == MB
    assert measured_budgets(engine, lake, {**GROWTH, "gold.a_table": 100}, gold, [file])[-1].expected == MB // 2


@pytest.mark.parametrize(("text", "size"), [("10 MB", 10_000_000), ("2 GB", 2_000_000_000)])
def test_a_budget_is_of_decimal_megabytes(text: str, size: int) -> None:
    assert budget_bytes(text) == size


def test_the_list_of_growth_has_all_of_silver_and_nothing_that_is_not_there() -> None:
    silver, gold = {table.full_name for table in SILVER}, {table.full_name for table in read_gold_tables()}
    assert silver <= expected_rows().keys() <= silver | gold
