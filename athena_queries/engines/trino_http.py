"""Trino's client protocol on this machine: one statement over HTTP, with its rows page by page."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

# Athena calls the Glue Data Catalog so, in SQL and in its errors.
CATALOG = "awsdatacatalog"
_HEADERS = {
    "X-Trino-User": "lake",
    "X-Trino-Source": "task-lake",
    "X-Trino-Catalog": CATALOG,
    "X-Trino-Time-Zone": "UTC",
    # Without it every timestamp comes in milliseconds.
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
}
_TIMEOUT_SECONDS = 60


class StatementError(Exception):
    """Trino did not run the statement: its error's name, such as TABLE_NOT_FOUND, and what it says."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(said)
        self.name = name


@dataclass(frozen=True)
class Result:
    """The columns of a statement's answer, their rows as JSON has them, and the bytes read from storage."""

    columns: Sequence[Mapping[str, Any]]
    rows: list[list[Any]]
    bytes_scanned: int


def execute(port: int, sql: str) -> Result:
    """Return the answer to one statement; raise StatementError. An interrupt cancels it in Trino too."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        return _read_pages(connection, _answer(connection, "POST", "/v1/statement", sql.encode()))
    except (OSError, HTTPException) as error:
        raise StatementError("NO_SERVER", f"Trino does not answer on port {port}: {error!r}") from error
    finally:
        connection.close()


def _read_pages(connection: HTTPConnection, page: dict[str, Any]) -> Result:
    columns: Sequence[Mapping[str, Any]] = []
    rows: list[list[Any]] = []
    try:
        while True:
            if error := page.get("error"):
                raise StatementError(error["errorName"], error["message"])
            columns = page.get("columns", columns)
            rows += page.get("data", [])
            if "nextUri" not in page:
                return Result(columns, rows, page["stats"]["physicalInputBytes"])
            page = _answer(connection, "GET", urlsplit(page["nextUri"]).path)
    except KeyboardInterrupt:
        _cancel(connection, page)
        raise


def _cancel(connection: HTTPConnection, page: Mapping[str, Any]) -> None:
    connection.close()
    with suppress(OSError, HTTPException):
        connection.request("DELETE", urlsplit(page["nextUri"]).path, headers=_HEADERS)
        connection.getresponse().read()


def _answer(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    connection.request(method, path, body, _HEADERS)
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise StatementError("NO_ANSWER", f"Trino answers {response.status}: {text.decode(errors='replace')[:200]}")
    return dict(json.loads(text))
