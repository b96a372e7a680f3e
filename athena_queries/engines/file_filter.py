"""Which files of a table a query can need: its comparisons with constants, as Iceberg finds files by them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

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
from pyiceberg.types import BooleanType, DateType, IntegerType, LongType, StringType, TimestamptzType
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from athena_queries.sql import name_of

_TERMS: dict[type[exp.Expr], Any] = {
    exp.EQ: EqualTo,
    exp.GT: GreaterThan,
    exp.GTE: GreaterThanOrEqual,
    exp.LT: LessThan,
    exp.LTE: LessThanOrEqual,
    exp.In: In,
}
# What stands on the other side when the sides are changed.
_MIRRORED: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.EQ: exp.EQ,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_ALIKE = {StringType: {str}, LongType: {int}, IntegerType: {int}, BooleanType: {bool}, DateType: {date}}
Evaluate = Callable[[exp.Expr], Any]


def file_filter(query: exp.Query, table: str, schema: Schema, evaluate: Evaluate) -> BooleanExpression:
    """Return what every row of the table that the query can use fulfils; AlwaysTrue where nothing is known.

    ``evaluate`` gives the value of an expression without columns. Only what each SELECT of the table demands in its own
    WHERE counts, joined by OR where there are several: an engine may read fewer rows, never others.
    """
    filters = [
        _all(_terms(scope, alias, schema, evaluate))
        for scope in traverse_scope(query)
        for alias, source in scope.sources.items()
        if isinstance(source, exp.Table) and name_of(source) == table
    ]
    return reduce(_or, filters) if filters else AlwaysTrue()


def _all(terms: Iterable[BooleanExpression]) -> BooleanExpression:
    every: BooleanExpression = AlwaysTrue()
    for term in terms:
        every = And(every, term)
    return every


def _or(left: BooleanExpression, right: BooleanExpression) -> BooleanExpression:
    return Or(left, right)


def _terms(scope: Scope, alias: str, schema: Schema, evaluate: Evaluate) -> Iterator[BooleanExpression]:
    where = scope.expression.args.get("where")
    for term in where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []:
        for comparison in _comparisons(term.unnest()):
            column, values = comparison.this, comparison.expressions or [comparison.expression]
            if not _is_column(column, scope, alias) or any(value.find(exp.Column, exp.Query) for value in values):
                continue
            field = next((each for each in schema.fields if each.name == column.name.lower()), None)
            found = [_stored(evaluate(value), field.field_type) for value in values] if field else []
            if not found or None in found:
                continue
            name = column.name.lower()
            yield _TERMS[type(comparison)](name, set(found) if isinstance(comparison, exp.In) else found[0])


def _comparisons(term: exp.Expr) -> Iterator[exp.Expr]:
    """Return the term as comparisons whose left side is the column."""
    if isinstance(term, exp.Between):
        yield exp.GTE(this=term.this, expression=term.args["low"])
        yield exp.LTE(this=term.this, expression=term.args["high"])
    elif isinstance(term, exp.In):
        yield from [term] if term.expressions else []
    elif type(term) in _TERMS and isinstance(term.this, exp.Column):
        yield term
    elif type(term) in _TERMS:
        yield _MIRRORED[type(term)](this=term.expression, expression=term.this)


def _is_column(column: exp.Expr, scope: Scope, alias: str) -> bool:
    return isinstance(column, exp.Column) and (column.table == alias or (not column.table and len(scope.sources) == 1))


def _stored(value: Any, kind: object) -> Any:
    """Return a value as Iceberg's literal of a column's type takes it; None where that cannot be told."""
    if isinstance(kind, TimestamptzType) and isinstance(value, date):
        at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    is_same = any(isinstance(kind, iceberg) and type(value) in python for iceberg, python in _ALIKE.items())
    return (value.isoformat() if isinstance(value, date) else value) if is_same else None
