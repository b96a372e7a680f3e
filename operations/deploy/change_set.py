"""The change set of the lake's stack: what a deployment would do, nested stacks included."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.errors import OperationError
from operations.stack import NESTED

SECONDS_BETWEEN_LOOKS = 2.0
_NO_CHANGE = re.compile(r"didn't contain changes|No updates are to be performed", re.IGNORECASE)
_NESTED_FAILED = re.compile(r"Nested change set (arn:\S+) was not successfully created", re.IGNORECASE)
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")


@dataclass(frozen=True)
class Change:
    """What would become of one resource."""

    stack: str
    action: str
    logical_id: str
    type: str
    replacement: str
    policy: str

    @property
    def is_replaced(self) -> bool:
        """Whether another resource takes its place."""
        return self.replacement == "True"

    @property
    def may_be_replaced(self) -> bool:
        """Whether CloudFormation cannot say yet."""
        return self.replacement == "Conditional"


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed; without changes there is nothing to execute."""

    id: str
    changes: Sequence[Change]
    not_foreseen: str = ""


def create_change_set(
    cloudformation: Any, stack: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep
) -> ChangeSet:
    """Return the change set of the stack so described; raise OperationError if CloudFormation cannot make it.

    Of nested stacks CloudFormation cannot always tell: it knows no output of theirs before it is there
    (docs/aws-semantics.md#cloudformation-4). Then the change set has the nested stacks alone, and says why.
    """
    made = _create(cloudformation, stack, True, sleep)
    if (nested := _NESTED_FAILED.search(made.reason)) and made.failed:
        reason = _reason_of(cloudformation, nested[1]) or made.reason
        cloudformation.delete_change_set(ChangeSetName=made.id)
        made = _create(cloudformation, stack, False, sleep)
    else:
        reason = ""
    if not made.failed:
        return ChangeSet(made.id, list(_changes(cloudformation, made.id)), reason)
    cloudformation.delete_change_set(ChangeSetName=made.id)
    if _NO_CHANGE.search(made.reason):
        return ChangeSet("", [])
    raise OperationError(f"CloudFormation cannot make the change set of {stack['StackName']}: {made.reason}")


@dataclass(frozen=True)
class _Made:
    id: str
    failed: bool
    reason: str


def _create(cloudformation: Any, stack: Mapping[str, Any], with_nested: bool, sleep: Callable[[float], None]) -> _Made:
    name = f"deploy-{datetime.now(UTC):%Y%m%d-%H%M%S}-{'all' if with_nested else 'root'}"
    options = {"Capabilities": CAPABILITIES, "IncludeNestedStacks": with_nested}
    change_set_id = cloudformation.create_change_set(ChangeSetName=name, **stack, **options)["Id"]
    while True:
        said = cloudformation.describe_change_set(ChangeSetName=change_set_id)
        if said["Status"] in ("CREATE_COMPLETE", "FAILED"):
            return _Made(change_set_id, said["Status"] == "FAILED", said.get("StatusReason", ""))
        sleep(SECONDS_BETWEEN_LOOKS)


def _reason_of(cloudformation: Any, change_set_id: str) -> str:
    """Return why the change set failed, or the one nested in it that did."""
    reason = str(cloudformation.describe_change_set(ChangeSetName=change_set_id).get("StatusReason", ""))
    nested = _NESTED_FAILED.search(reason)
    return _reason_of(cloudformation, nested[1]) if nested else reason


def _changes(cloudformation: Any, change_set_id: str, path: str = "") -> Iterator[Change]:
    """Yield the changes, each nested stack's in its place; a nested stack of which nothing changes is left out."""
    for page in cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set_id):
        for body in (one["ResourceChange"] for one in page["Changes"] if "ResourceChange" in one):
            name = body["LogicalResourceId"]
            if body["ResourceType"] == NESTED and body.get("ChangeSetId"):
                yield from _changes(cloudformation, body["ChangeSetId"], f"{path}/{name}".strip("/"))
            else:
                replacement, policy = body.get("Replacement", ""), body.get("PolicyAction", "")
                yield Change(path, body["Action"], name, body["ResourceType"], replacement, policy)
