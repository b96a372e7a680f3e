"""What files and columns are called: lower_snake_case, and a suffix that says the type or the unit.

Of names in the SQL sqlfluff sees the case (CP02), special characters (RF05) and columns without one (AL03).
"""

import re
from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from athena_queries.lake_tables import SILVER, as_schema
from athena_queries.lints.lineage import LineageError, qualified
from athena_queries.lints.sql_file import Finding, Kind, Lake, SqlFile

RULE = "name"
SNAKE = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERS = ("bigint", "integer", "int", "double", "decimal", "smallint", "tinyint", "real", "float")
_UNITS = ("_ms", "_seconds", "_minutes", "_hours", "_days", "_mb")
# Words of a quantity that means nothing without its unit.
_MEASURED = re.compile(r"(^|_)(age|duration|elapsed|lag|latency|waited|waiting)(_|$)")


def names(file: SqlFile, lake: Lake) -> Iterator[Finding]:
    """Return each name of a file or of a column of its answer that does not say what it is."""
    name = file.question.name if file.question else file.table.name if file.table else ""
    if not SNAKE.fullmatch(name):
        yield file.finding(1, RULE, f"{name} is not lower_snake_case: rename the file")
    if file.kind is Kind.CHECKS:
        return
    inherited = {column for table in SILVER for column in table.columns.names}
    for column, type_ in _columns(file, lake).items():
        # A column of Silver keeps its name, whatever it is: the same quantity is called the same in every layer.
        if column not in inherited and (message := fault_of_name(column, type_)):
            yield file.finding(_line_of_column(file, column), RULE, message)


def fault_of_name(column: str, type_: str) -> str | None:
    """Return what is wrong with the name of a column of this type, in one line; None where nothing is."""
    if not SNAKE.fullmatch(column):
        return f"{column} is not lower_snake_case: rename it"
    is_time, is_number = type_.startswith("timestamp"), type_.startswith(_NUMBERS)
    for holds, fits, kind in (
        (type_ == "date", column.endswith("_date"), "a date, which ends in _date"),
        (is_time, column.endswith("_at"), "a time, which ends in _at"),
        (type_ == "boolean", column.startswith(("is_", "has_")), "true or false, which begins with is_ or has_"),
    ):
        if holds != fits and (holds or type_):
            return f"{column} is {kind}: rename it" if holds else f"{column} is a {type_}, and its name says {kind}"
    if column.endswith(_UNITS) and type_ and not is_number:
        return f"{column} is a {type_}, and its name says a number of {column.rpartition('_')[2]}"
    if is_number and _MEASURED.search(column) and not column.endswith(_UNITS):
        return f"{column} has no unit: end it in one of {', '.join(_UNITS)}"
    return None


def _columns(file: SqlFile, lake: Lake) -> dict[str, str]:
    """Return the answer's columns with their types: '' where the SQL does not tell."""
    if file.table:
        return {name: column.type for name, column in file.table.columns.items()}
    try:
        query = qualified(file.queries[0], lake.tables)
    except LineageError:
        return {}  # the rule that follows columns says so
    annotate_types(query, schema=as_schema(lake.tables), dialect="athena")
    return {column.alias_or_name: _type(column) for column in query.selects}


def _type(column: exp.Expr) -> str:
    type_ = column.type.sql(dialect="athena").lower() if column.type else ""
    return "" if type_ in {"unknown", "null"} else "timestamp" if type_.startswith("timestamp") else type_


def _line_of_column(file: SqlFile, column: str) -> int:
    """Return the last line of the SQL that gives something this name."""
    aliases = [each for query in file.queries for each in query.find_all(exp.Alias, exp.Column)]
    lines = [each.meta["line"] for alias in aliases for each in _identifiers(alias) if each.name.lower() == column]
    return max(lines, default=1)


def _identifiers(node: exp.Expr) -> list[exp.Identifier]:
    named = node.args.get("alias") if isinstance(node, exp.Alias) else node.this
    return [named] if isinstance(named, exp.Identifier) and "line" in named.meta else []
