"""The stack of the artifact bucket, which is there before the lake's."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from operations.aws_errors import error_message
from operations.deploy.preflight import check_status, next_step
from operations.errors import OperationError
from operations.progress import Bar
from operations.stack import find_stack, tag_list
from operations.stack_events import StackEvents
from operations.stage import Stage
from operations.waiting import cause, follow

_OUTPUT = "ArtifactBucketName"


def ensure_artifact_bucket(
    cloudformation: Any, stage: Stage, template: str, bar: Bar, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Return the name of the stage's artifact bucket, whose stack is made or brought up to date."""
    wanted = {"StackName": stage.artifact_stack_name, "TemplateBody": template, "Tags": tag_list(stage.tags)}
    before = find_stack(cloudformation, stage.artifact_stack_name)
    if before is None:
        made = cloudformation.create_stack(**wanted, OnFailure="DELETE")
        events = StackEvents(cloudformation, made["StackId"])
    else:
        check_status(cloudformation, stage, before)
        events = StackEvents(cloudformation, before.id).skip_former()
        if not _update(cloudformation, wanted):
            return before.outputs[_OUTPUT]
    after = follow(events, bar, sleep=sleep)
    if after.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise OperationError(f"{after.name} is {after.status}: {cause(events)}; {next_step(stage, after)}")
    return after.outputs[_OUTPUT]


def _update(cloudformation: Any, wanted: dict[str, Any]) -> bool:
    """Return whether CloudFormation has something to change."""
    try:
        cloudformation.update_stack(**wanted)
    except ClientError as error:
        if "No updates are to be performed" in error_message(error):
            return False
        raise
    return True
