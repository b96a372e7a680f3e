"""Which columns of the lake hold what a person may have written, and which of them a SELECT lets through.

Every text, map, list and struct is personal unless it stands here, so that a newly promoted attribute is personal
until somebody has looked at it (docs/adr/0016). The list goes by table: a task's attribute that is called like an open
column of another table is not open for that.
"""

from collections.abc import Mapping

from sqlglot import exp

from athena_queries.lake_tables import LakeTable
from athena_queries.lints.lineage import Source, lineage

OPEN_TEXT: Mapping[str, frozenset[str]] = {
    "silver.task_changes": frozenset(
        {"event_id", "event_name", "sequence_number", "user_id", "task_id", "old_status", "new_status"}
        | {"status", "priority", "category"}
    ),
    "silver.tasks": frozenset(
        {"user_id", "task_id", "status", "priority", "category", "last_event_id", "last_sequence_number"}
    ),
    "silver.tasks_per_user_daily": frozenset({"user_id"}),
    "silver.api_requests": frozenset({"request_id", "user_id", "method", "route"}),
    "silver.api_usage_daily": frozenset({"user_id", "route"}),
}
_TEXT = ("varchar", "char", "varbinary", "map", "array", "row", "json")


def personal_text(query: exp.Query, tables: Mapping[str, LakeTable]) -> dict[str, list[Source]]:
    """Return the SELECT's columns that are made of personal text, each with the columns it comes from.

    Columns of Gold are not personal: what they are made of is asked of their own files. Raises LineageError for a
    SELECT that cannot be followed.
    """
    found = {
        name: sorted(source for source in sources if is_personal(source, tables))
        for name, sources in lineage(query, tables).items()
    }
    return {name: sources for name, sources in found.items() if sources}


def is_personal(source: Source, tables: Mapping[str, LakeTable]) -> bool:
    """Return whether a base table's column may hold a person's words."""
    if source.table.startswith("gold."):
        return False
    is_text = tables[source.table].columns[source.column].startswith(_TEXT)
    return is_text and source.column not in OPEN_TEXT.get(source.table, ())
