from datetime import timedelta
from typing import Any

from operations.status.capture import capture
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.status.answers import NOW, Answers

CDC, FORWARDER = "task-lake-cdc", "task-lake-log-forwarder"


def told(aws: FakeAccount, values: dict[tuple[str, str], list[float]], *mappings: dict[str, str]) -> list[str]:
    """Return the section's lines, a red one behind a mark, where CloudWatch and Lambda answer so."""

    def data(given: dict[str, Any]) -> dict[str, Any]:
        assert (given["StartTime"], given["EndTime"]) == (NOW - timedelta(hours=1), NOW)
        stat = given["MetricDataQueries"][0]["MetricStat"]
        metric = stat["Metric"]
        assert metric["Namespace"] == ("TaskLake" if metric["MetricName"] == "Delivered" else "AWS/Lambda")
        assert stat["Stat"] == ("Maximum" if metric["MetricName"] == "IteratorAge" else "Sum")
        found = values.get((metric["MetricName"], metric["Dimensions"][0]["Value"]), [])
        return {"MetricDataResults": [{"Values": found}]}

    aws.fakes["cloudwatch"] = Answers(get_metric_data=data)
    aws.fakes["lambda"] = Answers(list_event_source_mappings={"EventSourceMappings": list(mappings)})
    lines = list(capture(aws, NOW))
    assert aws.fakes["lambda"].asked == [{"FunctionName": CDC}]
    return [("red: " if line.is_red else "") + " ".join(line.text.split()) for line in lines]


def test_each_function_says_what_it_delivered_in_the_last_hour_and_how_far_behind_the_stream_is(
    aws: FakeAccount,
) -> None:
    values: dict[tuple[str, str], list[float]] = {
        ("Delivered", CDC): [1000, 234],
        ("IteratorAge", CDC): [2000, 75_000, 1000],
        ("Errors", CDC): [0, 0],
        ("Delivered", FORWARDER): [1],
    }
    assert told(aws, values, {"State": "Enabled"}) == [
        "task-lake-cdc 1,234 records delivered in an hour, no errors",
        "task-lake-log-forwarder 1 record delivered in an hour, no errors",
        "the table's stream is read up to 1 min 15 s late",
    ]


def test_errors_of_a_function_are_red(aws: FakeAccount) -> None:
    values: dict[tuple[str, str], list[float]] = {("Errors", CDC): [2, 1], ("Errors", FORWARDER): [1]}
    assert told(aws, values, {"State": "Enabled"}) == [
        "red: task-lake-cdc 0 records delivered in an hour, 3 errors",
        "red: task-lake-log-forwarder 0 records delivered in an hour, 1 error",
        "the table's stream had nothing to read in an hour",
    ]


def test_a_mapping_that_is_not_enabled_is_red_and_says_its_state(aws: FakeAccount) -> None:
    disabled = {"State": "Disabled", "StateTransitionReason": "User action"}
    assert told(aws, {}, disabled)[-1] == "red: the event source mapping is Disabled (User action): nothing is read"
    # What a deployment is at is no fault.
    assert told(aws, {}, {"State": "Updating"})[-1] == "the event source mapping is Updating"
    assert told(aws, {})[-1] == "red: task-lake-cdc has no event source mapping: nothing is read"
