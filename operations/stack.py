"""CloudFormation's stacks, as far as the commands need to know them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operations.aws_errors import error_message
from operations.stage import PROJECT, Stage

NESTED = "AWS::CloudFormation::Stack"
# Made by a change set that nobody executed: it holds nothing.
EMPTY = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation describes it."""

    name: str
    id: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    tags: Mapping[str, str]
    changed_at: datetime

    @property
    def is_busy(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != EMPTY


@dataclass(frozen=True)
class Resource:
    """A resource of a stack or of one nested in it."""

    logical_id: str
    physical_id: str
    type: str
    status: str


def find_stack(cloudformation: Any, name: str) -> Stack | None:
    """Return the stack of this name or id, or None."""
    try:
        return _stack(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in error_message(error):
            return None
        raise


def stages(cloudformation: Any) -> dict[str, Stack]:
    """Return the lake's stack of each stage that the account has in this region, by the stage's name."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    stacks = [_stack(body) for page in pages for body in page["Stacks"]]
    # Nested stacks and the artifacts' have the same tags.
    tagged = [stack for stack in stacks if stack.tags.get("Project") == PROJECT]
    return {name: one for one in tagged if one.name == Stage(name := one.tags.get("Stage", "")).stack_name}


def resources(cloudformation: Any, stack_id: str) -> Iterator[Resource]:
    """Yield what the stack holds, and what the stacks nested in it hold; what is deleted is left out."""
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id):
        for body in page["StackResourceSummaries"]:
            one = Resource(
                body["LogicalResourceId"],
                body.get("PhysicalResourceId", ""),
                body["ResourceType"],
                body["ResourceStatus"],
            )
            if one.status == "DELETE_COMPLETE" or not one.physical_id:
                continue
            yield one
            if one.type == NESTED:
                yield from resources(cloudformation, one.physical_id)


def tag_list(tags: Mapping[str, str]) -> Sequence[dict[str, str]]:
    """Return the tags as AWS's calls take them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _stack(body: Mapping[str, Any]) -> Stack:
    return Stack(
        body["StackName"],
        body["StackId"],
        body["StackStatus"],
        {one["ParameterKey"]: one.get("ParameterValue", "") for one in body.get("Parameters", [])},
        {one["OutputKey"]: one["OutputValue"] for one in body.get("Outputs", [])},
        {one["Key"]: one["Value"] for one in body.get("Tags", [])},
        body.get("LastUpdatedTime") or body["CreationTime"],
    )
