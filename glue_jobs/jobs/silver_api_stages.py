"""What ``silver_api`` writes to its branch, table by table, before anything is audited."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from data_quality.suites import api_requests as requests_suite
from data_quality.suites import api_usage_daily as usage_suite
from glue_jobs.jobs.quarantine import stage_quarantine
from glue_jobs.jobs.silver_api_batch import BRONZE, Batch
from glue_jobs.jobs.write_audit_publish import Run, Staged
from glue_jobs.schemas.silver import API_REQUESTS, API_USAGE_DAILY
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.days import DayRange, covering_ranges, days_of, in_ranges, within
from glue_jobs.transforms.api_logs import keep_halves
from glue_jobs.transforms.api_requests import HALF, MARGIN_DAYS, is_same_request, to_api_requests
from glue_jobs.transforms.api_usage_daily import to_api_usage_daily, with_usage_key

_KEY = list(API_USAGE_DAILY.key)


@dataclass(frozen=True)
class Changed:
    """The requests that a run changes, as they were and as they are now; and how many lines told of any request."""

    before: DataFrame
    after: DataFrame
    rows: int
    lines: int


def stage_api_requests(run: Run, batch: Batch) -> tuple[Staged, Changed]:
    """Write the requests of which the batch's lines say something new, joined with what was known of them."""
    if run.rebuild:
        iceberg.delete_all(run.spark, API_REQUESTS, run.branch)
    told = batch.parsed.select("half", "reason").persist()
    [counts] = told.agg(F.count("half").alias("lines"), F.count("reason").alias("rejected")).collect()
    seen = to_api_requests(keep_halves(told)).persist()
    ranges = covering_ranges(days_of(seen, "requested_at"), MARGIN_DAYS)
    known = _known(run, seen, ranges).persist()
    joined = to_api_requests(seen.select(*HALF).unionByName(known.select(*HALF)))
    changed = joined.subtract(known).persist()
    rows_out = changed.count()
    days = within("target.requested_at", ranges)
    _delete_joined(run, known, joined, days)
    is_same = f"({days}) AND {is_same_request('target', 'source')}"
    _write(run, API_REQUESTS, changed if rows_out else None, _properties(run, batch), is_same)
    staged = Staged(
        API_REQUESTS,
        requests_suite.evidence(seen, run.staged(API_REQUESTS).where(in_ranges("requested_at", ranges))),
        requests_suite.expectations(),
        rows_in=batch.rows,
        rows_out=rows_out,
        rejected=counts.rejected,
        # Requests, not lines: those of which the table knew all that the lines say.
        deduplicated=seen.count() - rows_out,
    )
    before = known.join(changed.select("request_id"), "request_id", "left_semi")
    return staged, Changed(before, changed, rows_out, counts.lines)


def _known(run: Run, seen: DataFrame, ranges: Sequence[DayRange]) -> DataFrame:
    """Return the rows of these requests as they are published; the branch soon holds what is made of them.

    ``ranges`` covers the whole batch, and prunes; which rows are of a request its own time says.
    """
    published = None if run.rebuild else iceberg.snapshot_id(run.spark, API_REQUESTS)
    rows = iceberg.read_added(run.spark, API_REQUESTS, None, published).where(in_ranges("requested_at", ranges))
    is_seen = F.expr(f"known.request_id = seen.request_id AND {is_same_request('known', 'seen')}")
    return rows.select(API_REQUESTS.columns.names).alias("known").join(seen.alias("seen"), is_seen, "left_semi")


def _delete_joined(run: Run, known: DataFrame, joined: DataFrame, days: str) -> None:
    """Delete the rows that a line between them has made one; that one is written like a new request's."""
    several = known.groupBy("request_id").count().where("count > 1")
    if not several.isEmpty():
        gone = known.join(several, "request_id", "left_semi").subtract(joined)
        _delete(run, API_REQUESTS, gone, ("request_id", "requested_at"), days)


def _properties(run: Run, batch: Batch) -> dict[str, str]:
    published = iceberg.head(run.spark, API_REQUESTS)
    properties = {**(published.properties if published else {}), publishing.BRANCH: run.branch}
    return {**properties, iceberg.READ_THROUGH: batch.read_through} if batch.read_through else properties


