"""What ``silver_tasks`` writes to its branch, table by table, before anything is audited."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from data_quality.suites import task_changes as task_changes_suite
from data_quality.suites import tasks as tasks_suite
from data_quality.suites import tasks_per_user_daily as daily_suite
from glue_jobs.jobs.quarantine import stage_quarantine
from glue_jobs.jobs.silver_tasks_batch import BRONZE, Batch
from glue_jobs.jobs.write_audit_publish import Run, Staged
from glue_jobs.schemas.silver import TASK_CHANGES, TASKS, TASKS_PER_USER_DAILY
from glue_jobs.schemas.table import Table
from glue_jobs.schemas.task import TASK_ATTRIBUTES, Attribute
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.days import DayRange, covering_ranges, days_of, in_ranges, within
from glue_jobs.transforms.task_changes import in_slices, keep_first_delivery, parse_task_changes, with_promoted
from glue_jobs.transforms.tasks import SEQUENCE, TASK_HASH, keep_latest_change, to_tasks
from glue_jobs.transforms.tasks_per_user_daily import to_tasks_per_user_daily, with_activity_date

# The attributes that had a column when a snapshot was published; what was in `extra` then may have one now.
_ATTRIBUTES = "lake.attributes"
# With more changes than these the condition takes longer to read than it spares; of more users Iceberg reads none.
_MOST_CHANGES, _MOST_USERS = 10_000, 200
# A change replaces itself too: made anew from the same change, a row may be better than it was.
_IS_NEWER = " >= ".join(
    f"struct({SEQUENCE.format(f'{side}.last_sequence_number')}, {side}.last_event_id)" for side in ("source", "target")
)


def stage_task_changes(run: Run, batch: Batch | None) -> Staged:
    """Write the changes that are not there yet, by ``event_id``; without a batch, a commit that says what holds."""
    published = iceberg.head(run.spark, TASK_CHANGES)
    properties = _properties(run, batch, published)
    if run.rebuild:
        iceberg.delete_all(run.spark, TASK_CHANGES, run.branch)
    elif promoted := _promoted(published):
        _fill(run, TASK_CHANGES, promoted, properties)
    if not batch:
        iceberg.commit_properties(run.spark, TASK_CHANGES, run.branch, properties)
        return _staged_changes(run, [], 0, 0, 0)
    rows = batch.bronze_rows if iceberg.is_empty(run.spark, TASK_CHANGES, run.branch) else _unknown(run, batch)
    before = iceberg.snapshot_id(run.spark, TASK_CHANGES, run.branch)
    faults = Observation()
    parsed = in_slices(parse_task_changes(rows), batch.cuts).observe(faults, F.count_if("is_faulty").alias("rejected"))
    new = keep_first_delivery(parsed.where(~F.col("is_faulty")))
    iceberg.append(new, TASK_CHANGES, run.branch, properties, is_laid_out=True)
    added = iceberg.added_since(run.spark, TASK_CHANGES, before, run.branch).records
    return _staged_changes(run, batch.days, batch.rows, added, faults.get["rejected"])


def _unknown(run: Run, batch: Batch) -> DataFrame:
    """Return the batch's rows whose change is not there, as this run would publish it.

    A change that comes again has the same ``changed_at``: only those days of the table can hold it already.
    """
    known = run.staged(TASK_CHANGES).where(in_ranges("changed_at", batch.days)).select("event_id")
    return batch.bronze_rows.join(known, "event_id", "left_anti")


def _staged_changes(run: Run, days: Sequence[DayRange], rows_in: int, rows_out: int, rejected: int) -> Staged:
    return Staged(
        TASK_CHANGES,
        task_changes_suite.evidence(run.staged(TASK_CHANGES).where(in_ranges("changed_at", days))),
        task_changes_suite.expectations(),
        rows_in=rows_in,
        rows_out=rows_out,
        rejected=rejected,
        deduplicated=rows_in - rows_out - rejected,
    )


def stage_faulty(run: Run, batch: Batch, rejected: int) -> Staged:
    """Write the batch's rows that could not be typed to the quarantine: few, so they are parsed once more for it."""
    faulty = parse_task_changes(_unknown(run, batch)).where("is_faulty")
    return stage_quarantine(run, BRONZE, faulty, rejected, batch.rows)


def stage_tasks(run: Run) -> Staged:
    """Write the latest state of every task that the unread changes touch."""
    unread = _unread_changes(run, TASKS)
    properties = {iceberg.READ_THROUGH: str(unread.newest), **_known()}
    publishing.open_branch(run.spark, TASKS, run.branch)
    if unread.is_all:
        iceberg.delete_all(run.spark, TASKS, run.branch)
    latest, within_tasks = to_tasks(keep_latest_change(unread.changes)), _tasks_within(unread.changes, unread.rows)
    iceberg.merge(latest, TASKS, run.branch, properties, newer=_IS_NEWER, within=within_tasks)
    if promoted := _promoted(iceberg.head(run.spark, TASKS)):
        _fill(run, TASKS, promoted, properties)
    return Staged(
        TASKS,
        tasks_suite.evidence(unread.changes, run.staged(TASKS).alias("target").where(within_tasks)),
        tasks_suite.expectations(),
        rows_in=unread.rows,
        rows_out=_rows_written(run, TASKS),
    )


