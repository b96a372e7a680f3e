"""The statements by which Athena makes Gold's tables and views, as text."""

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from athena_queries.engines.engine import NewTable
from athena_queries.literal import quoted
from athena_queries.sql import QueryError

# What one CTAS or INSERT may write: docs/aws-semantics.md#athena-ctas-2.
MOST_PARTITIONS = 100
_TRANSFORM = re.compile(
    r"(?P<unit>year|month|day|hour)\((?P<of>\w+)\)|bucket\(\w+, *(?P<buckets>[1-9]\d*)\)|(?P<column>\w+)"
)
_VIEW = re.compile(r"/\* Presto View: (?P<definition>[A-Za-z0-9+/=]+) \*/")


def create_table_as(table: NewTable, select: str) -> str:
    """Return the CTAS of an Iceberg table. All before the SELECT is on its first line: its lines keep their numbers."""
    if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", table.name):
        raise QueryError(f"a table is called <namespace>.<name>, not {table.name!r}")
    properties = ["table_type = 'ICEBERG'", "is_external = false", "format = 'PARQUET'"]
    properties.append(f"location = '{table.location}'")
    if table.partitioning:
        quoted = ", ".join(f"'{each}'" for each in table.partitioning)
        properties.append(f"partitioning = ARRAY[{quoted}]")
    return f"CREATE TABLE {table.name} WITH ({', '.join(properties)}) AS {select}"


def storable(select: str, columns: pa.Schema) -> str:
    """Return the SELECT with what Athena cannot store cast to what it can; the same text where it can store all.

    A time with a zone becomes the same time in UTC without one, small integers become integers
    (docs/aws-semantics.md#athena-ctas-4).
    """
    stored = [_stored(column.name, column.type) for column in columns]
    if not any(is_cast for _, is_cast in stored):
        return select
    return f"SELECT {', '.join(sql for sql, _ in stored)} FROM ({select}\n)"


def _stored(name: str, type_: pa.DataType) -> tuple[str, bool]:
    quoted = '"' + name.replace('"', '""') + '"'
    if pa.types.is_timestamp(type_):
        value = f"{quoted} AT TIME ZONE 'UTC'" if type_.tz else quoted
        return f"cast({value} AS timestamp(6)) AS {quoted}", True
    if type_ in {pa.int8(), pa.int16()}:
        return f"cast({quoted} AS integer) AS {quoted}", True
    return quoted, False


def partition_expressions(partitioning: Sequence[str]) -> tuple[list[str], int]:
    """Return an expression for each transform whose values are to be counted, and how many of them fit one statement.

    A bucket's number has no expression in Athena's SQL. But there are no more buckets than the transform says, so
    each value counts as often.
    """
    found = [_TRANSFORM.fullmatch(each) for each in partitioning]
    if unknown := [each for each, match in zip(partitioning, found, strict=True) if not match]:
        raise QueryError(f"partitioning is by a column or its year, month, day, hour or bucket, not by {unknown[0]}")
    matches = [match for match in found if match]
    most = MOST_PARTITIONS // math.prod(int(match["buckets"] or 1) for match in matches)
    if not most:
        raise QueryError(f"{', '.join(partitioning)}: Athena writes at most {MOST_PARTITIONS} buckets in one statement")
    counted = [match for match in matches if not match["buckets"]]
    return [f"date_trunc('{each['unit']}', {each['of']})" if each["unit"] else each["column"] for each in counted], most


def distinct_values(expressions: Sequence[str], source: str) -> str:
    """Return the SELECT of the partitions' values in these rows, in order."""
    named = ", ".join(f"{expression} AS value_{number}" for number, expression in enumerate(expressions))
    order = ", ".join(str(number + 1) for number in range(len(expressions)))
    return f"SELECT DISTINCT {named} FROM {source} ORDER BY {order}"


def conditions(expressions: Sequence[str], values: pa.Table, most: int) -> Iterator[str]:
    """Yield a condition for each so many of the partitions' values; each row of the table fulfils one of them."""
    rows = list(zip(*(column.to_pylist() for column in values.columns), strict=True))
    for start in range(0, len(rows), most):
        yield " OR ".join(_condition(expressions, row) for row in rows[start : start + most])


def _condition(expressions: Sequence[str], row: Sequence[object]) -> str:
    # A partition may hold the rows whose value is NULL, which equals nothing.
    pairs = zip(expressions, row, strict=True)
    return f"({' AND '.join(f'{expression} IS NOT DISTINCT FROM {_literal(value)}' for expression, value in pairs)})"


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value).lower()
        case str():
            return quoted(value)
        case datetime():
            return f"timestamp '{value:%Y-%m-%d %H:%M:%S.%f}'"
        case date():
            return f"date '{value}'"
    raise QueryError(f"a partition's value is a date, a time, a text, a whole number or a boolean, not {value!r}")


def selected_table(view: str, found: Mapping[str, Any]) -> str:
    """Return the table that a view selects from, given its entry in the Glue Data Catalog."""
    definition = _VIEW.fullmatch(found.get("ViewOriginalText", ""))
    if not definition:
        raise QueryError(f"{view} is in the catalog, but is no view of Athena's")
    decoded = json.loads(base64.b64decode(definition["definition"]))
    selected = sqlglot.parse_one(decoded["originalSql"], dialect="athena").find(exp.Table)
    if not selected:
        raise QueryError(f"{view} selects from no table")
    return f"{selected.db or decoded['schema']}.{selected.name}".lower()
