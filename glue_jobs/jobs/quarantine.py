"""What every Silver job does with rows that cannot be typed: keep them whole, and send them through again."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from data_quality.suites import quarantine as suite
from glue_jobs.jobs.write_audit_publish import Run, Staged
from glue_jobs.schemas.silver import QUARANTINE
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.bronze import read_bronze
from glue_jobs.storage.ledger import Arrivals
from glue_jobs.transforms.quarantine import to_bronze, to_quarantine


@dataclass(frozen=True)
class Source:
    """A Bronze table whose rows may be quarantined: its name, its key and its schema."""

    name: str
    key: str
    schema: StructType


def read_quarantined(run: Run, source: Source) -> DataFrame:
    """Return the source's quarantined rows as the Bronze rows they were."""
    rows = run.spark.table(iceberg.name(QUARANTINE)).where(F.col("source") == source.name)
    return to_bronze(rows, source.schema)


def read_source(
    run: Run, source: Source, arrivals: Arrivals, replay_quarantine: bool, columns: Sequence[str] = ()
) -> DataFrame:
    """Return the Bronze rows that arrived, with those in quarantine if they are replayed: all columns, or some."""
    schema = StructType([source.schema[name] for name in columns or source.schema.names])
    rows = read_bronze(run.spark, run.lake, arrivals.object_keys, schema)
    if not replay_quarantine:
        return rows
    return rows.unionByName(read_quarantined(run, source).select(rows.columns))


def stage_quarantine(run: Run, source: Source, faulty: DataFrame, rejected: int, rows_read: int) -> Staged:
    """Write the Bronze rows given with a ``reason``; one that is there already stays as it is."""
    publishing.open_branch(run.spark, QUARANTINE, run.branch)
    # Where the branch began: the other job may publish to this table meanwhile.
    began = iceberg.snapshot_id(run.spark, QUARANTINE, run.branch)
    quarantined = to_quarantine(faulty, source.name, source.key, source.schema, F.current_timestamp())
    known = run.spark.table(iceberg.name(QUARANTINE)).select(*QUARANTINE.key)
    new = quarantined.join(known, list(QUARANTINE.key), "left_anti")
    iceberg.append(new, QUARANTINE, run.branch, {})
    rows_out = iceberg.added_since(run.spark, QUARANTINE, began, run.branch).records
    staged = iceberg.read_added(run.spark, QUARANTINE, began, iceberg.snapshot_id(run.spark, QUARANTINE, run.branch))
    return Staged(
        QUARANTINE,
        # Of what is replayed and still at fault, nothing is new.
        suite.evidence(staged, rows_out, rows_read),
        suite.expectations(),
        rows_in=rejected,
        rows_out=rows_out,
    )


def drop_resolved(run: Run, source: Source, good_ids: DataFrame) -> int:
    """Delete the source's quarantined rows whose ids are among ``good_ids``, its one column; return how many are left.

    Idempotent, and apart from publishing: what a killed run leaves here says nothing new when it is replayed.
    """
    table, where = iceberg.name(QUARANTINE), f"source = '{source.name}'"
    if not run.spark.table(table).where(where).isEmpty():
        view = "good_ids"
        good_ids.toDF("record_id").createOrReplaceTempView(view)
        run.spark.sql(f"DELETE FROM {table} WHERE {where} AND record_id IN (SELECT record_id FROM {view})")
        run.spark.catalog.dropTempView(view)
    return run.spark.table(table).where(where).count()