def stage_tasks_per_user_daily(run: Run) -> Staged:
    """Write anew every (day, user) that the unread changes touch."""
    unread = _unread_changes(run, TASKS_PER_USER_DAILY)
    publishing.open_branch(run.spark, TASKS_PER_USER_DAILY, run.branch)
    touched, days = with_activity_date(unread.changes), "true"
    if unread.is_all:
        iceberg.delete_all(run.spark, TASKS_PER_USER_DAILY, run.branch)
    else:
        ranges = covering_ranges(days_of(unread.changes, "changed_at"))
        pairs = touched.select("activity_date", "user_id").distinct()
        history = with_activity_date(run.staged(TASK_CHANGES).where(in_ranges("changed_at", ranges)))
        touched = history.join(pairs, ["activity_date", "user_id"], "left_semi")
        days = within("target.activity_date", ranges)
    daily = to_tasks_per_user_daily(touched)
    properties = {iceberg.READ_THROUGH: str(unread.newest)}
    iceberg.merge(daily, TASKS_PER_USER_DAILY, run.branch, properties, within=days)
    return Staged(
        TASKS_PER_USER_DAILY,
        daily_suite.evidence(touched, run.staged(TASKS_PER_USER_DAILY).alias("target").where(days)),
        daily_suite.expectations(),
        rows_in=unread.rows,
        rows_out=_rows_written(run, TASKS_PER_USER_DAILY),
    )


def is_behind(run: Run) -> bool:
    """Whether what is published wants work, whatever arrives: rows not consumed, or an attribute promoted since.

    A run whose branches were lost may have published ``task_changes`` alone.
    """
    unread = [
        iceberg.added_since(run.spark, TASK_CHANGES, _consumed(run, table), "main").appended
        for table in (TASKS, TASKS_PER_USER_DAILY)
    ]
    return any(unread) or any(_promoted(iceberg.head(run.spark, table)) for table in (TASK_CHANGES, TASKS))


def advance(run: Run, batch: Batch) -> None:
    """Publish the position alone, where the ledger has only grown by other tables' objects: they are read past once."""
    run.begin()
    published = iceberg.head(run.spark, TASK_CHANGES)
    iceberg.commit_properties(run.spark, TASK_CHANGES, run.branch, _properties(run, batch, published))
    publishing.publish(run.spark, run.tables, run.branch)


@dataclass(frozen=True)
class Unread:
    """The changes that a table has not consumed, up to the snapshot ``newest``.

    ``is_all``: they are every one there is, and the table may hold what is of none of them.
    """

    changes: DataFrame
    rows: int
    newest: int | None
    is_all: bool


def _unread_changes(run: Run, table: Table) -> Unread:
    """Return the changes that ``table`` has not consumed, those that this run has staged among them."""
    newest = iceberg.snapshot_id(run.spark, TASK_CHANGES, run.branch)
    after = _consumed(run, table)
    # The run that rebuilt the changes may have been killed before it rebuilt this table.
    if run.rebuild or not iceberg.only_adds(run.spark, TASK_CHANGES, after, newest):
        after = None
    changes = iceberg.read_added(run.spark, TASK_CHANGES, after, newest)
    return Unread(changes, changes.count(), newest, after is None)


def _consumed(run: Run, table: Table) -> int | None:
    published = iceberg.head(run.spark, table)
    return int(published.read_through) if published and published.read_through else None


def _tasks_within(changes: DataFrame, rows: int) -> str:
    """Return the condition on `target` that a task is one of these changes', if they are few."""
    if rows > _MOST_CHANGES:
        return "true"
    tasks = changes.selectExpr("user_id", f"{TASK_HASH.format('')} AS task_hash").distinct().collect()
    users = {row.user_id for row in tasks}
    # Users are what files and row groups are told apart by; hashes leave few rows to bring together with the changes.
    conditions = [_is_in("target.user_id", [_quoted(user) for user in users])] if len(users) <= _MOST_USERS else []
    hashes = [str(row.task_hash) for row in tasks]
    return " AND ".join([*conditions, _is_in(TASK_HASH.format("target."), hashes)])


def _is_in(value: str, literals: Sequence[str]) -> str:
    return f"{value} IN ({', '.join(sorted(literals))})" if literals else "false"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _properties(run: Run, batch: Batch | None, published: iceberg.Snapshot | None) -> dict[str, str]:
    """Return what the leading snapshot says: how far Bronze was read, by which branch, with which attributes."""
    read_through = batch.read_through if batch else published.read_through if published else None
    position = {iceberg.READ_THROUGH: read_through} if read_through else {}
    return {**position, **_known(), publishing.BRANCH: run.branch}


def _known() -> dict[str, str]:
    return {_ATTRIBUTES: ",".join(attribute.name for attribute in TASK_ATTRIBUTES)}


def _promoted(published: iceberg.Snapshot | None) -> list[Attribute]:
    """Return the attributes that were given a column after a snapshot was published."""
    had = published.properties.get(_ATTRIBUTES, "").split(",") if published else []
    return [attribute for attribute in TASK_ATTRIBUTES if had and attribute.name not in had]


def _fill(run: Run, table: Table, promoted: Sequence[Attribute], properties: dict[str, str]) -> None:
    """Move promoted attributes of rows that are there from ``extra`` to their columns."""
    names = F.array(*(F.lit(attribute.name) for attribute in promoted))
    rows = run.staged(table).where(F.arrays_overlap(F.map_keys("extra"), names))
    iceberg.merge(with_promoted(rows, promoted), table, run.branch, properties)


def _rows_written(run: Run, table: Table) -> int:
    return iceberg.added_since(run.spark, table, iceberg.snapshot_id(run.spark, table), run.branch).records
