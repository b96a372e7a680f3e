"""How every Silver job ends: its tables on branches, audited all, then published all or none."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame, SparkSession

from data_quality.gate import Gate
from glue_jobs.jobs.outcome import JobOutcome, Observer, TableOutcome
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, ledger, publishing


@dataclass(frozen=True)
class Run:
    """One run of a job on one lake: it writes ``tables``, the first of which leads, to branches with its own name.

    A rebuild makes them anew from all of Bronze, as if nothing had been read. What arrived in ``days_again`` is read
    again beside what is new.
    """

    job: str
    spark: SparkSession
    lake: str
    run_id: str
    tables: Sequence[Table]
    rebuild: bool = False
    days_again: tuple[date, date] | None = None

    @property
    def prefix(self) -> str:
        """Return how the branches of this job's runs begin."""
        return f"{self.job}_"

    @property
    def branch(self) -> str:
        """Return the name of the branch this run writes to."""
        return f"{self.prefix}{self.run_id}"

    def arrivals(self, prefix: str) -> ledger.Arrivals:
        """Return what the ledger lists under ``prefix`` beyond what the leading table was published with.

        For a rebuild, all that it lists; raises LedgerError where it lists nothing. Reading again moves no position.
        """
        published = None if self.rebuild else iceberg.head(self.spark, self.tables[0])
        position = ledger.Position.from_json(published.read_through) if published and published.read_through else None
        arrivals = ledger.read_after(self.lake, prefix, position)
        if self.rebuild and not arrivals.ledger_objects:
            raise ledger.LedgerError(self.lake)
        if not self.days_again:
            return arrivals
        again = ledger.read_days(self.lake, prefix, *self.days_again)
        keys = sorted({*arrivals.object_keys, *again.object_keys})
        return replace(arrivals, object_keys=keys, ledger_objects=arrivals.ledger_objects + again.ledger_objects)

    def begin(self) -> None:
        """Open the leading table's branch; raise PublishError if another run publishes meanwhile."""
        publishing.begin(self.spark, self.tables, self.branch, self.prefix)

    def staged(self, table: Table) -> DataFrame:
        """Return the table as this run would publish it."""
        return self.spark.table(iceberg.name(table, self.branch))


@dataclass(frozen=True)
class Staged:
    """One table as this run would publish it: written on the run's branch, not yet audited.

    ``evidence`` is what the suite looks at: one row per kind of row, with the number of ``rows`` of it.
    """

    table: Table
    evidence: DataFrame
    expectations: Sequence[Expectation]
    rows_in: int
    rows_out: int
    rejected: int = 0
    deduplicated: int = 0


def write_audit_publish(run: Run, stages: Iterable[Staged], observe: Observer) -> JobOutcome:
    """Return what the run did to each table: written as ``stages`` yields it, all published if no suite fails.

    ``stages`` yields a table before those that are made from it; once it yields any, the leading one is among them.
    Raises GateFailedError where a suite says `fail`, PublishError where another run came first.
    """
    # A run that another one overtakes loses its branches, wherever it is.
    with publishing.conflicts_of(run.tables[0]):
        written = list(_timed(stages, observe))
        if not written:
            return JobOutcome([])
        gate = Gate(f"{run.lake}/data_docs/{run.job}", run.run_id)
        outcomes = [_audited(run, gate, staged, seconds, observe) for staged, seconds in written]
    data_docs = gate.close()
    publishing.publish(run.spark, run.tables, run.branch)
    observe(f"published {len(written)} tables; Data Docs: {data_docs}")
    return JobOutcome(outcomes, data_docs)


def _timed(stages: Iterable[Staged], observe: Observer) -> Iterator[tuple[Staged, float]]:
    """Yield each table with the seconds its writing took, what was read for it first included."""
    started = time.monotonic()
    for staged in stages:
        seconds = time.monotonic() - started
        observe(f"{staged.table.full_name}: {staged.rows_out:,} rows written in {seconds:.1f} s")
        yield staged, seconds
        started = time.monotonic()


def _audited(run: Run, gate: Gate, staged: Staged, seconds: float, observe: Observer) -> TableOutcome:
    """Return what the run did to one table, after its suite has spoken."""
    started = time.monotonic()
    verdict = gate.audit(staged.table.full_name, staged.evidence, staged.expectations)
    gate_seconds = time.monotonic() - started
    observe(f"{verdict.table}: {verdict.word} in {gate_seconds:.1f} s")
    published = iceberg.snapshot_id(run.spark, staged.table)
    added = iceberg.added_since(run.spark, staged.table, published, run.branch)
    return TableOutcome(
        table=verdict.table,
        rows_in=staged.rows_in,
        rows_out=staged.rows_out,
        rejected=staged.rejected,
        deduplicated=staged.deduplicated,
        bytes_written=added.bytes,
        verdict=verdict.word,
        seconds=round(seconds + gate_seconds, 2),
        gate_seconds=round(gate_seconds, 2),
    )
