"""What is looked at before anything is made: other stages, the state of this one, its sources."""

from collections.abc import Mapping
from typing import Any

from operations.account import Account
from operations.deploy.source import check_log_groups, check_stream
from operations.errors import OperationError, OptionError
from operations.stack import EMPTY, Stack, find_stack, stages
from operations.stack_events import StackEvents
from operations.stage import Stage
from operations.waiting import cause

_HOLDING_NOTHING = {EMPTY, "ROLLBACK_COMPLETE"}
# A first deployment that failed: nothing can be made of such a stack but to delete it.
STILLBORN = {"CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


def deployable(account: Account, cloudformation: Any, stage: Stage, typed: Mapping[str, str]) -> Stack | None:
    """Return the stage's stack, None before its first deployment; raise an error if nothing can be deployed."""
    _check_other_stages(account, cloudformation, stage)
    stack = find_stack(cloudformation, stage.stack_name)
    if stack:
        check_status(cloudformation, stage, stack)
    if stream := typed.get("TaskStreamArn"):
        check_stream(account, stream)
    groups = [typed.get(name, "") for name in ("AccessLogGroupName", "AppLogGroupName")]
    check_log_groups(account, [name for name in groups if name])
    return None if stack and stack.status == EMPTY else stack


def next_step(stage: Stage, stack: Stack) -> str:
    """Return what the operator does, once the cause is mended, about a stack in this state."""
    if stack.status in STILLBORN:
        return f"then `make teardown STAGE={stage.name}`, and deploy again"
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        return f"then `aws cloudformation continue-update-rollback --stack-name {stack.name}`, and deploy again"
    if stack.status == "DELETE_COMPLETE":
        return "then deploy again"
    return "then deploy again; the lake runs as it did before"


def check_status(cloudformation: Any, stage: Stage, stack: Stack) -> None:
    """Raise OperationError if the stack cannot be changed now, or never; with the cause and the next step."""
    if stack.is_busy:
        watch = f"wait for it (`make status STAGE={stage.name}`), then deploy again"
        raise OperationError(f"{stack.name} is being changed ({stack.status}): {watch}")
    if stack.status in STILLBORN | {"UPDATE_ROLLBACK_FAILED"}:
        why = cause(StackEvents(cloudformation, stack.id).of_last_operation())
        raise OperationError(f"{stack.name} is {stack.status}: {why}; {next_step(stage, stack)}")


def _check_other_stages(account: Account, cloudformation: Any, stage: Stage) -> None:
    holding = (name for name, stack in stages(cloudformation).items() if stack.status not in _HOLDING_NOTHING)
    others = set(holding) - {stage.name}
    if others:
        raise OptionError(
            f"{account.id} has stage {min(others)} in {account.region}, and a region takes one (docs/adr/0018): "
            f"choose another AWS_REGION or account, or `make teardown STAGE={min(others)}`"
        )
