"""The table's stream and the API's log groups, looked at before anything is deployed on them."""

import re
from typing import Any

from botocore.exceptions import ClientError

from operations.account import Account, check_region
from operations.aws_errors import error_code
from operations.errors import OptionError

_STREAM = re.compile(r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/([^/]+)/stream/.+")
_FIND = "`aws dynamodb describe-table --table-name <table> --query Table.LatestStreamArn` says it"
_ENABLE = (
    "`aws dynamodb update-table --table-name {} "
    "--stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES` makes one"
)


def check_stream(account: Account, arn: str) -> None:
    """Raise an error unless the stream is one that the lake can read: here, enabled, with both images."""
    if not (named := _STREAM.fullmatch(arn)):
        raise OptionError(f"SOURCE_STREAM={arn} is no stream's ARN: {_FIND}")
    check_region(account, f"SOURCE_STREAM={arn}", arn)
    table = named[1]
    try:
        stream = account.client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise OptionError(f"SOURCE_STREAM={arn} does not exist: {_FIND}") from error
    if stream["StreamStatus"] not in ("ENABLED", "ENABLING"):
        raise OptionError(f"SOURCE_STREAM={arn} is {stream['StreamStatus']}: {_ENABLE.format(table)}")
    if (view := stream["StreamViewType"]) != "NEW_AND_OLD_IMAGES":
        raise OptionError(
            f"SOURCE_STREAM={arn} has {view}, and the lake needs both images: switch the stream off, then "
            + _ENABLE.format(table)
        )


def check_log_groups(account: Account, names: list[str]) -> None:
    """Raise OptionError unless each of the log groups is here."""
    logs: Any = account.client("logs")
    for name in names:
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
        if name not in (group["logGroupName"] for page in pages for group in page["logGroups"]):
            found = f"`aws logs describe-log-groups` lists those of {account.id} in {account.region}"
            raise OptionError(f"LOG_GROUPS: there is no log group {name}: {found}")
