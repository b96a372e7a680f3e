"""What the engine says to Trino, and what it makes of what Trino says; `make test-athena` asks a real one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from athena_queries.engines import trino_http
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.trino_engine import TrinoEngine
from athena_queries.engines.trino_http import StatementError, execute
from athena_queries.sql import QueryError
from local.loopback import LoopbackServer, Request, Response

ONE = {"columns": [{"name": "n", "typeSignature": {"rawType": "bigint", "arguments": []}}], "data": [[1]]}
STATS = {"stats": {"physicalInputBytes": 7}}


class Trino:
    """Answers each statement with its scripted pages, or with no rows, and keeps what it was sent."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Any]] = []
        self.statements: list[str] = []
        self.deleted: list[str] = []

    def answer(self, request: Request) -> Response:
        """Return the next page; it names the one after it."""
        if request.method == "DELETE":
            self.deleted.append(request.target)
            return Response("204 No Content")
        if request.method == "POST":
            self.statements.append(request.body.decode())
        is_scripted = self.statements[-1].startswith("select")
        page = self.pages.pop(0) if is_scripted else {}
        more = {"nextUri": "http://elsewhere/v1/next"} if is_scripted and self.pages else {}
        return Response("200 OK", json.dumps({**STATS, **page, **more}).encode())


@pytest.fixture
def trino() -> Trino:
    return Trino()


@pytest.fixture
def port(trino: Trino) -> Iterator[int]:
    with LoopbackServer(trino.answer) as server:
        yield int(urlsplit(server.url).port or 0)


@pytest.fixture
def engine(tmp_path: Path, port: int) -> TrinoEngine:
    catalog = DuckDbEngine(tmp_path).catalog
    catalog.create_namespace("silver")
    catalog.create_table("silver.tasks", pa.schema([("n", pa.int64())]))
    return TrinoEngine(tmp_path, port)


def test_the_rows_of_all_pages_are_one_answer(trino: Trino, engine: TrinoEngine) -> None:
    trino.pages = [{}, ONE, ONE, {}]
    answer = engine.run("select 1 as n")
    assert answer.rows.to_pylist() == [{"n": 1}, {"n": 1}]
    assert answer.bytes_scanned == 7


def test_a_table_is_brought_once_and_shown_under_its_name(trino: Trino, engine: TrinoEngine) -> None:
    for _ in range(2):
        trino.pages = [ONE]
        engine.run("select n from silver.tasks")
    *schemas, registered, shown, first, second = trino.statements
    assert schemas == ['CREATE SCHEMA IF NOT EXISTS "metadata_files"', 'CREATE SCHEMA IF NOT EXISTS "silver"']
    assert registered.startswith("CALL system.register_table('metadata_files', 'silver_tasks_00000_")
    assert shown.startswith(
        'CREATE OR REPLACE VIEW "silver"."tasks" SECURITY INVOKER AS SELECT * FROM metadata_files."'
    )
    assert first == second == "select n from silver.tasks"


def test_a_parameter_stands_in_the_text_and_what_follows_the_statement_does_not(
    trino: Trino, engine: TrinoEngine
) -> None:
    trino.pages = [ONE]
    engine.run("select ? as n;\n", ["'it''s'"])
    assert trino.statements == ["select 'it''s' as n"]


def test_an_error_keeps_its_line_and_column(trino: Trino, engine: TrinoEngine) -> None:
    trino.pages = [{}, {"error": {"errorName": "COLUMN_NOT_FOUND", "message": "line 3:5: Column 'x' cannot be …"}}]
    with pytest.raises(QueryError) as error:
        engine.run("select x")
    assert (error.value.line, error.value.column, error.value.said) == (3, 5, "Column 'x' cannot be …")


def test_bronze_is_refused_before_trino_is_asked(trino: Trino, engine: TrinoEngine) -> None:
    with pytest.raises(QueryError, match=r"bronze\.api_logs: Bronze is no Iceberg table"):
        engine.run("select * from bronze.api_logs")
    assert not trino.statements


def test_an_interrupt_cancels_the_statement(trino: Trino, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = trino_http._answer

    def interrupted(connection: Any, method: str, *more: Any) -> dict[str, Any]:
        if method == "GET":
            raise KeyboardInterrupt
        return ask(connection, method, *more)

    trino.pages = [{}, ONE]
    monkeypatch.setattr(trino_http, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute(port, "select 1 as n")
    assert trino.deleted == ["/v1/next"]


def test_a_server_that_went_away_is_said_in_one_line(tmp_path: Path) -> None:
    with LoopbackServer(lambda _: None) as server:
        port = int(urlsplit(server.url).port or 0)
        with pytest.raises(QueryError, match=rf"^Trino does not answer on port {port}: RemoteDisconnected"):
            TrinoEngine(tmp_path, port).run("select 1 as n")


def test_an_answer_that_is_none_says_what_it_is() -> None:
    busy = Response("503 Service Unavailable", b"starting")
    with LoopbackServer(lambda _: busy) as server, pytest.raises(StatementError, match="Trino answers 503: starting"):
        execute(int(urlsplit(server.url).port or 0), "select 1")
