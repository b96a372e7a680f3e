"""What the runner and `make query` ask of an engine: DuckDB, Trino or Athena."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:  # A query needs no Spark, whose import takes a second.
    from pyspark.sql import SparkSession

# Spark's name for the lake's catalog, as glue_jobs/storage/iceberg.py says it, which imports Spark.
CATALOG = "lake"


@dataclass(frozen=True)
class Answer:
    """The rows of one query, the bytes it read to get them (None: the engine does not say), and its seconds."""

    rows: pa.Table
    bytes_scanned: int | None
    seconds: float


class Engine(Protocol):
    """Runs Athena's dialect over one lake; tables are read as of their current snapshots."""

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Answer:
        """Return the answer to one SELECT, each ``?`` replaced by a SQL literal; raise QueryError if there is none."""
        ...

    def create_table_as(self, spark: "SparkSession", table: "NewTable", select: str) -> int | None:
        """Make an Iceberg table of the SELECT's rows, which ``spark`` can read; return the bytes scanned.

        Raises QueryError, and then leaves nothing behind.
        """
        ...

    def drop_table(self, spark: "SparkSession", name: str, location: str) -> None:
        """Remove what there is of a table and of the files at its location."""
        ...

    def remove_others(self, folder: str, kept: Collection[str]) -> None:
        """Remove the builds' folders in a folder that are none of these locations: what killed runs have left."""
        ...

    def view_target(self, view: str) -> str | None:
        """Return the table that a view ``gold.<name>`` selects from, or None where nothing is published."""
        ...

    def replace_view(self, spark: "SparkSession", view: str, table: str) -> None:
        """Make the view select all of the table, in one atomic step."""
        ...


def is_build_folder(name: str) -> bool:
    """Whether a folder is one of a build's, ``v<version>_<digest>_<run>``; on a laptop a view's metadata lie beside."""
    return bool(re.fullmatch(r"v\d+_[0-9a-f]{12}_[0-9a-f]{6}(_rows)?", name))


@dataclass(frozen=True)
class NewTable:
    """The table that a build makes: ``gold.<name>``, a location that nothing else has, its partition transforms.

    ``partitioning`` is what Athena's ``partitioning`` property holds, such as ``month(activity_date)``.
    """

    name: str
    location: str
    partitioning: tuple[str, ...] = ()
