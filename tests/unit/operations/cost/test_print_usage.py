import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operations.cost import command
from operations.cost.day import CHANGES, Volume
from operations.cost.metrics import Span
from operations.cost.settings import Settings
from operations.cost.templates import Templates
from operations.errors import OptionError
from operations.stage import Stage
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fake_cloudformation import FakeStack
from tests.unit.operations.status.answers import Answers


class Refusing:
    """A service that allows nothing."""

    def __getattr__(self, operation: str) -> Any:
        def call(*_: Any, **__: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)

        return call


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, str]:
    """Return the parameters by which the templates were read."""
    parameters: dict[str, str] = {}

    def read(given: dict[str, str]) -> Templates:
        parameters.update(given)
        return Templates({})

    monkeypatch.setattr(command, "read_templates", read)
    monkeypatch.setattr(command, "read_settings", lambda _: settings)
    return parameters


def test_without_a_stack_it_says_what_to_do(aws: FakeAccount, given: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="there is no stack task-lake-dev in eu-central-1: `make deploy STAGE=dev`"):
        command.print_usage(aws, Stage("dev"), Volume(), 30, "table")
    assert not given


@pytest.mark.parametrize("format_", ["table", "csv", "json"])
def test_with_no_right_at_all_the_estimate_is_told_and_each_refusal_is_a_line(
    aws: FakeAccount, given: dict[str, str], capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    parameters = {"UserBuckets": "32", "AlarmEmail": ""}
    aws.cloudformation.add(FakeStack("task-lake-dev", "CREATE_COMPLETE", parameters, {"LakeBucketName": "the-lake"}))
    blind = replace(aws, fakes=dict.fromkeys(("cloudwatch", "glue", "ce"), Refusing()))
    command.print_usage(blind, Stage("dev"), Volume(), 30, format_)
    said = capsys.readouterr().out
    assert given == {"UserBuckets": "32"}
    match format_:
        case "json":
            remarks = json.loads(said)["remarks"]
            assert len(remarks) == 8
            assert remarks[-1].startswith("the bill cannot be told: not allowed to call ")
        case "csv":
            assert said.splitlines()[0] == "price,unit,estimated,used,usd_estimated,usd_used,usd_billed"
        case _:
            assert said.count("cannot be told: ") == 8
            assert "A day had 3,000 changes" in said
            assert "Asking Cost Explorer" not in said, "it gave no answer"


def test_the_estimate_is_for_what_came_in(
    aws: FakeAccount, given: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws.cloudformation.add(FakeStack("task-lake-dev", "CREATE_COMPLETE", outputs={"LakeBucketName": "the-lake"}))
    span = Span.before(datetime.now(UTC), 1)
    metrics = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "DeliveryStreamName", "Value": CHANGES}],
            "Timestamp": span.begin,
            "Value": value,
        }
        for name, value in {"IncomingRecords": 777.0, "IncomingBytes": 777_000.0}.items()
    ]
    aws.client("cloudwatch").put_metric_data(Namespace="AWS/Firehose", MetricData=metrics)
    half_blind = replace(aws, fakes={"glue": Refusing(), "ce": Refusing()})
    command.print_usage(half_blind, Stage("dev"), Volume(), 1, "table")
    assert "A day had 777 changes" in capsys.readouterr().out


def test_an_answer_of_cost_explorers_says_its_price_and_one_user_is_one(
    aws: FakeAccount, given: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws.cloudformation.add(FakeStack("task-lake-dev", "CREATE_COMPLETE", outputs={"LakeBucketName": "the-lake"}))
    answering = Answers(get_cost_and_usage={"ResultsByTime": []})
    told = replace(aws, fakes={"cloudwatch": Refusing(), "glue": Refusing(), "ce": answering})
    command.print_usage(told, Stage("dev"), Volume(users=1), 1, "table")
    said = capsys.readouterr().out
    assert "Asking Cost Explorer cost $0.01." in said
    assert "; 1 user, as typed." in said
