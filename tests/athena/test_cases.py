"""Every case of `tests/athena_queries` on Trino: the rows that it expects, which DuckDB answers in `make test`."""

from pathlib import Path

import pytest

from athena_queries.engines.trino_engine import TrinoEngine
from tests.athena.small_lake import make_lake
from tests.unit.athena_queries.cases import case_folders, read_case
from tests.unit.athena_queries.difference import difference


@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_the_query_answers_what_the_case_expects(folder: Path, trino: int, tmp_path: Path) -> None:
    case = read_case(folder)
    answer = TrinoEngine(make_lake(tmp_path / "lake", case.tables), trino).run(case.sql)
    if found := difference(case.expected, answer.rows, case.is_ordered):
        pytest.fail(f"{folder.parent.name}/{folder.name}: - is expected, + is the answer\n{found}", pytrace=False)
