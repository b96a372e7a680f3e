"""Athena's SQL as text and as a tree: one SELECT, the tables it names, and its positional parameters."""

import logging
import re
from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

# What it cannot parse it says twice: in a log line, and in the error that a QueryError is made of.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Trino and Athena begin, or go on after the error's name, with "line 12:5: ".
_PLACE = re.compile(r"\bline (?P<line>\d+):(?P<column>\d+): ")
# The alternatives that close come first: what is left as `open` never closes.
_QUOTED = re.compile(r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?P<open>/\*|['"])|.""", re.DOTALL)


class QueryError(Exception):
    """The SQL cannot be answered: one line that says why, and the line and column of the text where they are known."""

    def __init__(self, said: str, line: int | None = None, column: int | None = None) -> None:
        if found := _PLACE.search(said):
            line, column = int(found["line"]), int(found["column"])
            said = said.replace(found[0], "", 1)
        self.said = " ".join(said.split())
        self.line = line
        self.column = column
        place = f"line {line}, column {column}: " if column else f"line {line}: " if line else ""
        super().__init__(f"{place}{self.said}")


def parse(sql: str) -> exp.Query:
    """Return the one SELECT in this text; raise QueryError with line and column where it is none."""
    tokens = _tokens(sql)
    try:
        # A comment behind the last semicolon is a statement of its own to the parser.
        parsed = sqlglot.parse(sql, dialect="athena")
        statements = [statement for statement in parsed if statement and not isinstance(statement, exp.Semicolon)]
    except sqlglot.errors.ParseError as error:
        raise _fault(error) from error
    if not statements:
        raise QueryError("no SQL in it: one SELECT statement is expected", 1)
    if len(statements) > 1:
        raise QueryError("one SELECT statement is expected, a second begins here", _second(tokens).line)
    if not isinstance(statements[0], exp.Query):
        # Before Hive's statements the tokenizer puts a token of its own, which has no text.
        begins = next(token for token in tokens if token.text)
        raise QueryError("one SELECT statement is expected, and nothing else", begins.line)
    return statements[0]


def tables_of(query: exp.Query) -> set[str]:
    """Return the lake's tables that a query names, as ``namespace.table``; its own CTEs are not among them."""
    return {name_of(table) for table in table_nodes(query)}


def table_nodes(query: exp.Query) -> list[exp.Table]:
    """Return each place where a query names a table of the lake, in no order."""
    own = {cte.alias_or_name.lower() for cte in query.find_all(exp.CTE)}
    return [table for table in query.find_all(exp.Table) if table.db or table.name.lower() not in own]


def name_of(table: exp.Table) -> str:
    """Return a table's name as the catalog writes it: Athena's names have no case, the catalog's are lower case."""
    return (f"{table.db}.{table.name}" if table.db else table.name).lower()


def with_parameters(sql: str, literals: Sequence[str]) -> str:
    """Return the text with each ``?`` replaced by its literal, as Athena's execution parameters replace it.

    Lines stay where they are. Raises QueryError where there are more or fewer literals than ``?``.
    """
    places = [token for token in _tokens(sql) if token.token_type == TokenType.PLACEHOLDER]
    if len(places) != len(literals):
        count = "1 parameter" if len(places) == 1 else f"{len(places)} parameters"
        given = "1 value was" if len(literals) == 1 else f"{len(literals)} values were"
        line = places[min(len(literals), len(places) - 1)].line if places else None
        raise QueryError(f"the SQL has {count} (?), {given} given", line)
    for place, literal in reversed(list(zip(places, literals, strict=True))):
        # `a -?` must not become the comment `a --1`.
        literal = f" {literal}" if literal.startswith("-") else literal  # noqa: PLW2901
        sql = f"{sql[: place.start]}{literal}{sql[place.end + 1 :]}"
    return sql


def with_table(sql: str, name: str, other: str) -> str:
    """Return the text with another table wherever it reads the one of this name; its columns stay qualified as before.

    Lines stay where they are.
    """
    places = [table for table in table_nodes(parse(sql)) if name_of(table) == name.lower()]
    for table in sorted(places, key=lambda each: each.this.meta["start"], reverse=True):
        start = (table.args.get("db") or table.this).meta["start"]
        alias = "" if table.alias else f" as {table.this.sql(dialect='athena')}"
        sql = f"{sql[:start]}{other}{alias}{sql[table.this.meta['end'] + 1 :]}"
    return sql


def tokens_of(sql: str) -> list[Token]:
    """Return the text's tokens, none where it cannot be read as such."""
    try:
        return sqlglot.tokenize(sql, dialect="athena")
    except sqlglot.errors.TokenError:
        return []


def _tokens(sql: str) -> list[Token]:
    try:
        return sqlglot.tokenize(sql, dialect="athena")
    except sqlglot.errors.TokenError as error:
        raise _unclosed(sql) from error


def _second(tokens: Sequence[Token]) -> Token:
    """Return the first token of the second statement."""
    ends = (at for at, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON)
    return next(token for token in tokens[next(ends) :] if token.token_type != TokenType.SEMICOLON)


def _unclosed(sql: str) -> QueryError:
    """Return the error of a text that has no tokens; the library's own does not say where."""
    place = next((found for found in _QUOTED.finditer(sql) if found["open"]), None)
    if not place:
        return QueryError("this is no SQL", 1)
    begun = sql[: place.start()]
    return QueryError(f"{place['open']} is never closed", begun.count("\n") + 1, len(begun.rpartition("\n")[2]) + 1)


def _fault(error: sqlglot.errors.ParseError) -> QueryError:
    fault = error.errors[0]
    # The library shows its own classes and tokens in angle brackets.
    said = re.sub(r" (but got|for) <.*", "", fault["description"] or "", flags=re.DOTALL)
    return QueryError(f'{said}, at "{fault["highlight"]}"', fault["line"], fault["col"])
