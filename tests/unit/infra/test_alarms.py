"""Each alarm's metric is emitted by something, and each alarm has its row in the runbook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from data_quality.gate import GateFailedError
from glue_jobs.jobs.as_glue_job import measure_outcome, run_as_glue_job
from glue_jobs.jobs.outcome import JobOutcome
from infra.cloudformation import Intrinsic
from tests.unit.infra.emitted import FUNCTIONS, JOBS, RESOURCES, STREAMS, check_is_emitted, of_type

RUNBOOK = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
ALARMS = {alarm["AlarmName"].removeprefix("task-lake-"): alarm for alarm in of_type("AWS::CloudWatch::Alarm").values()}
each_alarm = pytest.mark.parametrize("name", ALARMS)


@each_alarm
def test_an_alarms_metric_is_emitted_by_something_that_is_deployed(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alarm = ALARMS[name]
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
    check_is_emitted((alarm["Namespace"], alarm["MetricName"], dimensions), capsys)


def test_the_gates_metric_is_emitted_by_a_run_that_it_stops(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(_: object) -> JobOutcome:
        raise GateFailedError([], "s3://docs")

    with pytest.raises(SystemExit):
        run_as_glue_job("silver_tasks", stopped, measure_outcome)
    assert json.loads(capsys.readouterr().out)["GateFailed"] >= ALARMS["gate-silver-tasks"]["Threshold"]


def row_of(name: str) -> str:
    """Return the runbook's row to which an alarm's description leads."""
    anchor = re.fullmatch(r".+ docs/runbook\.md#([a-z0-9-]+)\s*", ALARMS[name]["AlarmDescription"])
    assert anchor, f"{name} does not say where to look"
    rows = [line for line in RUNBOOK.splitlines() if line.startswith(f'| <a id="{anchor[1]}"></a>')]
    assert len(rows) == 1, f"docs/runbook.md has no row {anchor[1]}"
    return rows[0]


@each_alarm
def test_an_alarm_leads_to_a_row_of_the_runbook_that_names_it_and_says_what_to_do(name: str) -> None:
    cells = [cell.strip() for cell in row_of(name).strip("|").split(" | ")]
    assert f"`{name}`" in cells[0]
    assert len(cells) == 4
    assert all(cells)


def test_every_row_of_the_runbooks_alarms_is_of_something_that_is_deployed() -> None:
    rows = re.findall(r'^\| <a id="([a-z-]+)"></a>([^|]*) \|', RUNBOOK, re.M)
    named_there = [name for _, cell in rows for name in re.findall(r"`([a-z-]+)`", cell)]
    assert sorted(named_there) == sorted(ALARMS)
    told_otherwise = {anchor for anchor, cell in rows if "`" not in cell}
    assert told_otherwise == {"job-failure", "budget"}
    assert "runbook.md#job-failure" in str(RESOURCES["JobFailureRule"])


@each_alarm
def test_an_alarm_tells_the_topic_and_looks_back_no_further_than_cloudwatch_allows(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [Intrinsic("Ref", "AlarmTopicArn")]
    assert "Metrics" not in alarm, "the emulator knows no metric math"
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= (604_800 if alarm["Period"] >= 3600 else 86_400)


def test_no_data_is_a_fault_of_the_success_that_is_missing_and_of_nothing_else() -> None:
    breaching = {name for name, alarm in ALARMS.items() if alarm["TreatMissingData"] == "breaching"}
    assert breaching == {"missing-success"}
    assert all(alarm["TreatMissingData"] in {"breaching", "notBreaching"} for alarm in ALARMS.values())


def metric_of(alarm: dict[str, Any]) -> tuple[str, str]:
    [dimension] = alarm["Dimensions"]
    return alarm["MetricName"], dimension["Value"]


def test_nothing_that_should_have_an_alarm_lacks_one() -> None:
    watched = {metric_of(alarm) for alarm in ALARMS.values()}
    assert watched >= {("DeliveryToS3.DataFreshness", stream) for stream in STREAMS}
    assert watched >= {(metric, job) for job in JOBS for metric in ("Seconds",)}
    assert watched >= {("GateFailed", job) for job in JOBS - {"silver_maintenance"}}
    assert watched >= {("Lag", job) for job in JOBS - {"silver_maintenance"}}
    assert watched >= {("BreakerOpen", function) for function in FUNCTIONS}
    assert watched >= {("DestinationDeliveryFailures", function) for function in FUNCTIONS}
    partitioned = {
        one["DeliveryStreamName"]
        for one in of_type("AWS::KinesisFirehose::DeliveryStream").values()
        if one["ExtendedS3DestinationConfiguration"].get("DynamicPartitioningConfiguration")
    }
    assert watched >= {(metric, one) for one in partitioned for metric in ("PartitionCount", "PartitionCountExceeded")}


def test_a_job_is_slow_when_it_takes_half_of_the_time_after_which_glue_stops_it() -> None:
    timeouts = {job["Name"]: job["Timeout"] * 60 for job in of_type("AWS::Glue::Job").values()}
    slow = {metric_of(alarm)[1]: alarm["Threshold"] for alarm in ALARMS.values() if alarm["MetricName"] == "Seconds"}
    assert slow == {job: seconds / 2 for job, seconds in timeouts.items()}
