from collections.abc import Iterator
from pathlib import Path

import great_expectations.expectations as gxe
import pytest
from pyspark.sql import SparkSession

from data_quality.gate import GateFailedError
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.jobs.write_audit_publish import Run, Staged, write_audit_publish
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.publishing import PublishError
from tests.unit.glue_jobs.storage.published_tables import Job


@pytest.fixture
def job(spark: SparkSession, lake: Path) -> Job:
    return Job(spark, lake)


def run_of(job: Job, lake: Path, number: int) -> Run:
    return Run("job", job.spark, f"file://{lake}", str(number), job.tables)


def stages(run: Run, job: Job, number: int) -> Iterator[Staged]:
    """Yield the three tables with what the n-th run writes; the suite knows numbers to 9, and warns from 5 on."""
    job.stage(number)
    for table in run.tables:
        yield Staged(
            table,
            run.staged(table).selectExpr("n", "1 AS rows"),
            [
                gxe.ExpectColumnValuesToBeBetween(column="n", max_value=9),
                gxe.ExpectColumnValuesToBeBetween(column="n", max_value=4, severity="warning"),
            ],
            rows_in=3,
            rows_out=1,
            rejected=1,
            deduplicated=1,
        )


def done(job: Job, lake: Path, number: int, lines: list[str] | None = None) -> JobOutcome:
    run = run_of(job, lake, number)
    return write_audit_publish(run, stages(run, job, number), ([] if lines is None else lines).append)


def test_a_run_publishes_what_passed_and_tells_of_each_table(job: Job, lake: Path) -> None:
    lines: list[str] = []
    outcome = done(job, lake, 1, lines)
    assert job.published() == job.expected(1)
    assert [(table.table, table.verdict) for table in outcome.tables] == [(t.full_name, "pass") for t in job.tables]
    for table in outcome.tables:
        assert (table.rows_in, table.rows_out, table.rejected, table.deduplicated) == (3, 1, 1, 1)
        assert table.bytes_written > 0
        assert table.seconds >= table.gate_seconds > 0
    assert outcome.data_docs == f"file://{lake}/data_docs/job/latest/index.html"
    assert [line.partition(":")[0] for line in lines] == [
        *(table.full_name for table in job.tables),
        *(table.full_name for table in job.tables),
        "published 3 tables; Data Docs",
    ]


def test_a_warning_is_published_and_told(job: Job, lake: Path) -> None:
    assert [table.verdict for table in done(job, lake, 5).tables] == ["warn"] * 3
    assert job.published() == job.expected(5)


def test_one_table_that_fails_keeps_all_of_them_from_readers_until_a_run_passes(job: Job, lake: Path) -> None:
    done(job, lake, 1)
    with pytest.raises(GateFailedError, match=f"{job.latest.full_name}: .*1 unexpected, such as 10"):
        done(job, lake, 10)
    assert job.published() == job.expected(1)
    done(job, lake, 2)
    assert job.published() == job.expected(1, 2)


def test_a_run_with_nothing_to_stage_commits_nothing(job: Job, lake: Path) -> None:
    lines: list[str] = []
    assert write_audit_publish(run_of(job, lake, 1), iter([]), lines.append) == JobOutcome([])
    assert (iceberg.head(job.spark, job.lead), lines) == (None, [])


def test_a_run_that_another_one_overtakes_during_its_audit_says_so(job: Job, lake: Path) -> None:
    run = run_of(job, lake, 1)

    def overtaken() -> Iterator[Staged]:
        yield from stages(run, job, 1)
        job.run(2)

    with pytest.raises(PublishError):
        write_audit_publish(run, overtaken(), lambda _: None)
    assert job.published() == job.expected(2)


def test_a_run_writes_to_branches_that_are_its_jobs_own(job: Job, lake: Path) -> None:
    run = run_of(job, lake, 7)
    assert (run.prefix, run.branch) == ("job_", "job_7")
    run.begin()
    assert job.branches(job.lead) == {"job_7"}
    publishing.open_branch(job.spark, job.added, run.branch)
    iceberg.append(job.rows(("staged", 1)), job.added, run.branch, {})
    assert [row.id for row in run.staged(job.added).collect()] == ["staged"]
    assert job.read(job.added) == set()
