"""Every lint over every file of Gold and every analyst's file."""

import os
import re
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable

from athena_queries.analyst_file import ANALYST, read_analyst_file
from athena_queries.gold_table import GOLD, GoldTable, GoldTableError, read_gold_tables
from athena_queries.lake_tables import lake_tables
from athena_queries.lints import gold_metadata, header, names, portability, scans
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.sql import QueryError, parse

RULES: tuple[Callable[[SqlFile, Lake], Iterator[Finding]], ...] = (
    header.findings,
    names.names,
    scans.select_star,
    scans.partition,
    scans.cross_join,
    portability.functions,
    portability.approximations,
    portability.chances,
    portability.decimals,
    gold_metadata.columns,
    gold_metadata.no_personal_text,
)


def lint(
    gold: Traversable = GOLD, analyst: Traversable = ANALYST, functions: frozenset[str] | None = None
) -> list[Finding]:
    """Return what is wrong with the newest version of each Gold table and with the analysts' files, by path and line.

    A folder that describes no table ends the reading of Gold: analysts' files that read it would all be wrong.
    """
    try:
        tables = read_gold_tables(gold)
    except GoldTableError as error:
        path, fault = re.split(r": | (?=is missing)", str(error), maxsplit=1)
        return [Finding(_shown(path), 1, gold_metadata.RULE, fault)]
    lake = Lake(lake_tables(tables), functions if functions is not None else portability.athena_functions())
    found: set[Finding] = set()
    for table in tables:
        found.update(_gold(gold / f"{table.name}_v{table.version}", table, lake))
    for file in sorted(analyst.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".sql"):
            found.update(_analyst(file, lake))
    return sorted(found)


def _gold(folder: Traversable, table: GoldTable, lake: Lake) -> Iterator[Finding]:
    metadata = folder / "metadata.yaml"
    yield from _parsed(folder / "query.sql", lambda path, text: _query(path, text, table), lake)
    yield from _parsed(folder / "checks.sql", lambda path, text: _checks(path, text, table), lake)
    yield from gold_metadata.metadata(_shown(str(metadata)), metadata.read_text(encoding="utf-8"), table, lake)


def _query(path: str, text: str, table: GoldTable) -> SqlFile:
    return SqlFile(path, text, Kind.GOLD, (parse(text),), table)


def _checks(path: str, text: str, table: GoldTable) -> SqlFile:
    """Return a table's checks, each parsed at its own place in the text, so that its lines are the file's."""
    places = [(check.sql, text.index(check.sql)) for check in table.checks]
    queries = tuple(parse(re.sub(r"[^\n]", " ", text[:at]) + sql) for sql, at in places)
    return SqlFile(path, text, Kind.CHECKS, queries, table)


def _analyst(file: Traversable, lake: Lake) -> Iterator[Finding]:
    def read(path: str, text: str) -> SqlFile:
        question = read_analyst_file(file.name.removesuffix(".sql"), text)
        return SqlFile(path, text, Kind.ANALYST, (parse(text),), question=question)

    yield from _parsed(file, read, lake)


def _parsed(file: Traversable, read: Callable[[str, str], SqlFile], lake: Lake) -> Iterator[Finding]:
    path, text = _shown(str(file)), file.read_text(encoding="utf-8")
    try:
        read_file = read(path, text)
    except QueryError as error:
        yield Finding(path, error.line or 1, "syntax", error.said)
        return
    for rule in RULES:
        yield from rule(read_file, lake)


def _shown(path: str) -> str:
    """Return a path as it is typed from where the command runs, so that editors find it."""
    return os.path.relpath(path)
