"""Every Gold table and analyst's file over made-up tables: Trino and DuckDB answer the same, to the last digit."""

from pathlib import Path

import pytest

from athena_queries.analyst_file import AnalystFile, read_analyst_files
from athena_queries.builds.build import in_order
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.trino_engine import TrinoEngine
from athena_queries.gold_table import GoldTable, read_gold_tables
from tests.athena import made_up_rows
from tests.athena.same_answer import assert_same
from tests.athena.small_lake import add_table, make_lake

GOLD = in_order(read_gold_tables())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with all of Silver, and Gold as DuckDB makes it."""
    folder = make_lake(tmp_path_factory.mktemp("both") / "lake", made_up_rows.silver())
    for table in GOLD:
        add_table(folder, table.full_name, DuckDbEngine(folder).run(table.sql).rows)
    return folder


@pytest.mark.parametrize("table", GOLD, ids=lambda table: table.name)
def test_a_gold_table_is_the_same_on_both(table: GoldTable, lake: Path, trino: int) -> None:
    assert_same(DuckDbEngine(lake).run(table.sql).rows, TrinoEngine(lake, trino).run(table.sql).rows, table.sql)


@pytest.mark.parametrize("file", read_analyst_files(), ids=lambda file: file.name)
def test_an_analysts_file_answers_the_same_on_both(file: AnalystFile, lake: Path, trino: int) -> None:
    duckdb = DuckDbEngine(lake).run(file.sql, file.literals([])).rows
    assert_same(duckdb, TrinoEngine(lake, trino).run(file.sql, file.literals([])).rows, file.sql)
