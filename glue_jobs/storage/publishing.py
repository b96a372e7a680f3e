"""A run's tables become visible together: branches first, then one commit that decides, then the rest.

Iceberg's catalogs commit one table at a time. So one table of a job leads: the run has happened if, and only if, the
leading table's `main` has been fast-forwarded to the run's branch. What a run that was killed then left undone the
next one finishes first, from the branches that are still there: a commit in two phases, whose log is the leading table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException
from pyspark.sql import SparkSession

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg

# The leading table's snapshot names the branch it was published from.
BRANCH = "lake.branch"

# What Iceberg says where `main`, or a branch, is not what it was when the run began.
_CONFLICTS = (
    "is not an ancestor of",
    "Cannot find ref",
    "Ref does not exist",
    "Cannot use branch (does not exist)",
    "CommitFailedException",
    "Cannot commit",
    "refresh is required",
)


class PublishError(Exception):
    """Another run came in between: it published first, or it cleared this run's branch away."""

    def __init__(self, table: Table) -> None:
        super().__init__(f"{table.full_name}: another run published first, and nothing of this one; run it again")


def begin(spark: SparkSession, tables: Sequence[Table], branch: str, prefix: str) -> None:
    """Finish what a killed run has left, clear away what failed ones have, and open the leading table's branch.

    ``prefix`` is how the branches of this job's runs begin; those of other jobs are let alone.
    Raises PublishError if another run of the job publishes meanwhile.
    """
    lead, *others = tables
    published = roll_forward(spark, tables)
    # A run that still writes loses its leading branch first: from then on it cannot publish any more.
    _drop_branches(spark, lead, prefix)
    if iceberg.head(spark, lead) != published:
        raise PublishError(lead)
    for table in others:
        _drop_branches(spark, table, prefix)
    open_branch(spark, lead, branch)


def roll_forward(spark: SparkSession, tables: Sequence[Table]) -> iceberg.Snapshot | None:
    """Return the leading table's head, after the run that published it has all of its tables published."""
    lead, *others = tables
    head = iceberg.head(spark, lead)
    if head and (branch := head.properties.get(BRANCH)):
        for table in others:
            _fast_forward_if_there(spark, table, branch)
    return head


def open_branch(spark: SparkSession, table: Table, branch: str) -> None:
    """Start a run's branch at the table's `main`."""
    with conflicts_of(table):
        _create_branch(spark, table, branch)


def publish(spark: SparkSession, tables: Sequence[Table], branch: str) -> None:
    """Make the branch `main` in each of its tables, the leading one first; that one decides.

    Raises PublishError, with nothing changed, if `main` has moved.
    """
    lead, *others = tables
    with conflicts_of(lead):
        _fast_forward(spark, lead, branch)
    for table in others:
        _fast_forward_if_there(spark, table, branch)
    with suppress(PublishError), conflicts_of(lead):
        _remove_branch(spark, lead, branch)


def _create_branch(spark: SparkSession, table: Table, branch: str) -> None:
    iceberg.load(spark, table).manageSnapshots().createBranch(branch).commit()


def _fast_forward(spark: SparkSession, table: Table, branch: str) -> None:
    iceberg.load(spark, table).manageSnapshots().fastForwardBranch("main", branch).commit()


def _fast_forward_if_there(spark: SparkSession, table: Table, branch: str) -> None:
    """Publish a table's branch if it has one, and remove it.

    Its `main` may have moved since, by maintenance or by another job. What was one append is then added to it
    (`cherrypick`); the other tables are made from the leading one, and the next run makes them anew.
    """
    handle = iceberg.load(spark, table)
    staged = handle.snapshot(branch)
    if staged is None:
        return
    if not _is_published(handle, staged.snapshotId()):
        try:
            with conflicts_of(table):
                _fast_forward(spark, table, branch)
        except PublishError:
            if _is_one_append(handle, staged):
                handle.manageSnapshots().cherrypick(staged.snapshotId()).commit()
    # A branch that stays, because another commit came first, goes with the next run.
    with suppress(PublishError), conflicts_of(table):
        _remove_branch(spark, table, branch)


def _is_published(handle: Any, snapshot: int) -> bool:
    """Whether a branch's snapshot is in `main`, as itself or picked into it."""
    return any(
        at.snapshotId() == snapshot or at.summary().get("source-snapshot-id") == str(snapshot)
        for at in iceberg.lineage(handle, handle.snapshot("main"))
    )


def _is_one_append(handle: Any, staged: Any) -> bool:
    """Whether a branch is one append to what `main` was; the branch of an empty table has an empty root of its own."""
    before = handle.snapshot(staged.parentId()) if staged.parentId() is not None else None
    is_root = before is not None and before.parentId() is None and before.summary().get("total-records") == "0"
    return staged.operation() == "append" and (is_root or iceberg.is_ancestor(handle, staged.parentId(), "main"))


def _drop_branches(spark: SparkSession, table: Table, prefix: str) -> None:
    refs = iceberg.load(spark, table).refs()
    for ref in [ref for ref in refs if ref.startswith(prefix)]:
        with conflicts_of(table):
            _remove_branch(spark, table, ref)


def _remove_branch(spark: SparkSession, table: Table, branch: str) -> None:
    handle = iceberg.load(spark, table)
    if handle.snapshot(branch) is not None:
        handle.manageSnapshots().removeBranch(branch).commit()


@contextmanager
def conflicts_of(table: Table) -> Iterator[None]:
    """Raise PublishError where Iceberg says that another run has changed the table."""
    try:
        yield
    except (Py4JJavaError, CapturedException) as error:
        # PySpark has an exception of its own for some of Java's.
        said = str(error.java_exception if isinstance(error, Py4JJavaError) else error)
        if not any(conflict in said for conflict in _CONFLICTS):
            raise
        raise PublishError(table) from error
