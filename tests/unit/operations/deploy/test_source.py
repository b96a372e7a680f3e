import pytest
from botocore.exceptions import ClientError

from operations.deploy.source import check_log_groups, check_stream
from operations.errors import AccountError, OptionError
from tests.unit.operations.fake_account import FakeAccount


def table(aws: FakeAccount, view: str | None) -> str:
    stream = {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
    made = aws.client("dynamodb").create_table(
        TableName="todo",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=stream,
    )["TableDescription"]
    return str(made.get("LatestStreamArn", ""))


def test_a_stream_with_both_images_is_taken(aws: FakeAccount) -> None:
    check_stream(aws, table(aws, "NEW_AND_OLD_IMAGES"))


def test_a_stream_with_one_image_is_refused(aws: FakeAccount) -> None:
    arn = table(aws, "NEW_IMAGE")
    with pytest.raises(OptionError, match=r"has NEW_IMAGE, and the lake needs both images.*update-table"):
        check_stream(aws, arn)


def test_a_stream_that_is_switched_off_is_refused(aws: FakeAccount) -> None:
    class Disabled:
        def describe_stream(self, StreamArn: str) -> dict[str, dict[str, str]]:  # noqa: N803
            return {"StreamDescription": {"StreamStatus": "DISABLED", "StreamViewType": "NEW_AND_OLD_IMAGES"}}

    aws.fakes["dynamodbstreams"] = Disabled()
    with pytest.raises(OptionError, match=r"is DISABLED: .*update-table --table-name todo"):
        check_stream(aws, "arn:aws:dynamodb:eu-central-1:123456789012:table/todo/stream/2025")


def test_a_stream_that_is_not_there_is_refused(aws: FakeAccount) -> None:
    class Absent:
        def describe_stream(self, StreamArn: str) -> None:  # noqa: N803
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "DescribeStream")

    aws.fakes["dynamodbstreams"] = Absent()
    with pytest.raises(OptionError, match="does not exist: `aws dynamodb describe-table"):
        check_stream(aws, "arn:aws:dynamodb:eu-central-1:123456789012:table/todo/stream/2025")


def test_what_is_no_streams_arn_is_refused(aws: FakeAccount) -> None:
    with pytest.raises(OptionError, match="SOURCE_STREAM=todo is no stream's ARN: `aws dynamodb describe-table"):
        check_stream(aws, "todo")


def test_a_stream_of_another_region_is_refused(aws: FakeAccount) -> None:
    with pytest.raises(AccountError, match="is in us-east-1, but this is eu-central-1: set AWS_REGION=us-east-1"):
        check_stream(aws, "arn:aws:dynamodb:us-east-1:123456789012:table/todo/stream/2025")


def test_log_groups_are_looked_for_by_their_whole_names(aws: FakeAccount) -> None:
    aws.client("logs").create_log_group(logGroupName="/api/access")
    check_log_groups(aws, ["/api/access"])
    with pytest.raises(OptionError, match="there is no log group /api/acc: `aws logs describe-log-groups`"):
        check_log_groups(aws, ["/api/access", "/api/acc"])