def stage_api_usage_daily(run: Run, changed: Changed) -> Staged:
    """Write anew every (day, user, route) that a changed request counts for, or counted for.

    All of them where the published ones are not of the published requests: another tool has moved one of the two.
    """
    is_whole = run.rebuild or is_behind(run)
    publishing.open_branch(run.spark, API_USAGE_DAILY, run.branch)
    requests, days = with_usage_key(run.staged(API_REQUESTS)), "true"
    if is_whole:
        iceberg.delete_all(run.spark, API_USAGE_DAILY, run.branch)
        touched = _keys(requests)
    else:
        touched = _keys(with_usage_key(changed.before.unionByName(changed.after))).persist()
        ranges = covering_ranges(days_of(touched, "activity_date"))
        requests = requests.where(in_ranges("requested_at", ranges)).join(touched, _KEY, "left_semi")
        days = within("target.activity_date", ranges)
        _delete_unasked(run, changed, requests, days)
    usage = to_api_usage_daily(requests) if is_whole or ranges else None
    _write(run, API_USAGE_DAILY, usage, _of_staged_requests(run), days)
    staged = run.staged(API_USAGE_DAILY).alias("target").where(days)
    published = iceberg.snapshot_id(run.spark, API_USAGE_DAILY)
    return Staged(
        API_USAGE_DAILY,
        usage_suite.evidence(touched, requests, staged),
        usage_suite.expectations(),
        rows_in=changed.rows,
        rows_out=iceberg.added_since(run.spark, API_USAGE_DAILY, published, run.branch).records,
    )


def advance(run: Run, batch: Batch) -> None:
    """Publish the position alone, where the ledger has only grown by other tables' objects: they are read past once."""
    run.begin()
    iceberg.commit_properties(run.spark, API_REQUESTS, run.branch, _properties(run, batch))
    publishing.open_branch(run.spark, API_USAGE_DAILY, run.branch)
    iceberg.commit_properties(run.spark, API_USAGE_DAILY, run.branch, _of_staged_requests(run))
    publishing.publish(run.spark, run.tables, run.branch)


def _of_staged_requests(run: Run) -> dict[str, str]:
    return {iceberg.READ_THROUGH: str(iceberg.snapshot_id(run.spark, API_REQUESTS, run.branch))}


def is_behind(run: Run) -> bool:
    """Whether the published usage is of other requests than the published ones."""
    requests, usage = iceberg.snapshot_id(run.spark, API_REQUESTS), iceberg.head(run.spark, API_USAGE_DAILY)
    return requests is not None and (usage is None or usage.read_through != str(requests))


def stage_faulty(run: Run, batch: Batch, rejected: int) -> Staged:
    """Write the batch's lines that are at fault to the quarantine: few, so they are parsed once more for it."""
    faulty = batch.parsed.where(F.col("reason").isNotNull())
    return stage_quarantine(run, BRONZE, faulty, rejected, batch.rows)


def _keys(requests: DataFrame) -> DataFrame:
    return requests.select(_KEY).distinct()


def _write(run: Run, table: Table, rows: DataFrame | None, properties: dict[str, str], days: str) -> None:
    """Merge the rows on the branch where their days are; if there are none, say only what holds."""
    if rows is None:
        iceberg.commit_properties(run.spark, table, run.branch, properties)
    else:
        iceberg.merge(rows, table, run.branch, properties, within=days)


def _delete_unasked(run: Run, changed: Changed, requests: DataFrame, days: str) -> None:
    """Delete the usage of which a change has taken the last request: a smaller access line told otherwise."""
    left = _keys(with_usage_key(changed.before)).subtract(_keys(with_usage_key(changed.after)))
    if not left.isEmpty():
        _delete(run, API_USAGE_DAILY, left.join(requests, _KEY, "left_anti"), _KEY, days)


def _delete(run: Run, table: Table, rows: DataFrame, key: Sequence[str], days: str) -> None:
    """Delete the rows on the branch, where their days are."""
    view, target = f"{table.name}_to_delete", iceberg.name(table, run.branch)
    rows.createOrReplaceTempView(view)
    matches = " AND ".join(f"target.{column} = source.{column}" for column in key)
    run.spark.sql(
        f"MERGE INTO {target} AS target USING {view} AS source ON {matches} AND ({days}) WHEN MATCHED THEN DELETE"
    )
    run.spark.catalog.dropTempView(view)
