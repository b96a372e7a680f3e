"""The job `silver_api` on a real lake: from log events through the forwarder and Firehose to published tables."""

import json
import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from data_quality.suites import api_usage_daily
from glue_jobs.jobs import silver_api
from glue_jobs.jobs.outcome import JobOutcome
from glue_jobs.schemas.table import Table
from glue_jobs.storage import iceberg, publishing
from glue_jobs.transforms import api_logs
from local.capture import capture
from local.options import Inputs
from local.traffic.day import day, day_logs
from tests.e2e import history
from tests.unit.glue_jobs.log_lines import BARE, access, application, failed

LogEvent = dict[str, Any]
DAY_MS = history.DAY * 1000
START_MS = history.START * 1000


@pytest.fixture(autouse=True)
def empty_lake(spark: SparkSession, lake: Path) -> None:
    for table in silver_api.TABLES:
        spark.sql(f"DROP TABLE IF EXISTS {iceberg.name(table)} PURGE")
    for name in ("bronze", "bronze_ledger", "claim_checks", "errors", "data_docs"):
        shutil.rmtree(lake / name, ignore_errors=True)
    (lake / "checkpoints.json").unlink(missing_ok=True)


def run(lake: Path, run_id: str = "r1", *options: str) -> JobOutcome:
    arguments = ["silver_api", "--JOB_NAME", "silver_api", "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}", *options]
    return silver_api.main(arguments, lambda _: None)


def captured(lake: Path, tmp_path: Path, events: Iterable[LogEvent], name: str = "in.jsonl") -> None:
    capture(Inputs(logs=history.write(tmp_path / name, events)), lake, lambda *_: None)


def event(number: int, milliseconds: int, message: str, group: str = "/aws/lambda/todo-app") -> LogEvent:
    moment = START_MS + milliseconds
    return {"logGroup": group, "logStream": "s", "id": f"{number:056}", "timestamp": moment, "message": message}


def outside(number: int, milliseconds: int, request: str, **given: Any) -> LogEvent:
    """Return an access line, written 30 ms after the request came."""
    line = access(request_id=request, requested_at_ms=START_MS + milliseconds - 30, **given)
    return event(number, milliseconds, line, "/aws/api-gateway/todo-api/access")


MARK = "RequestId: 0a1b2c3d-0000-4000-8000-000000000001"
TRACEBACK = "[ERROR] KeyError: 'due_date'\nTraceback (most recent call last):\n"
EVENTS = [
    event(1, 1_000, f"START {MARK} Version: $LATEST\n"),
    event(2, 1_020, application(request_id="both")),
    event(3, 1_020, f"END {MARK}\n"),
    outside(4, 1_024, "both"),
    event(5, 2_000, failed("KeyError: 'due_date'", request_id="broken", duration_ms=9)),
    event(6, 2_000, TRACEBACK),
    outside(7, 2_004, "broken", status_code=502, integration_error="The Lambda function returned an error"),
    outside(8, 3_000, "nobody", user_id="-", status_code=401, latency_ms=2),
    outside(9, 4_000, "lost", status_code=504, latency_ms=BARE),
    event(10, DAY_MS, application(request_id="midnight")),
    outside(11, DAY_MS + 4, "midnight"),
    event(12, 2 * DAY_MS, application(request_id="waits", user_id="bob")),
]

REQUESTS = {
    # request: user, status, latency, duration, error
    "both": ("ada", 201, 24, 21.0, None),
    "broken": ("ada", 502, 24, 9.0, "KeyError: 'due_date'"),
    "nobody": ("anonymous", 401, 2, None, None),
    "lost": ("ada", 504, None, None, None),
    "midnight": ("ada", 201, 24, 21.0, None),
    "waits": ("bob", None, None, 21.0, None),
}
USAGE = {
    # day, user: requests, 4xx, 5xx, p50
    ("2025-10-15", "ada"): (4, 0, 2, 24.0),
    ("2025-10-15", "anonymous"): (1, 1, 0, 2.0),
}


def requests(spark: SparkSession) -> dict[str, tuple[Any, ...]]:
    rows = spark.table("lake.silver.api_requests").collect()
    return {
        row.request_id: (row.user_id, row.status_code, row.latency_ms, row.lambda_duration_ms, row.error)
        for row in rows
    }


