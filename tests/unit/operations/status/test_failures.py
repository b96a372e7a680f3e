from datetime import UTC, datetime

from operations.stack import Resource
from operations.status.failures import alarms, failure_stores
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.status.answers import DEV, NOW, deployed


def test_a_failure_store_is_red_when_something_lies_in_it(aws: FakeAccount) -> None:
    deployed(aws)
    s3 = aws.client("s3")
    assert [line.is_red for line in failure_stores(s3, "lake", DEV)] == [False, False]
    s3.put_object(Bucket="lake", Key="aws/lambda/async/task-lake-log-forwarder/x", Body=b"")
    errors, of_lambda = failure_stores(s3, "lake", DEV)
    assert not errors.is_red
    assert of_lambda.is_red
    assert "1 object: `make replay STAGE=dev` hands it over again" in of_lambda.text
    s3.put_object(Bucket="lake", Key="aws/lambda/async/task-lake-log-forwarder/y", Body=b"")
    *_, of_lambda = failure_stores(s3, "lake", DEV)
    assert "2 objects: `make replay STAGE=dev` hands them over again" in of_lambda.text


def test_alarms_of_the_stack_that_are_on_are_red_with_their_reason(aws: FakeAccount) -> None:
    cloudwatch = aws.client("cloudwatch")
    for name in ("lag", "errors", "another-ones"):
        cloudwatch.put_metric_alarm(
            AlarmName=name, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
            ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
        )  # fmt: skip
        cloudwatch.set_alarm_state(
            AlarmName=name, StateValue="OK" if name == "lag" else "ALARM", StateReason="too many"
        )
    held = [Resource("a", name, "AWS::CloudWatch::Alarm", "CREATE_COMPLETE") for name in ("lag", "errors")]
    on, summed = alarms(aws, held, datetime.now(UTC))
    assert on.is_red
    assert on.text.startswith("errors ")
    assert on.text.endswith("too many")
    assert (summed.text, summed.is_red) == ("2 alarms: 1 ALARM, 1 OK", False)


def test_a_lake_without_alarms_says_so(aws: FakeAccount) -> None:
    assert [line.text for line in alarms(aws, [], NOW)] == ["none deployed"]
