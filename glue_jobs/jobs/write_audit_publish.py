"""How every Silver job ends: its tables on branches, audited all, then published all or none."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate
from glue_jobs.jobs.outcome import JobOutcome, Observer, TableOutcome
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg


@dataclass(frozen=True)
class Run:
    """One run of a job on one lake; its branch carries its id, so that two runs never write to the same one."""

    job: str
    spark: SparkSession
    lake: str
    run_id: str

    @property
    def branch(self) -> str:
        """Return the name of the branch this run writes to."""
        return f"audit_{self.run_id}"

    def staged(self, table: Table) -> DataFrame:
        """Return the table as this run would publish it."""
        return self.spark.table(iceberg.name(table, self.branch))


@dataclass(frozen=True)
class Staged:
    """One table as this run would publish it: written on the run's branch, not yet audited."""

    table: Table
    audited: DataFrame
    expectations: Sequence[Expectation]
    rows_in: int
    rows_out: int
    rejected: int = 0


def write_audit_publish(run: Run, tables: Iterable[Staged], observe: Observer) -> JobOutcome:
    """Return what the run did to each table: written as ``tables`` yields it, all published if no suite fails.

    ``tables`` yields a table before those that are made from it: that is the order of publishing too.
    Raises GateFailedError where a suite says `fail`, PublishError where another run came first.
    """
    written = list(_timed(tables, observe))
    if not written:
        observe("nothing new to publish")
        return JobOutcome([], None)
    gate = Gate(f"{run.lake}/data_docs/{run.job}", run.run_id)
    outcomes = [_audited(run, gate, staged, seconds, observe) for staged, seconds in written]
    data_docs = gate.close()
    iceberg.publish(run.spark, [staged.table for staged, _ in written], run.branch)
    observe(f"published {len(written)} tables")
    return JobOutcome(outcomes, data_docs)


def _timed(tables: Iterable[Staged], observe: Observer) -> Iterator[tuple[Staged, float]]:
    """Yield each table with the seconds its writing took, what was read for it first included."""
    started = time.monotonic()
    for staged in tables:
        observe(f"{staged.table.full_name}: {staged.rows_out:,} rows written")
        yield staged, time.monotonic() - started
        started = time.monotonic()


def _audited(run: Run, gate: Gate, staged: Staged, seconds: float, observe: Observer) -> TableOutcome:
    """Return what the run did to one table, after its suite has spoken."""
    started = time.monotonic()
    verdict = gate.audit(staged.table.full_name, staged.audited, staged.expectations)
    observe(f"{verdict.table}: {verdict.word}")
    return TableOutcome(
        table=verdict.table,
        rows_in=staged.rows_in,
        rows_out=staged.rows_out,
        rejected=staged.rejected,
        bytes_written=iceberg.bytes_added(run.spark, staged.table, run.branch),
        verdict=verdict.word,
        seconds=round(seconds + time.monotonic() - started, 2),
    )
