"""Which line of a query's text an engine's error is about."""

import json
import re
from typing import Any

from sqlglot import exp
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.tokenizer_core import TokenType

from athena_queries.sql import QueryError, name_of, parse, table_nodes, tokens_of

_MARK = re.compile("\x01(\\d+)\x02")
_NAMED = re.compile(
    r"""["'](?P<quoted>[\w.]+)["']|\b(?:table|column|function|name) (?P<bare>[\w.]+)|\b(?P<table>[a-z_]\w*\.\w+)""",
    re.IGNORECASE,
)


class _Marked(DuckDBGenerator):
    """Writes DuckDB's SQL with the line of the original text before each expression that knows its own."""

    def sql(self, expression: str | exp.Expr | None, key: str | None = None, comment: bool = True) -> str:
        """Return the SQL of one expression."""
        text = super().sql(expression, key, comment)
        line = expression.meta.get("line") if text and isinstance(expression, exp.Expr) and not key else None
        return f"\x01{line}\x02{text}" if line else text


def fault(error: Exception, query: exp.Expr) -> QueryError:
    """Return what DuckDB said of the SQL that a SELECT of Athena's became, with the line of Athena's text.

    It tells its position only where a connection has ``errors_as_json``.
    """
    found = _as_json(error)
    said, *more = found["exception_message"].splitlines()
    hints = [line for line in more if line.startswith(("Candidate bindings", "Candidate tables"))]
    position = found.get("position")
    return QueryError(" ".join([said, *hints]), _line_at(query, int(position)) if position else None)


def located(error: QueryError, sql: str) -> QueryError:
    """Return the error with its line; one that knows none is about the first name of its message that the text has."""
    if error.line:
        return error
    told, _, _ = error.said.partition(" Candidate ")
    lines = (_line_of(sql, **found.groupdict()) for found in _NAMED.finditer(told))
    return QueryError(error.said, next(filter(None, lines), None))


def _line_of(sql: str, quoted: str | None, bare: str | None, table: str | None) -> int | None:
    """Return the line where a name of an error's message stands; what only looks like a table is looked for as one."""
    name = quoted or bare
    return _line_of_table(sql, table or name or "") or (_line_of_name(sql, name) if name else None)


def _as_json(error: Exception) -> dict[str, Any]:
    text = str(error)
    try:
        return dict(json.loads(text[text.index("{") :]))
    except ValueError:
        return {"exception_message": text}


def _line_at(query: exp.Expr, position: int) -> int | None:
    """Return the line of what stands at this byte of DuckDB's SQL, else of what follows it."""
    *marked, rest = _split(_Marked(dialect="duckdb").generate(query))
    if "".join([*(text for text, _ in marked), rest[0]]) != query.sql(dialect="duckdb"):
        return None  # a mark got in the generator's way
    done, line = 0, None
    for text, line in marked:
        done += len(text.encode())
        if done >= position:
            return line
    return line


def _split(marked: str) -> list[tuple[str, int]]:
    """Return each stretch of text with the line that is marked after it; the last has none."""
    parts = _MARK.split(marked)
    return [*((text, int(line)) for text, line in zip(parts[::2], parts[1::2], strict=False)), (parts[-1], 0)]


def _line_of_table(sql: str, name: str) -> int | None:
    try:
        nodes = table_nodes(parse(sql))
    except QueryError:
        return None
    lines = [table.this.meta["line"] for table in nodes if name_of(table) == name.lower() and "line" in table.this.meta]
    return min(lines, default=None)


def _line_of_name(sql: str, name: str) -> int | None:
    last = name.rpartition(".")[2].lower()
    named = (token for token in tokens_of(sql) if token.token_type != TokenType.STRING)
    return next((token.line for token in named if token.text.lower() == last), None)
