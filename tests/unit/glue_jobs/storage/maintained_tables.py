"""Two tables as a job has them: changes that lead, and their latest state, which names the changes it was made from."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing

_COLUMNS = StructType(
    [StructField("id", StringType()), StructField("n", LongType()), StructField("changed_at", TimestampType())]
)
_numbers = count()


class Job:
    """A job of two tables on one lake, and what its runs do."""

    def __init__(self, spark: SparkSession, lake: Path) -> None:
        number = next(_numbers)
        at, key = ("months(changed_at)",), ("bucket(2, id)",)
        self.changes = Table("maintained", f"changes{number}", ("id", "n"), _COLUMNS, at, ("changed_at",))
        self.latest = Table("maintained", f"latest{number}", ("id",), _COLUMNS, key, ("id",))
        self.tables = (self.changes, self.latest)
        self.spark, self.lake = spark, f"file://{lake}"
        for table in self.tables:
            iceberg.create_or_evolve(spark, table, self.lake)

    def run(self, number: int) -> None:
        """Add the run's changes, of ids a and b, and make the latest state follow, from what it has read on."""
        publishing.publish(self.spark, self.tables, self.stage(number))

    def run_changes_alone(self, number: int) -> None:
        """Leave the latest state behind, with no branch from which another run could publish it."""
        branch = self.stage(number)
        publishing.publish(self.spark, [self.changes], branch)
        iceberg.load(self.spark, self.latest).manageSnapshots().removeBranch(branch).commit()

    def stage(self, number: int) -> str:
        """Return the branch with all that a run writes before it publishes."""
        branch = f"job_{number}"
        publishing.begin(self.spark, self.tables, branch, "job_")
        rows = [(key, number, f"2025-01-{number % 28 + 1:02} 00:00:00") for key in ("a", "b")]
        added = self.spark.createDataFrame(rows, "id string, n long, at string")
        changes = added.coalesce(1).selectExpr("id", "n", "cast(at AS timestamp) AS changed_at")
        properties = {iceberg.READ_THROUGH: f"position {number}", publishing.BRANCH: branch}
        iceberg.append(changes, self.changes, branch, properties)
        self._stage_latest(branch)
        return branch

    def _stage_latest(self, branch: str) -> None:
        consumed, newest = self.head(self.latest), iceberg.head(self.spark, self.changes, branch)
        after = int(consumed.read_through) if consumed and consumed.read_through else None
        assert newest is not None
        unread = iceberg.read_added(self.spark, self.changes, after, newest.id)
        latest = unread.groupBy("id").agg({"n": "max", "changed_at": "max"})
        rows = latest.selectExpr("id", "`max(n)` AS n", "`max(changed_at)` AS changed_at")
        publishing.open_branch(self.spark, self.latest, branch)
        iceberg.merge(rows, self.latest, branch, {iceberg.READ_THROUGH: str(newest.id)})

    def head(self, table: Table) -> iceberg.Snapshot | None:
        """Return the table's published head."""
        return iceberg.head(self.spark, table)

    def heads(self) -> list[iceberg.Snapshot | None]:
        """Return the published head of each table."""
        return [self.head(table) for table in self.tables]

    def rows(self, table: Table, snapshot: int | None = None) -> list[tuple[str, int]]:
        """Return what a reader sees now, or saw at a snapshot."""
        reader = self.spark.read.option("snapshot-id", snapshot) if snapshot else self.spark.read
        return sorted((row.id, row.n) for row in reader.table(iceberg.name(table)).collect())

    def expected(self, runs: Sequence[int]) -> list[list[tuple[str, int]]]:
        """Return what the two tables hold after these runs."""
        changes = sorted((key, number) for key in ("a", "b") for number in runs)
        return [changes, [("a", max(runs)), ("b", max(runs))]]

    def published(self) -> list[list[tuple[str, int]]]:
        """Return what the two tables hold."""
        return [self.rows(table) for table in self.tables]

    def files(self, table: Table) -> int:
        """Return the number of files, deletions included, that a reader of the table opens."""
        totals = dict(iceberg.load(self.spark, table).currentSnapshot().summary())
        return int(totals["total-data-files"]) + int(totals["total-delete-files"])
