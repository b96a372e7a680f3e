"""A run's tables become visible together: branches first, then one commit that decides, then the rest.

Iceberg's catalogs commit one table at a time. So one table of a job leads: the run has happened if, and only if, the
leading table's `main` has been fast-forwarded to the run's branch. What a run that was killed then left undone the
next one finishes first, from the branches that are still there: a commit in two phases, whose log is the leading table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException
from pyspark.sql import SparkSession
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg

# The leading table's snapshot names the branch it was published from.
BRANCH = "lake.branch"

# The first commit on the leading table's branch names the branch: one that went meanwhile, and that Iceberg's next
# commit made again from `main`, lacks it.
_BEGUN = "lake.begun"

# What Iceberg says where a table's metadata are not what they were a moment ago, whatever of them has changed.
_STALE = (
    "CommitFailedException",
    "Cannot commit",
    "refresh is required",
    # Picked by another run that finishes the same one.
    "CherrypickAncestorCommitException",
)
# What it says besides where `main`, or a branch, is not what it was when the run began.
_CONFLICTS = (
    *_STALE,
    "is not an ancestor of",
    "Cannot find ref",
    "Ref does not exist",
    "Cannot use branch (does not exist)",
)


class PublishError(Exception):
    """Another run came in between: it published first, or it cleared this run's branch away."""

    def __init__(self, table: Table, said: str = "another run published first") -> None:
        super().__init__(f"{table.full_name}: {said}, and nothing of this one; run it again")


def begin(spark: SparkSession, tables: Sequence[Table], branch: str, prefix: str) -> None:
    """Finish what a killed run has left, clear away what failed ones have, and open the leading table's branch.

    ``prefix`` is how the branches of this job's runs begin; those of other jobs are let alone.
    Raises PublishError if another run of the job publishes meanwhile.
    """
    lead, *others = tables
    published = roll_forward(spark, tables)
    if published and published.properties.get(BRANCH) == branch:
        # Its branches would be taken for those of the run that has published, and finished unaudited.
        raise PublishError(lead, "a run of the same id has published")
    # A run that still writes loses its leading branch first: from then on it cannot publish any more.
    for ref in _branches(spark, lead, prefix):
        _remove_branch(spark, lead, ref)
    if iceberg.head(spark, lead) != published:
        raise PublishError(lead)
    left = [(table, ref) for table in others for ref in _branches(spark, table, prefix)]
    # Read last: a run that has begun since opened its leading branch before any other.
    begun = _branches(spark, lead, prefix)
    for table, ref in left:
        if ref not in begun:
            _remove_branch(spark, table, ref)
    lead_on(spark, lead, branch, published)


def lead_on(spark: SparkSession, lead: Table, branch: str, published: iceberg.Snapshot | None) -> None:
    """Open the leading table's branch at its ``published`` head; raise PublishError if that has changed."""
    open_branch(spark, lead, branch)
    if iceberg.head(spark, lead) != published:
        raise PublishError(lead)
    iceberg.commit_properties(spark, lead, branch, {_BEGUN: branch})


def roll_forward(spark: SparkSession, tables: Sequence[Table]) -> iceberg.Snapshot | None:
    """Return the leading table's head, after the run that published it has all of its tables published."""
    lead, *others = tables
    head = iceberg.head(spark, lead)
    if head and (branch := head.properties.get(BRANCH)):
        for table in others:
            _follow(spark, table, branch)
    return head


def open_branch(spark: SparkSession, table: Table, branch: str) -> None:
    """Start a run's branch at the table's `main`."""
    with conflicts_of(table):
        _create_branch(spark, table, branch)


def publish(spark: SparkSession, tables: Sequence[Table], branch: str) -> None:
    """Make the branch `main` in each of its tables, the leading one first; that one decides.

    Raises PublishError, with nothing changed, if `main` has moved or the leading branch is not the one that began.
    """
    lead, *others = tables
    if not _has_begun(spark, lead, branch):
        raise PublishError(lead)
    with conflicts_of(lead):
        _fast_forward(spark, lead, branch)
    for table in others:
        _follow(spark, table, branch)
    _remove_branch(spark, lead, branch)


