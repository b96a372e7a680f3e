"""The stack of the artifact bucket, which is there before the lake's."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from operations.aws_errors import error_message
from operations.errors import OperationError
from operations.progress import Bar
from operations.stack import EMPTY, Stack, find_stack, tag_list
from operations.stack_events import StackEvents
from operations.stage import Stage
from operations.waiting import cause, follow, is_well

_OUTPUT = "ArtifactBucketName"


def ensure_artifact_bucket(
    cloudformation: Any, stage: Stage, template: str, bar: Bar, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Return the name of the stage's artifact bucket, whose stack is made or brought up to date."""
    before = find_stack(cloudformation, stage.artifact_stack_name)
    if before and before.is_busy:
        raise OperationError(f"{before.name} is being changed ({before.status}): wait, then deploy again")
    events = _changed(cloudformation, stage, template, before)
    after = follow(events, bar, sleep=sleep) if events else before
    if after is None or not is_well(after) or _OUTPUT not in after.outputs:
        status = after.status if after else "absent"
        why = cause(events) if events else "it has no bucket"
        remedy = f"then `make teardown STAGE={stage.name}`, and deploy again"
        raise OperationError(f"{stage.artifact_stack_name} is {status}: {why}; {remedy}")
    return after.outputs[_OUTPUT]


def _changed(cloudformation: Any, stage: Stage, template: str, before: Stack | None) -> StackEvents | None:
    """Return the events of the change that CloudFormation now makes, or None if the stack is as it should be."""
    wanted = {"StackName": stage.artifact_stack_name, "TemplateBody": template, "Tags": tag_list(stage.tags)}
    if before is None or before.status == EMPTY:
        made = cloudformation.create_stack(**wanted, OnFailure="DELETE")
        return StackEvents(cloudformation, made["StackId"])
    events = StackEvents(cloudformation, before.id).skip_former()
    try:
        cloudformation.update_stack(**wanted)
    except ClientError as error:
        if "No updates are to be performed" in error_message(error):
            return None
        raise
    return events
