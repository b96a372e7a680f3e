"""Whether a Gold table's ``metadata.yaml`` describes what its SELECT returns, and no personal text is in it."""

import re
from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from athena_queries.gold_table import GoldTable
from athena_queries.lake_tables import partitions
from athena_queries.lints.lineage import LineageError, lineage
from athena_queries.lints.personal_text import personal_text
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.sql import QueryError

RULE = "metadata"
_TYPE = re.compile(
    r"varchar|bigint|integer|double|boolean|date|decimal\(\d+, \d+\)|timestamp\(6\)( with time zone)?"
    r"|array\((varchar|bigint|double|date)\)"
)


def columns(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return what the lake does not have, and a SELECT whose columns are not the metadata's, in order."""
    for query in file.queries:
        try:
            found = list(lineage(query, lake.tables))
        except LineageError as error:
            yield file.finding(error.line, "column", str(error))
            continue
        if file.kind is Kind.GOLD and file.table and found != list(file.table.columns):
            message = f"metadata.yaml's columns are {', '.join(file.table.columns)}, the SELECT's {', '.join(found)}"
            yield file.finding(1, RULE, f"{message}: make them the same, in order")


def no_personal_text(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each column of Gold, or of a check, whose rows are shown, that is made of a person's words."""
    for query in file.queries if file.kind is not Kind.ANALYST else ():
        yield from _personal_columns(file, query, lake)


def _personal_columns(file: SqlFile, query: exp.Query, lake: Lake) -> Iterator[Finding]:
    try:
        found = personal_text(query, lake.tables)
    except LineageError:
        return  # the rule above says so
    for column, sources in found.items():
        written = {source.column for source in sources}
        at = next((each for each in query.find_all(exp.Column) if each.name.lower() in written), 1)
        message = f"{column} is made of {', '.join(map(str, sources))}, where a person may have written anything"
        yield file.finding(at, "personal-text", f"{message}: leave it out (docs/adr/0016 says what is open)")


def metadata(path: str, text: str, table: GoldTable, lake: Lake) -> Iterator[Finding]:
    """Return what a table's metadata says that cannot be so; ``text`` is the file, for the lines."""
    for name, fault in _faults(table, lake):
        line = next((n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*{re.escape(name)}\b", line)), 1)
        yield Finding(path, line, RULE, fault)


def _faults(table: GoldTable, lake: Lake) -> Iterator[tuple[str, str]]:
    """Return what stands at the fault's line, and the fault."""
    for name, column in table.columns.items():
        if not _TYPE.fullmatch(column.type):
            yield name, f"{name} has the type {column.type}: write Athena's, such as varchar, bigint or double"
    for name in table.key:
        if name not in table.columns:
            yield "key", f"the key's {name} is none of the columns: name one of {', '.join(table.columns)}"
    for name in partitions(table.partitioning):
        if name not in table.columns:
            yield "partitioning", f"{name} is none of the columns: partition by one that is"
    if not isinstance(table.budget_mb, int) or table.budget_mb < 1:
        yield "budget_mb", f"{table.budget_mb!r} is no budget: write whole megabytes"
    yield from _refresh_faults(table, lake)


def _refresh_faults(table: GoldTable, lake: Lake) -> Iterator[tuple[str, str]]:
    if not table.refresh:
        return
    name = table.refresh.column
    if name not in table.columns or table.columns[name].type != "date":
        yield "column", f"refresh.column is {name}, which is no date among the columns: name one that is"
    try:
        read = table.reads
    except QueryError:
        return  # query.sql's own finding
    for source in sorted(read - set(table.refresh.changed_by)):
        yield "changed_by", f"{source}, which the SELECT reads, is missing: its late changes would never be seen"
    for source, expression in table.refresh.changed_by.items():
        if source not in read:
            yield source, f"changed_by names {source}, which the SELECT does not read: delete it"
        elif unknown := _unknown(expression, lake.tables[source].columns if source in lake.tables else {}):
            yield source, f"{expression} names {', '.join(unknown)}, which {source} does not have"


def _unknown(expression: str, known: Mapping[str, str]) -> list[str]:
    try:
        tree = sqlglot.parse_one(expression, dialect="spark")
    except SqlglotError:
        return [expression]
    return [column.name for column in tree.find_all(exp.Column) if column.name not in known]
