"""Each alarm fires when its metric says so, and the topic is told; events of failures arrive where they are counted.

The emulator evaluates an alarm when a datum comes, whatever its dimensions, and never for want of one.
"""

import json
import time
from typing import Any

import pytest

from local.java import ROOT
from local.template import load_template
from tests.aws.deployment import Deployment
from tests.aws.listener import Listener

RESOURCES = load_template(ROOT / "infra").resources
ALARMS = {
    one["Properties"]["AlarmName"]: one["Properties"]
    for one in RESOURCES.values()
    if one["Type"] == "AWS::CloudWatch::Alarm"
}
_BEYOND = {"GreaterThanThreshold": 1, "GreaterThanOrEqualToThreshold": 0, "LessThanThreshold": -1}


@pytest.fixture(scope="module")
def listener(deployed: Deployment) -> Listener:
    return Listener(deployed, "of-the-alarms")


def alarming(alarm: dict[str, Any], deployed: Deployment) -> dict[str, Any]:
    """Return the datum of which the alarm shall fire."""
    [dimension] = alarm["Dimensions"]
    value = dimension["Value"] if isinstance(dimension["Value"], str) else deployed.resources["StateMachine"]
    return {
        "MetricName": alarm["MetricName"],
        "Dimensions": [{"Name": dimension["Name"], "Value": value}],
        "Value": float(alarm["Threshold"]) + _BEYOND[alarm["ComparisonOperator"]],
    }


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_fires_and_tells_where_the_runbook_speaks_of_it(
    name: str, deployed: Deployment, listener: Listener
) -> None:
    cloudwatch, alarm = deployed.client("cloudwatch"), ALARMS[name]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="the test begins")
    listener.told()
    cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=[alarming(alarm, deployed)])
    [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert found["StateValue"] == "ALARM"
    told = [json.loads(message) for message in listener.told()]
    [message] = [one for one in told if one["AlarmName"] == name]
    assert "docs/runbook.md#" in message["AlarmDescription"]


@pytest.mark.parametrize("key", ["errors/firehose/task_changes/processing-failed/2025/10/15/x", "aws/lambda/async/f/x"])
def test_an_object_in_a_failure_store_is_in_the_log_that_the_runbook_names(key: str, deployed: Deployment) -> None:
    deployed.client("s3").put_object(Bucket=deployed.bucket, Key=key, Body=b"{}")
    logs = deployed.client("logs")
    deadline = time.monotonic() + 20
    while True:
        events = logs.filter_log_events(logGroupName="/task-lake/failed-objects")["events"]
        if key in [json.loads(event["message"])["detail"]["object"]["key"] for event in events]:
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_job_that_fails_is_told_with_its_run(deployed: Deployment, listener: Listener) -> None:
    """By the deployed rule's target; only Glue sends the event itself, so another rule stands for the deployed one."""
    events = deployed.client("events")
    targets = events.list_targets_by_rule(Rule="task-lake-job-failures")["Targets"]
    events.put_rule(Name="task-lake-as-job-failures", EventPattern='{"source": ["test"]}')
    events.put_targets(Rule="task-lake-as-job-failures", Targets=targets)
    listener.told()
    detail = {"jobName": "gold", "state": "FAILED", "jobRunId": "jr_1", "message": "such as 'ada'"}
    event = {"Source": "test", "DetailType": "Glue Job State Change", "Detail": json.dumps(detail)}
    assert events.put_events(Entries=[event])["FailedEntryCount"] == 0
    deadline = time.monotonic() + 20
    while not (told := listener.told()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    [message] = told
    assert message.strip('"').startswith("gold: FAILED, run jr_1.")
    assert "docs/runbook.md#job-failure" in message
    assert "ada" not in message
