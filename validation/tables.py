"""Every row of every table that readers of a lake see, to be compared with another lake's."""

import json
from pathlib import Path
from typing import Any

from athena_queries.gold_table import read_gold_tables
from athena_queries.lake_tables import SILVER
from validation.lakes import Row, asked

# Which delivery of a record came first, and when a run quarantined it: two ways to the same table differ in these.
_PROVENANCE = {"ingested_at", "bronze_object", "quarantined_at"}
# What `FAULTS=oversize` adds to an image: an attribute that no transform knows.
_PADDING = "padding"

Rows = dict[str, list[str]]


def tables(lake: Path) -> Rows:
    """Return the rows of Silver's and Gold's tables, as text and in order."""
    names = [*(table.full_name for table in SILVER), *(table.full_name for table in read_gold_tables())]
    return {name: sorted(map(_text, asked(lake, f"select * from {name}"))) for name in names}


def _text(row: Row) -> str:
    kept = {name: _without_padding(value) for name, value in row.items() if name not in _PROVENANCE}
    return json.dumps(kept, default=str, sort_keys=True, ensure_ascii=False)


def _without_padding(value: Any) -> Any:
    """Return a map without the padding; PyArrow gives a map as pairs."""
    if not isinstance(value, list):
        return value
    return sorted((pair for pair in value if pair[0] != _PADDING), key=str)
