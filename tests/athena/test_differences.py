"""The engines differ in what docs/athena-engines.md says, and just so."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.engine import Engine
from athena_queries.engines.trino_engine import TrinoEngine
from athena_queries.sql import QueryError
from tests.athena.small_lake import make_lake

_PAGE = Path(__file__).parents[2] / "docs" / "athena-engines.md"
_LINE = re.compile(r"^\| `(?P<sql>.+?)` \| (?P<duckdb>.+?) \| (?P<trino>.+?) \| (?P<instead>.+?) \|$", re.MULTILINE)


class Difference(NamedTuple):
    sql: str
    duckdb: str
    trino: str
    instead: str


DIFFERENCES = [Difference(**line.groupdict()) for line in _LINE.finditer(_PAGE.read_text())]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lake(tmp_path_factory.mktemp("none") / "lake", {})


def answer(engine: Engine, expression: str) -> str:
    """Return what an expression's value is: its type and itself."""
    try:
        rows = engine.run(f"select {expression} as answer").rows
    except QueryError:
        return "error"
    [value] = rows["answer"].to_pylist()
    return f"{rows.schema.field('answer').type} {'NULL' if value is None else value}".strip()


@pytest.mark.parametrize("line", DIFFERENCES, ids=lambda line: line.sql)
def test_the_engines_differ_as_the_page_says(line: Difference, lake: Path, trino: int) -> None:
    answers = answer(DuckDbEngine(lake), line.sql), answer(TrinoEngine(lake, trino), line.sql)
    assert answers == (line.duckdb, line.trino)
    assert line.duckdb != line.trino


def test_every_line_of_the_pages_tables_is_read() -> None:
    lines = [line for line in _PAGE.read_text().splitlines() if line.startswith("| `")]
    assert len(lines) == len(DIFFERENCES) > 25