def _has_begun(spark: SparkSession, lead: Table, branch: str) -> bool:
    handle = iceberg.load(spark, lead)
    on_branch = iceberg.lineage(handle, handle.snapshot(branch))
    return any(dict(at.summary()).get(_BEGUN) == branch for at in on_branch)


def _branches(spark: SparkSession, table: Table, prefix: str) -> list[str]:
    return [ref for ref in iceberg.load(spark, table).refs() if ref.startswith(prefix)]


def _said(error: BaseException) -> str:
    """Return what Java says of an error; nothing for one of Python's."""
    match error:
        case Py4JJavaError():
            return str(error.java_exception)
        case CapturedException():  # PySpark has an exception of its own for some of Java's.
            return str(error)
    return ""


# Any commit makes metadata stale: another run's, maintenance's, a new setting. What was asked for may still be right.
_again = retry(
    retry=retry_if_exception(lambda error: any(sign in _said(error) for sign in _STALE)),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    stop=stop_after_attempt(10),
    reraise=True,
)


@_again
def _create_branch(spark: SparkSession, table: Table, branch: str) -> None:
    iceberg.load(spark, table).manageSnapshots().createBranch(branch).commit()


@_again
def _fast_forward(spark: SparkSession, table: Table, branch: str) -> None:
    iceberg.load(spark, table).manageSnapshots().fastForwardBranch("main", branch).commit()


@_again
def _pick(spark: SparkSession, table: Table, branch: str) -> None:
    handle = iceberg.load(spark, table)
    staged = handle.snapshot(branch)
    if staged is not None and not _is_published(handle, staged):
        handle.manageSnapshots().cherrypick(staged.snapshotId()).commit()


@_again
def _remove_branch(spark: SparkSession, table: Table, branch: str) -> None:
    handle = iceberg.load(spark, table)
    if handle.snapshot(branch) is not None:
        handle.manageSnapshots().removeBranch(branch).commit()


def _follow(spark: SparkSession, table: Table, branch: str) -> None:
    """Publish a table's branch if it has one, and remove it.

    Its `main` may have moved since, by maintenance or by another job. What was one append is then added to it
    (`cherrypick`); the other tables are made from the leading one, and the next run makes them anew.
    """
    handle = iceberg.load(spark, table)
    staged = handle.snapshot(branch)
    if staged is None:
        return
    if not _is_published(handle, staged):
        try:
            with conflicts_of(table):
                _fast_forward(spark, table, branch)
        except PublishError:
            if _is_one_append(handle, staged):
                _pick(spark, table, branch)
    _remove_branch(spark, table, branch)


def _is_published(handle: Any, staged: Any) -> bool:
    """Whether a branch's snapshot is in `main`, as itself or picked into it."""
    return any(
        at.snapshotId() == staged.snapshotId() or at.summary().get("source-snapshot-id") == str(staged.snapshotId())
        for at in iceberg.lineage(handle, handle.snapshot("main"))
    )


def _is_one_append(handle: Any, staged: Any) -> bool:
    """Whether a branch is one append to what `main` was: to nothing, to a snapshot of it, or to one that has expired.

    The branch of an empty table has an empty root of its own.
    """
    before = handle.snapshot(staged.parentId()) if staged.parentId() is not None else None
    is_root = before is None or (before.parentId() is None and before.summary().get("total-records") == "0")
    return staged.operation() == "append" and (is_root or iceberg.is_ancestor(handle, staged.parentId(), "main"))


@contextmanager
def conflicts_of(table: Table) -> Iterator[None]:
    """Raise PublishError where Iceberg says that another run has changed the table."""
    try:
        yield
    except (Py4JJavaError, CapturedException) as error:
        if not any(conflict in _said(error) for conflict in _CONFLICTS):
            raise
        raise PublishError(table) from error
