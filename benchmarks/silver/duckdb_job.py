"""The same work in one DuckDB process: `python -m benchmarks.silver.duckdb_job LAKE FOLDER` prints what it took.

No gate, no branches, no catalog, no second run: the floor for what one machine needs to make the tables at all.
"""

import json
import sys
from pathlib import Path

import duckdb

from benchmarks.silver.measured import Stopwatch

SCRIPT = Path(__file__).with_name("duckdb_task_tables.sql")
_OBJECTS = "SELECT DISTINCT object_key FROM read_parquet('{}/bronze_ledger/**/*.parquet') ORDER BY object_key"


def main(lake: Path, silver: Path) -> None:
    """Make the tables under ``silver``, and print the seconds."""
    silver.mkdir()
    job = Stopwatch()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        objects = [f"{lake}/{key}" for (key,) in connection.sql(_OBJECTS.format(lake)).fetchall()]
        script = SCRIPT.read_text()
        for name, value in {"objects": str(objects), "lake": str(lake), "silver": str(silver)}.items():
            script = script.replace(f"{{{name}}}", value)
        connection.execute(script)
    print(json.dumps(job.read()))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
