"""Where a SELECT's columns come from: for each, the base tables' columns that its values are made of.

It is a proof, so what cannot be followed is an error, never an empty answer: a column or a table that the lake does not
have, a recursive CTE. What only decides which rows there are (where, on, group by) makes no value and is left out; a
subquery among a column's terms counts with all that it names.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from athena_queries.lake_tables import LakeTable, as_schema


class Source(NamedTuple):
    """One column of a base table, ``namespace.table``; of a struct or a map it is the whole."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


class LineageError(Exception):
    """The SELECT cannot be followed down to base tables; the message is one line, ``line`` the text's."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def lineage(query: exp.Query, tables: Mapping[str, LakeTable]) -> dict[str, frozenset[Source]]:
    """Return for each column of the SELECT, in order, the base columns that it is made of."""
    return _Scopes(qualified(query, tables), tables).columns()


def qualified(query: exp.Query, tables: Mapping[str, LakeTable]) -> exp.Query:
    """Return the SELECT with every column under its table's name and every ``*`` written out."""
    _refuse_what_cannot_be_followed(query, tables)
    schema = as_schema(tables)
    try:
        whole = qualify(query.copy(), schema=schema, dialect="athena", identify=False, quote_identifiers=False)
    except SqlglotError as error:
        message, _, place = str(error).splitlines()[0].partition(" Line: ")
        raise LineageError(
            f"{message.rstrip('.')}: name one that is there", int((re.findall(r"^\d+", place) or [1])[0])
        ) from error
    assert isinstance(whole, exp.Query)
    return whole


def _refuse_what_cannot_be_followed(query: exp.Query, tables: Mapping[str, LakeTable]) -> None:
    own = {cte.alias_or_name.lower() for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        name = f"{table.db}.{table.name}".lower() if table.db else table.name.lower()
        if name not in tables and (table.db or name not in own):
            raise LineageError(
                f"the lake has no table {name or table.sql(dialect='athena')}: name one that it has", line_of(table)
            )
    for pivot in query.find_all(exp.Pivot):
        raise LineageError(
            "a pivot cannot be followed to the columns it reads: write a case for each value", line_of(pivot)
        )
    for ctes in query.find_all(exp.With):
        if ctes.recursive:
            raise LineageError(
                "a recursive CTE cannot be followed to the columns it reads: write it without", line_of(ctes)
            )


def line_of(node: exp.Expr) -> int:
    """Return the line on which a node of a parsed text stands: its own, or its first part's that knows one."""
    return next((each.meta["line"] for each in node.walk() if "line" in each.meta), 1)


class _Scopes:
    """The scopes of a qualified SELECT: which CTE, subquery or base table each column is one of."""

    def __init__(self, query: exp.Query, tables: Mapping[str, LakeTable]) -> None:
        root = build_scope(query)
        assert root is not None, "a query has a scope"
        self._root = root
        self._scopes = {id(scope.expression): scope for scope in root.traverse()}
        self._tables = tables
        self._known: dict[int, dict[str, frozenset[Source]]] = {}

    def columns(self) -> dict[str, frozenset[Source]]:
        return self._columns(self._root)

    def _columns(self, scope: Scope) -> dict[str, frozenset[Source]]:
        key = id(scope.expression)
        if key not in self._known:
            self._known[key] = self._union(scope) if scope.set_operation_scopes else self._select(scope)
        return self._known[key]

    def _select(self, scope: Scope) -> dict[str, frozenset[Source]]:
        assert isinstance(scope.expression, exp.Query), "what is neither a union nor an unnest is a SELECT"
        selected = scope.expression.selects
        columns = {column.alias_or_name: self._sources(column) for column in selected}
        if len(columns) < len(selected):
            raise LineageError("two columns of one SELECT have the same name: rename one")
        return columns

    def _union(self, scope: Scope) -> dict[str, frozenset[Source]]:
        """Return the columns by their place, as a UNION pairs them; they are called as on its left."""
        left, right = (self._columns(side) for side in scope.set_operation_scopes)
        if len(left) != len(right):
            raise LineageError("the sides of a union differ in their number of columns")
        return {name: left[name] | other for name, other in zip(left, right.values(), strict=True)}

    def _sources(self, node: exp.Expr) -> frozenset[Source]:
        return frozenset().union(*(self._source(column) for column in node.find_all(exp.Column)))

    def _source(self, column: exp.Column) -> frozenset[Source]:
        source = self._scope_of(column).selected_sources[column.table][1]
        if isinstance(source, exp.Table):
            return frozenset({self._base(source, column.name)})
        # An UNNEST or a LATERAL: any of its columns may hold any of what it was given.
        if not isinstance(source.expression, exp.Query):
            return self._sources(source.expression)
        return self._columns(source)[column.name]

    def _scope_of(self, column: exp.Column) -> Scope:
        """Return the innermost scope around the column that has its table: a subquery may read the outer's row."""
        node: exp.Expr | None = column
        while node:
            scope = self._scopes.get(id(node))
            if scope and isinstance(node, exp.Query) and column.table in scope.selected_sources:
                return scope
            node = node.parent
        raise LineageError(f"{column.sql(dialect='athena')} is no column of a table")

    def _base(self, table: exp.Table, column: str) -> Source:
        name = f"{table.db}.{table.name}"
        if name not in self._tables or column not in self._tables[name].columns:
            raise LineageError(f"the lake has no column {name}.{column}")
        return Source(name, column)
