"""Which files of a table a query can need: its comparisons with constants, as Iceberg finds files by them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, NamedTuple

from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Or,
)
from pyiceberg.schema import Schema
from pyiceberg.types import BooleanType, DateType, IcebergType, IntegerType, LongType, StringType, TimestamptzType
from sqlglot import exp

from athena_queries.sql import name_of, table_nodes

# Each with what it is when its sides are changed. All are false of NULL: so no row that an outer join adds passes them.
_TERMS: dict[type[exp.Expr], tuple[Any, Any]] = {
    exp.EQ: (EqualTo, EqualTo),
    exp.GT: (GreaterThan, LessThan),
    exp.GTE: (GreaterThanOrEqual, LessThanOrEqual),
    exp.LT: (LessThan, GreaterThan),
    exp.LTE: (LessThanOrEqual, GreaterThanOrEqual),
}
# What is made of these alone has the same value here and in the query; a function's may be another each time.
_CONSTANT = (
    *(exp.Literal, exp.Boolean, exp.Paren, exp.Neg, exp.Add, exp.Sub),
    *(exp.Cast, exp.DataType, exp.DataTypeParam, exp.Date, exp.DateAdd, exp.Interval, exp.Var),
)
_PLAIN_TABLE = {"this", "db", "catalog", "alias"}
_ALIKE = {StringType: {str}, LongType: {int}, IntegerType: {int}, BooleanType: {bool}, DateType: {date}}
Evaluate = Callable[[exp.Expr], Any]


class _Comparison(NamedTuple):
    """One comparison of a column: as Iceberg calls it, and with what."""

    term: Any
    column: exp.Expr
    values: list[exp.Expr]


def file_filter(query: exp.Query, table: str, schema: Schema, evaluate: Evaluate) -> BooleanExpression:
    """Return what every row of the table that the query can use fulfils; AlwaysTrue where nothing is known.

    ``evaluate`` gives the value of an expression without columns. Only what each SELECT of the table demands in its own
    WHERE counts, joined by OR where there are several: an engine may read fewer rows, never others.
    """
    types = {field.name: field.field_type for field in schema.fields}
    filters = [_all(_terms(place, types, evaluate)) for place in table_nodes(query) if name_of(place) == table]
    return reduce(_or, filters) if filters else AlwaysTrue()


def _all(terms: Iterable[BooleanExpression]) -> BooleanExpression:
    every: BooleanExpression = AlwaysTrue()
    for term in terms:
        every = And(every, term)
    return every


def _or(left: BooleanExpression, right: BooleanExpression) -> BooleanExpression:
    return Or(left, right)


def _terms(table: exp.Table, types: Mapping[str, IcebergType], evaluate: Evaluate) -> Iterator[BooleanExpression]:
    names = _names_of_its_columns(table)
    for term, column, values in _comparisons(table) if names else ():
        name = column.name.lower()
        if not _is_column(column, names) or name not in types or not all(map(_is_constant, values)):
            continue
        found = [_stored(evaluate(value), types[name]) for value in values]
        if None not in found:
            yield term(name, set(found) if term is In else found[0])


def _names_of_its_columns(table: exp.Table) -> set[str]:
    """Return what stands in front of a column that is surely this table's, "" for nothing; none where it is not known.

    Within a query the nearest table that has the column has it, so an outer query's tables need not be known.
    """
    select = table.parent and table.parent.parent
    if not isinstance(table.parent, exp.From | exp.Join) or not isinstance(select, exp.Select):
        return set()
    joins = select.args.get("joins") or []
    sources = [select.args["from_"].this, *(join.this for join in joins), *(select.args.get("laterals") or [])]
    names = [source.alias_or_name.lower() for source in sources]
    # A list of columns gives them other names; a sample and an ASOF join choose among the rows that they find.
    is_plain = all(key in _PLAIN_TABLE for key, value in table.args.items() if value) and not table.alias_column_names
    is_nested = "" in names or any(source.args.get("joins") for source in sources)
    if not is_plain or is_nested or any(join.method for join in joins) or names.count(table.alias_or_name.lower()) > 1:
        return set()
    return {table.alias_or_name.lower(), *([""] if len(sources) == 1 else [])}


def _is_column(column: exp.Expr, names: set[str]) -> bool:
    return isinstance(column, exp.Column) and not column.db and column.table.lower() in names


def _is_constant(value: exp.Expr) -> bool:
    return all(isinstance(node, _CONSTANT) for node in value.walk())


def _comparisons(table: exp.Table) -> Iterator[_Comparison]:
    """Return the comparisons that all must hold in the WHERE of the table's SELECT."""
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    conditions = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
    for condition in conditions:
        yield from _compared(condition.unnest())


def _compared(condition: exp.Expr) -> Iterator[_Comparison]:
    if isinstance(condition, exp.Between) and not condition.args.get("symmetric"):
        yield _Comparison(GreaterThanOrEqual, condition.this, [condition.args["low"]])
        yield _Comparison(LessThanOrEqual, condition.this, [condition.args["high"]])
    elif isinstance(condition, exp.In) and condition.expressions:
        yield _Comparison(In, condition.this, condition.expressions)
    elif type(condition) in _TERMS:
        term, mirrored = _TERMS[type(condition)]
        yield _Comparison(term, condition.this, [condition.expression])
        yield _Comparison(mirrored, condition.expression, [condition.this])


def _stored(value: Any, kind: IcebergType) -> Any:
    """Return a value as Iceberg's literal of a column's type takes it; None where that cannot be told."""
    if isinstance(kind, TimestamptzType) and isinstance(value, date):
        at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    is_same = any(isinstance(kind, iceberg) and type(value) in python for iceberg, python in _ALIKE.items())
    return (value.isoformat() if isinstance(value, date) else value) if is_same else None