def usage(spark: SparkSession) -> dict[tuple[str, str], tuple[Any, ...]]:
    rows = spark.table("lake.silver.api_usage_daily").collect()
    assert {row.route for row in rows} <= {"/tasks"}
    return {
        (str(row.activity_date), row.user_id): (row.requests, row.errors_4xx, row.errors_5xx, row.p50_ms)
        for row in rows
    }


def tables(spark: SparkSession) -> list[list[Any]]:
    found = (spark.table(iceberg.name(table)).orderBy(*table.key, *table.sorted_by) for table in silver_api.TABLES)
    return [rows.drop("quarantined_at").collect() for rows in found]


def snapshots(spark: SparkSession) -> list[int | None]:
    heads = [iceberg.head(spark, table) for table in silver_api.TABLES]
    return [head.id if head else None for head in heads]


def test_silver_says_what_both_logs_say(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    captured(lake, tmp_path, EVENTS)
    outcome = run(lake)
    assert requests(spark) == REQUESTS
    assert usage(spark) == USAGE
    assert {table.table: table.verdict for table in outcome.tables} == {
        "silver.api_requests": "pass",
        "silver.api_usage_daily": "pass",
    }
    assert Path(str(outcome.data_docs).removeprefix("file://")).exists()


@pytest.mark.parametrize("order", ["the access log first", "the function first", "the newest first"])
def test_increments_in_any_order_and_twice_equal_one_run(
    order: str, spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    of_function = [line for line in EVENTS if line["logGroup"].startswith("/aws/lambda")]
    of_gateway = [line for line in EVENTS if line not in of_function]
    parts = {
        "the access log first": (of_gateway, of_function),
        "the function first": (of_function, of_gateway),
        "the newest first": (EVENTS[6:], EVENTS[3:9], EVENTS[:5]),
    }[order]
    for number, part in enumerate(parts):
        captured(lake, tmp_path, part, f"{number}.jsonl")
        run(lake, f"r{number}")
    assert requests(spark) == REQUESTS
    assert usage(spark) == USAGE


def test_a_run_killed_after_its_first_table_is_finished_by_the_next(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_one_and_die(session: SparkSession, tables: Sequence[Table], branch: str) -> None:
        publish(session, tables[:1], branch)
        raise KeyboardInterrupt

    publish = publishing.publish
    captured(lake, tmp_path, EVENTS)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "publish", publish_one_and_die)
        run(lake)
    assert (requests(spark), usage(spark)) == (REQUESTS, {})
    assert run(lake, "r2").tables == []
    assert usage(spark) == USAGE


def test_objects_of_other_tables_in_the_ledger_are_read_past_once(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, EVENTS)
    run(lake)
    capture(Inputs(history.write(tmp_path / "changes.jsonl", history.records())), lake, lambda *_: None)
    before = snapshots(spark)
    assert run(lake, "r2").tables == []
    past = snapshots(spark)
    assert past[0] != before[0]
    assert run(lake, "r3").tables == []
    assert snapshots(spark) == past
    assert usage(spark) == USAGE


def test_lines_that_tell_of_no_request_are_read_past_and_faulty_ones_kept(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    # As outside of tests: Spark plans anew what turns out to be empty.
    faulty = event(20, 1_000, access(request_id="faulty", latency_ms=24.5), "/aws/api-gateway/todo-api/access")
    captured(lake, tmp_path, [EVENTS[0], faulty])
    spark.conf.set("spark.sql.adaptive.enabled", "true")
    try:
        outcome = run(lake)
    finally:
        spark.conf.set("spark.sql.adaptive.enabled", "false")
    assert [(table.rows_in, table.rows_out, table.rejected) for table in outcome.tables] == [
        (2, 0, 1),
        (0, 0, 0),
        (1, 1, 0),
    ]
    assert run(lake, "r2").tables == []


def test_requests_that_another_tool_has_changed_are_counted_anew(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, EVENTS)
    run(lake)
    spark.sql("UPDATE lake.silver.api_requests SET status_code = 500 WHERE request_id = 'midnight'")
    assert [table.rows_out for table in run(lake, "r2").tables] == [0, 2]
    assert usage(spark) == {**USAGE, ("2025-10-15", "ada"): (4, 0, 3, 24.0)}


def test_a_half_that_comes_a_year_late_finds_its_other(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    captured(lake, tmp_path, EVENTS[:2])
    run(lake)
    captured(lake, tmp_path, [outside(20, 365 * DAY_MS, "much later")], "later.jsonl")
    run(lake, "r2")
    captured(lake, tmp_path, EVENTS[3:4], "late.jsonl")
    run(lake, "r3")
    assert requests(spark)["both"] == REQUESTS["both"]
    assert len(requests(spark)) == 2


def test_lines_that_come_again_change_no_row(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    captured(lake, tmp_path, EVENTS)
    run(lake)
    files = spark.table("lake.silver.api_requests.files").count()
    captured(lake, tmp_path, EVENTS[:6], "again.jsonl")
    outcome = run(lake, "r2")
    assert {table.rows_out for table in outcome.tables} == {0}
    assert spark.table("lake.silver.api_requests.files").count() == files
    before = snapshots(spark)
    assert run(lake, "r3").tables == []
    assert snapshots(spark) == before


def test_a_request_that_turns_out_to_be_of_another_day_leaves_the_day_it_was_counted_on(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, [outside(2, DAY_MS + 100, "r", user_id="bob"), outside(3, DAY_MS + 200, "other")])
    run(lake)
    assert set(usage(spark)) == {("2025-10-16", "bob"), ("2025-10-16", "ada")}
    captured(lake, tmp_path, [outside(1, 100, "r", user_id="bob")], "smaller.jsonl")
    run(lake, "r2")
    assert set(usage(spark)) == {("2025-10-15", "bob"), ("2025-10-16", "ada")}


# One id, used by a client on day 0 and again on day 8: too far apart to be one request.
REUSED = [outside(30, 100, "X"), outside(31, 8 * DAY_MS + 100, "X", user_id="bob", status_code=200)]


def at_days(spark: SparkSession) -> list[tuple[str, str, float | None]]:
    rows = spark.table("lake.silver.api_requests").orderBy("requested_at").collect()
    return [(row.request_id, str(row.requested_at.date()), row.lambda_duration_ms) for row in rows]


def used_at(spark: SparkSession) -> dict[tuple[str, str], int]:
    return {key: row[0] for key, row in usage(spark).items()}


def given(spark: SparkSession, lake: Path, tmp_path: Path, *batches: list[LogEvent]) -> None:
    """Run the job after each batch; what it makes of them is what a rebuild makes of all."""
    for number, batch in enumerate(batches):
        captured(lake, tmp_path, batch, f"{number}.jsonl")
        run(lake, f"r{number}")
    incremental = tables(spark)
    run(lake, "all", "--REBUILD", "true")
    assert tables(spark) == incremental


def test_an_id_that_is_used_again_is_another_request_whatever_else_comes_with_its_lines(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    later = event(32, 9 * DAY_MS, application(request_id="X", duration_ms=5))
    straggler = outside(33, 3 * DAY_MS + 100, "other")
    given(spark, lake, tmp_path, REUSED[:1], REUSED[1:], [later, straggler])
    assert at_days(spark) == [("X", "2025-10-15", None), ("other", "2025-10-18", None), ("X", "2025-10-23", 5.0)]
    assert used_at(spark) == {("2025-10-15", "ada"): 1, ("2025-10-18", "ada"): 1, ("2025-10-23", "bob"): 1}


def test_lines_of_both_uses_of_an_id_that_come_together_find_each_its_own(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    inside = [event(34 + day, day * DAY_MS, application(request_id="X", duration_ms=day)) for day in (0, 8)]
    given(spark, lake, tmp_path, REUSED, inside, [*inside, *REUSED])
    assert at_days(spark) == [("X", "2025-10-15", 0.0), ("X", "2025-10-23", 8.0)]
    assert used_at(spark) == {("2025-10-15", "ada"): 1, ("2025-10-23", "bob"): 1}


def test_a_line_between_two_uses_of_an_id_makes_them_one_request(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    between = event(35, 4 * DAY_MS, application(request_id="X", duration_ms=4))
    given(spark, lake, tmp_path, REUSED[:1], [*REUSED[1:], outside(36, 8 * DAY_MS + 200, "other")], [between])
    assert at_days(spark) == [("X", "2025-10-15", 4.0), ("other", "2025-10-23", None)]
    assert used_at(spark) == {("2025-10-15", "ada"): 1, ("2025-10-23", "ada"): 1}


def test_the_gate_looks_at_the_usage_of_touched_days_alone(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def see(touched: DataFrame, asked: DataFrame, found: DataFrame) -> DataFrame:
        days.append({row.activity_date for row in found.collect()})
        return evidence(touched, asked, found)

    days: list[set[date]] = []
    evidence = api_usage_daily.evidence
    monkeypatch.setattr(api_usage_daily, "evidence", see)
    for number, day_number in enumerate((0, 60)):
        captured(lake, tmp_path, [outside(40 + number, day_number * DAY_MS + 100, f"r{number}")], f"{number}.jsonl")
        run(lake, f"r{number}")
    run(lake, "all", "--REBUILD", "true")
    first, last = date(2025, 10, 15), date(2025, 12, 14)
    assert days == [{first}, {last}, {first, last}]


def test_a_line_too_large_for_firehose_is_read_from_where_it_was_put(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    captured(lake, tmp_path, [event(20, 1_000, failed("x" * 1_030_000, request_id="large")), *EVENTS])
    [claim] = (lake / "claim_checks/api_logs").rglob("*.json")
    run(lake)
    assert requests(spark)["large"][4] == "x" * 1_030_000
    assert {**requests(spark), "large": None} == {**REQUESTS, "large": None}
    line = claim.read_bytes()
    claim.unlink()
    run(lake, "r2", "--REBUILD", "true")
    assert requests(spark) == REQUESTS
    [row] = spark.table("lake.silver.quarantine").collect()
    assert row.reason == "the message is missing, or the object that holds it"

    claim.write_bytes(line)
    run(lake, "r3", "--REPLAY_QUARANTINE", "true")
    assert requests(spark)["large"][4] == "x" * 1_030_000
    assert spark.table("lake.silver.quarantine").count() == 0


def test_a_faulty_access_line_is_quarantined_and_joins_its_request_after_a_fix(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = outside(20, 3_000, "new", latency_ms=24.5)
    captured(lake, tmp_path, [*EVENTS, faulty, event(21, 3_000, application(request_id="new"))])
    run(lake)
    [row] = spark.table("lake.silver.quarantine").collect()
    assert (row.source, row.reason) == ("bronze.api_logs", "latency_ms is not a whole number")
    assert json.loads(row.raw)["message"] == faulty["message"]
    assert requests(spark) == {**REQUESTS, "new": ("ada", None, None, 21.0, None)}

    run(lake, "r2", "--REPLAY_QUARANTINE", "true")
    assert spark.table("lake.silver.quarantine").collect() == [row]
    monkeypatch.setitem(api_logs._NUMBERS, "latency_ms", (r"^\d+(\.\d+)?$", "a number"))
    for again in ("r3", "r4"):
        run(lake, again, "--REPLAY_QUARANTINE", "true")
        assert spark.table("lake.silver.quarantine").count() == 0
        assert requests(spark) == {**REQUESTS, "new": REQUESTS["both"]}
        assert usage(spark)["2025-10-15", "ada"][0] == USAGE["2025-10-15", "ada"][0] + 1


def test_increments_of_the_generated_day_count_its_requests_and_equal_a_rebuild(
    spark: SparkSession, lake: Path, tmp_path: Path
) -> None:
    night = [line for line in day_logs(day()) if line["timestamp"] < START_MS + 7 * 3_600_000]
    middle = len(night) // 2
    for number, part in enumerate((night[middle - 50 :], night[:middle])):
        captured(lake, tmp_path, part, f"{number}.jsonl")
        run(lake, f"r{number}")
    incremental = tables(spark)
    run(lake, "all", "--REBUILD", "true")
    assert tables(spark) == incremental
    lines = [json.loads(line["message"]) for line in night if '"log": "access"' in line["message"]]
    latencies = defaultdict(list)
    for line in lines:
        user = "anonymous" if line["user_id"] == "-" else line["user_id"]
        latencies[user, line["route"]].append(line["latency_ms"])
    found = spark.table("lake.silver.api_usage_daily").collect()
    assert {(row.user_id, row.route): (row.requests, row.p50_ms) for row in found} == {
        key: (len(its), statistics.median(its)) for key, its in latencies.items()
    }
    assert sum(row.errors_4xx for row in found) == sum(400 <= line["status_code"] < 500 for line in lines) > 0
