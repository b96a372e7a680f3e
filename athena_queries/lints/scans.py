"""How a file reads tables: all of their columns, all of their partitions, or each row with each row of another."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from sqlglot import exp

from athena_queries.lints.header import scanned_whole
from athena_queries.lints.lineage import line_of
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.sql import name_of, table_nodes

_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_REASON = re.compile(r"--.*\bcross join: \S")


def select_star(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each ``select *`` that takes all columns of a base table; of a CTE it is the house style."""
    for query in file.queries:
        for table in table_nodes(query):
            select = table.find_ancestor(exp.Select)
            for column in select.expressions if select else []:
                if column.is_star and column.text("table").lower() in {"", table.alias_or_name.lower()}:
                    message = f"select * reads every column of {name_of(table)}: name those that are needed"
                    yield file.finding(column, "select-star", message)


def partition(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each partitioned table that is read whole though no header says so."""
    whole = scanned_whole(file.text) | (scanned_whole(file.table.sql) if file.table else set())
    for query in file.queries:
        for table in table_nodes(query):
            name = name_of(table)
            columns = lake.tables[name].partition_columns if name in lake.tables else ()
            is_own = file.table is not None and name == file.table.full_name
            if not columns or name in whole or is_own or _is_narrowed(file, table, columns):
                continue
            narrow = f"filter by {' or '.join(columns)} in the SELECT that reads it"
            if file.kind is Kind.GOLD and file.table and file.table.refresh:
                narrow = f"select {' or '.join(columns)} where it is read, so that the runner's window reaches it"
            message = f"{name} is partitioned by {', '.join(columns)} and read whole: {narrow}"
            yield file.finding(table, "partition", f"{message}, or say '-- Scans: all of {name}' in the header")


def cross_join(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each join without a condition that no comment gives a reason for; an UNNEST is none."""
    lines = ["", *file.text.splitlines()]
    for query in file.queries:
        for join in query.find_all(exp.Join):
            if _is_cross(join) and not any(
                _REASON.search(line) for line in lines[line_of(join) - 1 : line_of(join) + 1]
            ):
                message = f"each row meets each row of {join.this.alias_or_name}, and no comment says why"
                yield file.finding(
                    join, "cross-join", f"{message}: join on a column, or write '-- cross join: <reason>' above"
                )


def _is_narrowed(file: SqlFile, table: exp.Table, columns: tuple[str, ...]) -> bool:
    select = table.find_ancestor(exp.Select)
    if not select:
        return False
    if file.kind is Kind.GOLD and file.table and file.table.refresh:
        # The runner's window is a condition on what the SELECT passes on.
        is_passed_on = partial(_passes_on, select=select, table=table, columns=columns)
        if any(map(is_passed_on, select.expressions)):
            return True
    joins = select.args.get("joins") or []
    places = [select.args.get("where"), *(join.args.get("on") for join in joins if _may_leave_out(join, table))]
    narrows = partial(_narrows, table=table, columns=columns)
    return any(_holds(place.this if isinstance(place, exp.Where) else place, narrows) for place in places if place)


def _passes_on(place: exp.Expr, select: exp.Select, table: exp.Table, columns: tuple[str, ...]) -> bool:
    return any(
        _is_partition(column, table, columns) and column.find_ancestor(exp.Select) is select
        for column in place.find_all(exp.Column)
    )


def _may_leave_out(join: exp.Join, table: exp.Table) -> bool:
    """Return whether the join keeps only those of the table's rows that fulfil its condition."""
    return join.side not in {"FULL", "RIGHT" if join.this is table else "LEFT"}


def _holds(condition: exp.Expr, test: Callable[[exp.Expr], bool]) -> bool:
    """Return whether a condition has a part that passes the test wherever the whole is true."""
    if isinstance(condition, exp.Paren):
        return _holds(condition.this, test)
    if isinstance(condition, exp.And):
        return _holds(condition.this, test) or _holds(condition.expression, test)
    if isinstance(condition, exp.Or):
        return _holds(condition.this, test) and _holds(condition.expression, test)
    return test(condition)


def _narrows(condition: exp.Expr, table: exp.Table, columns: tuple[str, ...]) -> bool:
    """Return whether it compares a partition column itself, or its date, which engines unwrap.

    What another function makes of a column an engine knows only after it has read it.
    """
    sides = [condition.this] if isinstance(condition, _COMPARISONS) else []
    sides += [condition.expression] if sides and isinstance(condition, exp.Binary) else []
    return any(_is_partition(_unwrapped(side), table, columns) for side in sides)


def _is_partition(column: exp.Expr, table: exp.Table, columns: tuple[str, ...]) -> bool:
    is_near = isinstance(column, exp.Column) and column.table.lower() in {"", table.alias_or_name.lower()}
    return is_near and column.name.lower() in columns


def _unwrapped(side: exp.Expr) -> exp.Expr:
    side = side.unnest()
    is_date = isinstance(side, exp.Date) or (isinstance(side, exp.Cast) and side.to.this == exp.DType.DATE)
    return side.this.unnest() if is_date and side.this else side


def _is_cross(join: exp.Join) -> bool:
    if isinstance(join.this, exp.Unnest | exp.Lateral) or join.args.get("using") or join.method == "NATURAL":
        return False
    condition = join.args.get("on")
    return condition is None or not _holds(condition, partial(_relates, join))


def _relates(join: exp.Join, condition: exp.Expr) -> bool:
    """Return whether a condition names columns of both sides; one that stands alone may be of either."""
    sources = [join.this] if join.this.alias_or_name else join.this.find_all(exp.Table, exp.Subquery)
    own = {source.alias_or_name.lower() for source in sources}
    select = join.find_ancestor(exp.Select)
    names = [each.table.lower() for each in condition.find_all(exp.Column) if each.find_ancestor(exp.Select) is select]
    own_columns, alone = sum(name in own for name in names if name), names.count("")
    return len(names) > 1 and own_columns + alone > 0 and len(names) > own_columns
