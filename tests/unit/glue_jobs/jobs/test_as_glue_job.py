import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from awsglue.utils import GlueArgumentError

from data_quality.gate import Failure, GateFailedError, Verdict
from glue_jobs.jobs.as_glue_job import Measured, measure_outcome, metrics_line, run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome, TableOutcome
from glue_jobs.schemas.silver import TASKS
from glue_jobs.storage.publishing import PublishError
from glue_jobs.storage.unreadable import BronzeError

NOW = datetime(2025, 10, 15, 12, tzinfo=UTC)
CHANGES = TableOutcome("silver.task_changes", rows_in=9, rows_out=6, rejected=1, deduplicated=2, verdict="pass")
LATEST = TableOutcome("silver.tasks", rows_in=6, rows_out=4, verdict="warn")
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
UNITS = {"Seconds", "Count", "Bytes", "Milliseconds"}


def metrics(outcome: JobOutcome) -> dict[str, Any]:
    line = metrics_line("silver_tasks", measure_outcome(outcome, NOW), NOW)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_the_counts_are_those_of_the_table_that_leads() -> None:
    found = metrics(JobOutcome([CHANGES, LATEST], bronze_objects=3))
    counts = {name: found[name] for name in ("RowsIn", "RowsOut", "Deduplicated", "Quarantined", "BronzeObjects")}
    assert counts == {"RowsIn": 9, "RowsOut": 6, "Deduplicated": 2, "Quarantined": 1, "BronzeObjects": 3}
    assert found["tables"] == {"silver.task_changes": "pass", "silver.tasks": "warn"}


def test_the_counts_of_gold_are_those_of_all_its_tables() -> None:
    found = metrics(JobOutcome([CHANGES, LATEST], is_led=False))
    assert (found["RowsIn"], found["RowsOut"]) == (15, 10)


def test_a_run_that_found_nothing_new_counts_nothing_and_has_no_lag() -> None:
    found = metrics(JobOutcome([]))
    assert (found["RowsIn"], found["RowsOut"], found["BronzeObjects"]) == (0, 0, 0)
    assert "Lag" not in found


def test_the_lag_is_how_long_ago_the_newest_change_was() -> None:
    assert metrics(JobOutcome([CHANGES], newest_at=NOW - timedelta(minutes=2, milliseconds=500)))["Lag"] == 120.5


@pytest.mark.parametrize("newest_at", [None, NOW])
def test_the_line_is_cloudwatchs_embedded_metric_format(newest_at: datetime | None) -> None:
    found = metrics(JobOutcome([CHANGES], newest_at=newest_at))
    assert found["_aws"]["Timestamp"] == 1_760_529_600_000
    [directive] = found["_aws"]["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == "TaskLake"
    assert directive["Dimensions"] == [["JobName"]]
    assert found["JobName"] == "silver_tasks", "each dimension is text at the top of the line"
    for metric in directive["Metrics"]:
        assert isinstance(found[metric["Name"]], int | float), "each metric is a number at the top of the line"
        assert metric["Unit"] in UNITS
    declared = {metric["Name"] for metric in directive["Metrics"]}
    assert declared | {"_aws", "JobName", "tables"} == set(found), "every number is a metric"


def raising(error: Exception) -> Callable[[Sequence[str]], JobOutcome]:
    def main(_: Sequence[str]) -> JobOutcome:
        raise error

    return main


GATE = GateFailedError([Verdict("silver.tasks", [Failure("expect_a", "c", "critical", 2, ["x"])])], "s3://b/docs")
STOPS = [
    (GlueArgumentError("--LAKE is s3://bucket or file:///folder, not 'x'"), "silver_tasks: --LAKE is"),
    (PublishError(TASKS), "silver_tasks: silver.tasks: another run published first"),
    (BronzeError("bronze/x.parquet cannot be read"), "silver_tasks: bronze/x.parquet cannot be read"),
    (GATE, "silver.tasks: expect_a(c): 2 unexpected, such as 'x'"),
]


@pytest.mark.parametrize(("error", "said"), STOPS, ids=[type(error).__name__ for error, _ in STOPS])
def test_what_stops_a_run_is_one_line_and_the_run_fails(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run_as_glue_job("silver_tasks", raising(error), measure_outcome)
    assert said in str(stopped.value.code)
    assert "\n" not in str(stopped.value.code)
    out = capsys.readouterr().out
    assert bool(out) == (error is GATE), "only what the gate stopped is a metric: the rest failed, and an alarm says so"


def test_a_run_that_the_gate_stops_has_a_metric_that_says_so_and_none_of_what_it_did(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run_as_glue_job("silver_tasks", raising(GATE), measure_outcome)
    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    [directive] = found["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "Seconds": "Seconds",
        "GateFailed": "Count",
    }
    assert (found["JobName"], found["GateFailed"]) == ("silver_tasks", 1)
    assert found["Seconds"] >= 0


def test_what_nobody_foresaw_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run_as_glue_job("silver_tasks", raising(ZeroDivisionError()), measure_outcome)


def test_a_run_gets_the_processs_arguments_and_its_metrics_are_the_last_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["silver_tasks", "--LAKE", "s3://b"])

    def main(argv: Sequence[str]) -> JobOutcome:
        print("published 3 tables")
        assert list(argv) == ["silver_tasks", "--LAKE", "s3://b"]
        return JobOutcome([CHANGES])

    run_as_glue_job("silver_tasks", main, measure_outcome)
    *_, last = capsys.readouterr().out.splitlines()
    found = json.loads(last)
    assert (found["RowsIn"], found["GateFailed"]) == (9, 0)
    assert found["Seconds"] >= 0


def test_a_job_that_makes_no_tables_measures_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    run_as_glue_job("upkeep", lambda _: 3, lambda removed, _: Measured({"OrphansRemoved": removed}, {}))
    found = json.loads(capsys.readouterr().out)
    assert (found["JobName"], found["OrphansRemoved"]) == ("upkeep", 3)
