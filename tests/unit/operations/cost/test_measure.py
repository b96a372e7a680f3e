import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdc_lambda.envelope import to_envelope
from cdc_lambda.log_envelope import to_log_envelope
from operations.cost.arrivals import curve
from operations.cost.lake_folder import jq_seconds, line_fit, newest_receipt, payload, read_arrivals
from operations.cost.measure import measure
from operations.cost.measured import read_measured, to_measured
from operations.cost.settings import Settings
from operations.errors import OptionError

ROOT = Path(__file__).parents[4]
EVENTS = ROOT / "tests/events"
DAY = date(2025, 10, 15)


def at(second: int) -> datetime:
    return datetime(2025, 10, 15, 10, 0, second)


def write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def a_change(user: str, second: int) -> dict[str, Any]:
    return {"event_id": f"{user}{second}", "changed_at": at(second), "ingested_at": at(second), "user_id": user,
            "event_date": DAY, "new_image": "x" * 6000}  # fmt: skip


def a_line(user: str, second: int) -> dict[str, Any]:
    return {"log_event_id": f"{user}{second}", "logged_at": at(second), "ingested_at": at(second), "user_id": user,
            "event_date": DAY, "log_stream": "one", "message": "GET"}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake of three changes in two objects, and four lines of which three have no user."""
    changes = tmp_path / "bronze/task_changes/2025/10/15"
    write(changes / "ada/one.parquet", [a_change("ada", 0), a_change("ada", 30)])
    write(changes / "bob/two.parquet", [a_change("bob", 50)])
    logs = tmp_path / "bronze/api_logs/2025/10/15"
    write(logs / "anonymous/one.parquet", [a_line("anonymous", second) for second in (0, 1, 2)])
    write(logs / "ada/two.parquet", [a_line("ada", 1)])
    ledger = [{"object_key": f"bronze/{n}", "size_bytes": n, "created_at": at(n)} for n in range(4)]
    write(tmp_path / "bronze_ledger/2025/10/15/10/one.parquet", ledger)
    write(tmp_path / "silver/task_changes/data/one.parquet", [{"event_id": "1"}])
    (tmp_path / "silver/task_changes/data/.one.parquet.crc").write_text("not an object")
    for name in ("gold", "data_docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text("12345")
    receipt("20251015T100000Z_1", tmp_path)
    return tmp_path


def receipt(run: str, lake: Path, **changed: Any) -> None:
    seconds = {
        "bronze.task_changes": 9.0,
        "silver.task_changes": 5.0,
        "silver.tasks": 3.0,
        "silver.tasks_per_user_daily": 2.0,
        "silver.api_requests": 7.0,
        "silver.api_usage_daily": 1.0,
        "gold.task_throughput_daily": 4.0,
    }
    tables = [{"table": name, "rows_in": 3, "seconds": value} for name, value in seconds.items()]
    document = {"run_id": run, "verdict": "pass", "events": "e", "logs": "l", "tables": tables} | changed
    (lake / "runs").mkdir(exist_ok=True)
    (lake / f"runs/{run}.json").write_text(json.dumps(document))


def test_a_lake_becomes_what_the_model_reads(lake: Path, settings: Settings) -> None:
    measured, kept = to_measured(measure(lake, settings)), read_measured()
    # What does not depend on the lake, so that the file is made anew when the code writes other metrics.
    assert (measured.metrics, measured.function_log_bytes) == (kept.metrics, kept.function_log_bytes)
    assert (measured.row_seconds, measured.handler_seconds) == (kept.row_seconds, kept.handler_seconds)
    changes, logs, ledger = (measured.flows[name] for name in ("task-changes", "api-logs", "bronze-ledger"))
    assert (changes.records, changes.users, changes.objects, changes.shared_share) == (3, 2, 2, 0)
    assert changes.billed_bytes == 10_240  # 6 KB of image
    assert changes.folder.at(60) == pytest.approx(2 / 3)  # ada's two changes share an object
    assert changes.folder.at(10) == 1
    assert (logs.records, logs.users, logs.shared_share) == (4, 1, 0.75)
    assert logs.shared.at(60) == pytest.approx(1 / 3)
    assert logs.calls.at(60) == pytest.approx(1 / 4)
    assert (ledger.records, ledger.objects, ledger.billed_bytes) == (4, 1, 5120)
    assert measured.job_seconds == {"silver_tasks": 10, "silver_api": 8, "gold": 4}
    assert measured.files_a_run == {"silver": 1, "gold": 1, "data_docs": 1}
    assert measured.bytes_a_run["gold"] == 5


def test_the_newest_run_that_read_both_inputs_is_measured(lake: Path) -> None:
    receipt("20251015T110000Z_2", lake, logs=None)
    receipt("20251015T120000Z_3", lake, verdict="fail")
    receipt("20251015T130000Z_4", lake, tables=[])
    assert newest_receipt(lake)["run_id"] == "20251015T100000Z_1"


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="has no run that read records and log lines and passed: `make run LAKE="):
        newest_receipt(tmp_path)
    with pytest.raises(OptionError, match="has no rows to measure"):
        read_arrivals(tmp_path)


def typed(column: str, value: Any) -> Any:
    """Return a member of the envelope as Firehose converts it."""
    if column.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if column == "event_date" else value


def test_a_row_of_bronze_gives_back_the_very_record_that_was_put(tmp_path: Path) -> None:
    record = json.loads((EVENTS / "insert.json").read_text(encoding="utf-8"))["Records"][0]
    envelope: dict[str, Any] = {**(to_envelope(record, "2025-10-15 10:00:01.250") or {})}
    line = to_log_envelope({"id": "1", "timestamp": 1_760_522_400_123, "message": '{"user_id": "ada"}'}, "g", "s",
                           "2025-10-15 10:00:02.000")  # fmt: skip
    sent_rows: dict[str, dict[str, Any]] = {"task_changes": envelope, "api_logs": {**line}}
    for name, sent in sent_rows.items():
        row = {column: typed(column, value) for column, value in sent.items()}
        write(tmp_path / name / "one.parquet", [row])
        (read,) = read_arrivals(tmp_path / name).rows
        assert payload(read) == orjson.dumps(sent)


def test_an_object_has_a_size_without_rows_and_one_for_each() -> None:
    assert line_fit([1, 2, 4], [110, 120, 140]) == pytest.approx((100, 10))
    assert line_fit([2, 2], [100, 120]) == (0.0, 55.0)


def test_a_query_is_timed_only_where_there_is_one() -> None:
    assert jq_seconds("", [b"{}"]) == 0
    assert jq_seconds("{day: .event_date[8:10]}", [b'{"event_date": "2025-10-15"}'] * 3) > 0


def test_buckets_are_those_of_the_templates_query(lake: Path) -> None:
    arrivals = read_arrivals(lake / "bronze/task_changes")
    folders = {folder for _, folder in arrivals.by_bucket("ingested_at")}
    assert len(folders) == 2
    assert curve(arrivals.by_bucket("ingested_at")).at(60) == pytest.approx(2 / 3)
