"""Three tables as a job has them: one that leads, one made from it, and one that every run only adds rows to."""

import dataclasses
from itertools import count
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing

PREFIX = "job_"
COLUMNS = StructType([StructField("id", StringType()), StructField("n", LongType())])
_numbers = count()

Rows = set[tuple[str, int]]


def table(name: str) -> Table:
    """Return a table that no other test has."""
    return Table("storage_tests", f"{name}{next(_numbers)}", ("id",), COLUMNS, ("bucket(2, id)",), ("id",))


def wider(than: Table) -> Table:
    """Return the table with one column more, as a newer deployment declares it."""
    return dataclasses.replace(than, columns=StructType([*than.columns, StructField("tag", StringType())]))


class Job:
    """A job of three tables on one lake, and what its runs do."""

    def __init__(self, spark: SparkSession, lake: Path) -> None:
        self.lead, self.latest, self.added = self.tables = [table(name) for name in ("lead", "latest", "added")]
        self.spark = spark
        for made in self.tables:
            iceberg.create_or_evolve(spark, made, f"file://{lake}")

    def rows(self, *given: tuple[str, int]) -> DataFrame:
        """Return a frame of these rows, in one file once it is written."""
        return self.spark.createDataFrame(list(given), COLUMNS).coalesce(1)

    def stage(self, number: int) -> str:
        """Return the branch on which a run has written: a row of its own in two tables, the same one in the third."""
        branch = f"{PREFIX}{number}"
        publishing.begin(self.spark, self.tables, branch, PREFIX)
        own = self.rows((f"r{number}", number))
        iceberg.append(own, self.lead, branch, {iceberg.READ_THROUGH: f"p{number}", publishing.BRANCH: branch})
        publishing.open_branch(self.spark, self.latest, branch)
        iceberg.merge(self.rows(("latest", number)), self.latest, branch, {iceberg.READ_THROUGH: f"p{number}"})
        publishing.open_branch(self.spark, self.added, branch)
        iceberg.append(own, self.added, branch, {})
        return branch

    def publish(self, branch: str) -> None:
        """Publish the branch in all three tables."""
        publishing.publish(self.spark, self.tables, branch)

    def run(self, number: int) -> None:
        """Stage and publish."""
        self.publish(self.stage(number))

    def write_elsewhere(self, to: Table, *given: tuple[str, int]) -> None:
        """Commit rows to a table's `main`, as another job does or maintenance."""
        self.rows(*given).writeTo(iceberg.name(to)).append()

    def read(self, of: Table, branch: str | None = None) -> Rows:
        """Return the rows of a table that a reader sees, or those of a branch."""
        return {(row.id, row.n) for row in self.spark.table(iceberg.name(of, branch)).collect()}

    def published(self) -> list[Rows]:
        """Return what a reader sees of the three tables."""
        return [self.read(made) for made in self.tables]

    def expected(self, *runs: int) -> list[Rows]:
        """Return what a reader must see after these runs."""
        own = {(f"r{number}", number) for number in runs}
        return [own, {("latest", runs[-1])} if runs else set(), own]

    def branches(self, of: Table) -> set[str]:
        """Return the names of a table's branches."""
        return set(iceberg.load(self.spark, of).refs()) - {"main"}
