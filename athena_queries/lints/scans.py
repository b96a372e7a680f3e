"""How a file reads tables: all of their columns, all of their partitions, or each row with each row of another."""

import re
from collections.abc import Iterator

from sqlglot import exp

from athena_queries.lints.header import scanned_whole
from athena_queries.lints.lineage import line_of
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile
from athena_queries.sql import name_of, table_nodes

_REASON = re.compile(r"--.*\bcross join: \S")


def select_star(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each ``select *`` that takes all columns of a base table; of a CTE it is the house style."""
    for query in file.queries:
        for table in table_nodes(query):
            select = table.find_ancestor(exp.Select)
            for column in select.expressions if select else []:
                if column.is_star and column.text("table") in {"", table.alias_or_name}:
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
    places = [select.args.get("where"), *(join.args.get("on") for join in select.args.get("joins") or [])]
    if file.kind is Kind.GOLD and file.table and file.table.refresh:
        places += select.expressions
    return any(_names(place, select, table, columns) for place in places if place)


def _names(place: exp.Expr, select: exp.Select, table: exp.Table, columns: tuple[str, ...]) -> bool:
    """Return whether a part of the SELECT, not of one inside it, names a column; `is null` prunes nothing."""
    return any(
        column.name.lower() in columns
        and column.table in {"", table.alias_or_name}
        and column.find_ancestor(exp.Select) is select
        and not isinstance(column.parent, exp.Is)
        for column in place.find_all(exp.Column)
    )


def _is_cross(join: exp.Join) -> bool:
    if isinstance(join.this, exp.Unnest | exp.Lateral) or join.args.get("using") or join.method == "NATURAL":
        return False
    condition = join.args.get("on")
    return condition is None or not any(condition.find_all(exp.Column))
