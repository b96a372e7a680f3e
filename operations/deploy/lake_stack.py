"""The lake's stack: what would change, and the change itself."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from operations.account import Account
from operations.deploy.artifacts import ROOT_TEMPLATE, Artifacts
from operations.deploy.change_set import ChangeSet, create_change_set
from operations.deploy.parameters import is_as_deployed, stack_parameters
from operations.deploy.preflight import next_step
from operations.errors import OperationError, StillRunningError
from operations.progress import Bar
from operations.stack import Stack, find_stack, tag_list
from operations.stack_events import StackEvents
from operations.stage import Stage
from operations.waiting import cause, follow, is_well

Sleep = Callable[[float], None]
# Every region of a partition has its suffix, as ${AWS::URLSuffix} in the templates.
_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


def plan(
    account: Account, stage: Stage, uploaded: tuple[str, Artifacts], typed: Mapping[str, str], deployed: Stack | None
) -> dict[str, Any] | None:
    """Return the stack as it should be, as a change set takes it, or None if it is so already."""
    bucket, artifacts = uploaded
    suffix = _SUFFIXES.get(account.partition, "amazonaws.com")
    place = f"https://{bucket}.s3.{account.region}.{suffix}/{artifacts.key(ROOT_TEMPLATE)}"
    summary = account.client("cloudformation").get_template_summary(TemplateURL=place)
    template = [one["ParameterKey"] for one in summary["Parameters"]]
    made = {"ArtifactBucketName": bucket, "ArtifactVersion": artifacts.version, "Stage": stage.name}
    if deployed and is_as_deployed({**typed, **made}, stage.tags, deployed, template):
        return None
    return {
        "StackName": stage.stack_name,
        "ChangeSetType": "UPDATE" if deployed else "CREATE",
        "TemplateURL": place,
        "Parameters": stack_parameters({**typed, **made}, deployed, template),
        "Tags": tag_list(stage.tags),
    }


def foresee(cloudformation: Any, wanted: Mapping[str, Any], sleep: Sleep = time.sleep) -> ChangeSet:
    """Return the change set; one that CloudFormation cannot make for a new stack leaves no stack behind."""
    try:
        return create_change_set(cloudformation, wanted, sleep)
    except OperationError:
        _discard_empty(cloudformation, wanted)
        raise


def discard(cloudformation: Any, wanted: Mapping[str, Any], change_set: ChangeSet) -> None:
    """Leave nothing of a change set that nobody wants."""
    cloudformation.delete_change_set(ChangeSetName=change_set.id)
    _discard_empty(cloudformation, wanted)


def execute(cloudformation: Any, stage: Stage, change_set: ChangeSet, bar: Bar, sleep: Sleep = time.sleep) -> Stack:
    """Return the stack after the changes; raise OperationError with the cause if they failed."""
    stack = find_stack(cloudformation, stage.stack_name)
    if stack is None:
        raise OperationError(f"{stage.stack_name} is gone: somebody else deleted it; deploy again")
    events = StackEvents(cloudformation, stack.id).skip_former()
    # A first deployment that is rolled back leaves no empty bucket and no key: docs/aws-semantics.md#cloudformation-6
    cloudformation.execute_change_set(ChangeSetName=change_set.id, RetainExceptOnCreate=True)
    try:
        after = follow(events, bar, {change.logical_id for change in change_set.changes}, sleep)
    except KeyboardInterrupt as error:
        watch = f"`make status STAGE={stage.name}` says how far it is"
        raise StillRunningError(f"the deployment goes on in AWS, only the waiting has ended: {watch}") from error
    if not is_well(after):
        raise OperationError(f"{after.name} is {after.status}: {cause(events)}; {next_step(stage, after)}")
    return after


def _discard_empty(cloudformation: Any, wanted: Mapping[str, Any]) -> None:
    """Delete the stack that a change set makes of nothing, and that holds nothing."""
    if wanted["ChangeSetType"] == "CREATE":
        cloudformation.delete_stack(StackName=wanted["StackName"])
