"""AWS's services as a status meets them: each answers as a test tells it."""

from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from operations.stage import stage_named
from tests.unit.operations.fake_account import REGION, FakeAccount
from tests.unit.operations.fake_cloudformation import START, FakeStack

DEV = stage_named("dev")
NOW = START + timedelta(hours=3)


class Answers:
    """A service that answers each call as it is told, and records what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self.asked.append(given)
            answer = self._answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer(given) if callable(answer) else answer

        return call


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "says AWS"}}, "Ask")


def execution(state: str, hours_ago: int, minutes: int = 20) -> dict[str, Any]:
    started = NOW - timedelta(hours=hours_ago)
    ended = {} if state == "RUNNING" else {"stopDate": started + timedelta(minutes=minutes)}
    return {"status": state, "startDate": started, **ended}


def deployed(aws: FakeAccount, state: str = "CREATE_COMPLETE") -> FakeStack:
    stack = FakeStack(DEV.stack_name, state, {"ArtifactVersion": "v1"}, tags=DEV.tags)
    aws.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    stack.resources = [("LakeBucket", "lake", "AWS::S3::Bucket")]
    aws.client("glue").create_database(DatabaseInput={"Name": "silver"})
    aws.fakes["stepfunctions"] = Answers(list_executions={"executions": [execution("SUCCEEDED", 2)]})
    aws.fakes["lambda"] = Answers(list_event_source_mappings={"EventSourceMappings": [{"State": "Enabled"}]})
    aws.fakes["ce"] = Answers(get_cost_and_usage={"ResultsByTime": []})
    return aws.cloudformation.add(stack)
