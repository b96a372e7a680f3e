"""Measure a laptop's lake and write ``measured.yaml``: ``python -m operations.cost.measure <lake>``."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import typer
import yaml

from infra.package import ROOT
from operations.cost.arrivals import Curve, curve, open_at_once
from operations.cost.emitted import emitted_metrics, function_log_bytes
from operations.cost.lake_folder import (
    Arrivals,
    files_below,
    jq_seconds,
    line_fit,
    newest_receipt,
    payload,
    read_arrivals,
)
from operations.cost.measured import OPEN_SECONDS, billed
from operations.cost.settings import STREAMS, Settings
from operations.cost.template_settings import read_settings
from operations.cost.templates import read_templates
from operations.terminal import one_line_errors

MEASURED = Path(__file__).parent / "measured.yaml"
_HEAD = "# Made by a command, never by hand: {command}\n"
# The tables of Silver that a record of each source becomes rows of.
_SILVER = {
    "task-changes": ("task_changes", "tasks", "tasks_per_user_daily"),
    "api-logs": ("api_requests", "api_usage_daily"),
}
_TIMES = {"task-changes": ("changed_at", ()), "api-logs": ("logged_at", ("log_stream",))}


def measure(lake: Path, settings: Settings) -> dict[str, Any]:
    """Return what the newest run of a lake says: bytes, arrivals, seconds and files."""
    receipt = newest_receipt(lake)
    whole = json.loads((ROOT / "benchmarks/silver.json").read_text(encoding="utf-8"))["whole"]
    handler = json.loads((ROOT / "benchmarks/handler.json").read_text(encoding="utf-8"))
    return {
        "command": f"python -m operations.cost.measure {lake.name}",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "run": receipt["run_id"],
        "flows": {stream: _flow(lake, stream, settings) for stream in STREAMS},
        "job_seconds": _job_seconds(receipt),
        # From benchmarks/: a million changes by silver_tasks, and the handler's processor time.
        "row_seconds": round(whole["runs"]["ours"][0]["job_seconds"] / whole["rows"], 8),
        "handler_seconds": handler["cpu_microseconds_per_record"]["cdc_lambda"]["median"] / 1e6,
        "files_a_run": {name: len(list(files_below(lake / name))) for name in ("silver", "gold", "data_docs")},
        "bytes_a_run": {
            name: sum(path.stat().st_size for path in files_below(lake / name))
            for name in ("silver", "gold", "data_docs")
        },
        "metrics": emitted_metrics(),
        "function_log_bytes": function_log_bytes(),
    }


def _flow(lake: Path, stream: str, settings: Settings) -> dict[str, Any]:
    table = stream.replace("-", "_")
    if stream == "bronze-ledger":
        return _ledger(read_arrivals(lake / "bronze_ledger"))
    arrivals = read_arrivals(lake / "bronze" / table)
    own, shared = arrivals.of_users(is_anonymous=False), arrivals.of_users(is_anonymous=True)
    payloads = [payload(row) for row in arrivals.rows]
    object_bytes, row_bytes = line_fit(arrivals.object_rows, arrivals.object_sizes)
    time_column, call_columns = _TIMES[stream]
    return _figures(payloads) | {
        "users": len({row["user_id"] for row in own.rows}),
        "jq_seconds": round(jq_seconds(settings.streams[stream].query, payloads), 8),
        "objects": len(arrivals.object_rows),
        "object_bytes": round(object_bytes),
        "row_bytes": round(row_bytes),
        "shared_share": round(len(shared.rows) / len(arrivals.rows), 6),
        "folder": _points(curve(own.by("ingested_at", "event_date", "user_id"))),
        "bucket": _points(curve(own.by_bucket("ingested_at"))),
        "shared": _points(curve(shared.by("ingested_at", "event_date"))),
        "calls": _points(curve(arrivals.by(time_column, *call_columns))),
        "open_folders": open_at_once(arrivals.by("ingested_at", "event_date", "user_id"), OPEN_SECONDS),
        "silver_row_bytes": round(_silver_bytes(lake, stream) / len(arrivals.rows), 1),
    }


def _ledger(arrivals: Arrivals) -> dict[str, Any]:
    """Return the ledger's flow: one folder at a time, no user, no Lambda function."""
    object_bytes, row_bytes = line_fit(arrivals.object_rows, arrivals.object_sizes)
    return _figures([payload(row) for row in arrivals.rows]) | {
        "users": 1,
        "jq_seconds": 0.0,
        "objects": len(arrivals.object_rows),
        "object_bytes": round(object_bytes),
        "row_bytes": round(row_bytes),
        "shared_share": 1.0,
        "folder": {},
        "bucket": {},
        "shared": _points(curve(arrivals.by("created_at"))),
        "calls": {},
        "open_folders": 1,
        "silver_row_bytes": 0.0,
    }


def _figures(payloads: list[bytes]) -> dict[str, Any]:
    return {
        "records": len(payloads),
        "record_bytes": round(sum(map(len, payloads)) / len(payloads), 1),
        "billed_bytes": round(sum(billed(len(each)) for each in payloads) / len(payloads), 1),
    }


def _points(measured: Curve) -> dict[int, float]:
    return {int(seconds): share for seconds, share in measured.points}


def _silver_bytes(lake: Path, stream: str) -> int:
    data = (lake / "silver" / table / "data" for table in _SILVER[stream])
    return sum(path.stat().st_size for folder in data for path in files_below(folder))


def _job_seconds(receipt: dict[str, Any]) -> dict[str, float]:
    tables = {table["table"]: table["seconds"] for table in receipt["tables"]}
    jobs = {"silver_tasks": _SILVER["task-changes"], "silver_api": _SILVER["api-logs"]}
    seconds = {job: sum(tables[f"silver.{name}"] for name in names) for job, names in jobs.items()}
    seconds["gold"] = sum(value for name, value in tables.items() if name.startswith("gold."))
    return {job: round(value, 2) for job, value in seconds.items()}


def main(lake: Path = typer.Argument(help="A lake that `make run` made.")) -> None:  # noqa: B008 - typer's own way
    """Measure a lake and write measured.yaml."""
    with one_line_errors():
        document = measure(lake, read_settings(read_templates()))
        head = _HEAD.format(command=document["command"])
        MEASURED.write_text(head + yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        sys.stdout.write(f"{MEASURED.name}: run {document['run']}\n")


if __name__ == "__main__":
    typer.run(main)
