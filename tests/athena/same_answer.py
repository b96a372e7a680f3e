"""Whether two engines' answers are one."""

from typing import Any

import pyarrow as pa

from athena_queries.sql import parse


def assert_same(duckdb: pa.Table, trino: pa.Table, sql: str) -> None:
    """Fail where columns, their types, or rows differ; in order, where the SELECT has one."""
    assert trino.schema == duckdb.schema
    assert duckdb.num_rows, (
        "both are empty, which proves nothing: let the header's examples ask for what tests/athena/made_up_rows.py has"
    )
    assert _rows(trino, sql) == _rows(duckdb, sql)


def _rows(answer: pa.Table, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer.to_pylist()
    return rows if parse(sql).args.get("order") else sorted(rows, key=repr)
