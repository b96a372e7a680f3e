"""CloudFormation as the commands use it: stacks, change sets with nested ones, and events that a test scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

START = datetime(2025, 10, 15, tzinfo=UTC)
STACK = "AWS::CloudFormation::Stack"


def invalid(message: str, operation: str = "Call") -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)


@dataclass
class FakeStack:
    name: str
    status: str
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    resources: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"arn:aws:cloudformation:eu-central-1:123456789012:stack/{self.name}/1"

    def body(self) -> dict[str, Any]:
        return {
            "StackName": self.name,
            "StackId": self.id,
            "StackStatus": self.status,
            "CreationTime": START,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()],
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }


@dataclass
class FakeCloudFormation:
    """What an operation does is given before: the status it ends in, and the events it makes on the way."""

    stacks: dict[str, FakeStack] = field(default_factory=dict)
    template: Sequence[str] = ()
    change_sets: list[dict[str, Any]] = field(default_factory=list)
    ends: list[tuple[str, Sequence[tuple[str, str, str, str]]]] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    interrupts: bool = False
    pages_read: int = 0
    _events: list[dict[str, Any]] = field(default_factory=list)
    _made: dict[str, dict[str, Any]] = field(default_factory=dict)
    _executing: str = ""

    def add(self, stack: FakeStack) -> FakeStack:
        self.stacks[stack.name] = stack
        return stack

    def called(self, name: str) -> list[dict[str, Any]]:
        return [given for called, given in self.calls if called == name]

    def event(self, stack: str, logical_id: str, kind: str, status: str, reason: str = "", physical: str = "") -> None:
        number = len(self._events)
        self._events.append(
            {
                "EventId": str(number),
                "StackId": FakeStack(stack, "").id,
                "StackName": stack,
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical,
                "ResourceType": kind,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "Timestamp": START + timedelta(seconds=number),
            }
        )

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.interrupts and self._executing:
            raise KeyboardInterrupt
        for stack in self.stacks.values():
            if StackName == stack.id or (StackName == stack.name and stack.status != "DELETE_COMPLETE"):
                body = stack.body()
                self._go_on(stack)
                return {"Stacks": [body]}
        raise invalid(f"Stack with id {StackName} does not exist")

    def create_stack(self, **given: Any) -> dict[str, str]:
        self.calls.append(("create_stack", given))
        stack = self.add(FakeStack(given["StackName"], "CREATE_IN_PROGRESS", tags=_tags(given)))
        self._executing = stack.name
        return {"StackId": stack.id}

    def update_stack(self, **given: Any) -> None:
        self.calls.append(("update_stack", given))
        if given["StackName"] in self.unchanged:
            raise invalid("No updates are to be performed.")
        self.stacks[given["StackName"]].status = "UPDATE_IN_PROGRESS"
        self._executing = given["StackName"]

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        self.calls.append(("delete_stack", {"StackName": StackName}))
        for stack in self.stacks.values():
            if StackName in (stack.id, stack.name):
                stack.status = "DELETE_IN_PROGRESS"
                self._executing = stack.name

    def get_template_summary(self, TemplateURL: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append(("get_template_summary", {"TemplateURL": TemplateURL}))
        return {"Parameters": [{"ParameterKey": name} for name in self.template]}

    def create_change_set(self, **given: Any) -> dict[str, str]:
        self.calls.append(("create_change_set", given))
        if given["ChangeSetType"] == "CREATE" and given["StackName"] not in self.stacks:
            self.add(FakeStack(given["StackName"], "REVIEW_IN_PROGRESS", tags=_tags(given)))
        made = self.change_sets.pop(0)
        self._made[made["Id"]] = {**made, "StackName": given["StackName"], "Given": given}
        return {"Id": made["Id"]}

    def nested_change_set(self, made: dict[str, Any]) -> None:
        self._made[made["Id"]] = made

    def describe_change_set(self, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803
        made = self._made[ChangeSetName]
        statuses = made.setdefault("Statuses", ["CREATE_COMPLETE"])
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        return {"Status": status, "StatusReason": made.get("Reason", ""), "Changes": made.get("Changes", [])}

    def delete_change_set(self, ChangeSetName: str) -> None:  # noqa: N803
        self.calls.append(("delete_change_set", {"ChangeSetName": ChangeSetName}))

    def execute_change_set(self, **given: Any) -> None:
        self.calls.append(("execute_change_set", given))
        made = self._made[given["ChangeSetName"]]
        stack = self.stacks[made["StackName"]]
        stack.status = f"{made['Given']['ChangeSetType']}_IN_PROGRESS"
        stack.parameters |= {
            one["ParameterKey"]: one["ParameterValue"] for one in made["Given"]["Parameters"] if "ParameterValue" in one
        }
        self._executing = stack.name

    def get_paginator(self, name: str) -> "FakePaginator":
        return FakePaginator(self, name)

    def _go_on(self, stack: FakeStack) -> None:
        """Bring the operation under way to its end, after it has been seen under way."""
        if self._executing != stack.name:
            return
        status, events = self.ends.pop(0)
        for of_stack, logical_id, state, reason in events:
            physical = FakeStack(logical_id, "").id if (kind := _kind(logical_id)) == STACK else ""
            self.event(of_stack, logical_id, kind, state, reason, physical)
        stack.status, self._executing = status, ""
        stack.outputs |= self.outputs.get(stack.name, {})


@dataclass(frozen=True)
class FakePaginator:
    cloudformation: FakeCloudFormation
    name: str

    def paginate(self, StackName: str = "", ChangeSetName: str = "") -> Iterator[Mapping[str, Any]]:  # noqa: N803
        fake = self.cloudformation
        if self.name == "describe_stacks":
            alive = [stack for stack in fake.stacks.values() if stack.status != "DELETE_COMPLETE"]
            yield from ({"Stacks": [stack.body()]} for stack in alive)
        elif self.name == "describe_change_set":
            yield fake.describe_change_set(ChangeSetName)
        elif self.name == "describe_stack_events":
            found = [event for event in fake._events if StackName in (event["StackId"], event["StackName"])]
            for event in reversed(found):
                fake.pages_read += 1
                yield {"StackEvents": [event]}
        elif self.name == "list_stack_resources":
            stack = next(one for one in fake.stacks.values() if StackName in (one.id, one.name))
            yield {
                "StackResourceSummaries": [
                    {
                        "LogicalResourceId": logical_id,
                        "PhysicalResourceId": physical_id,
                        "ResourceType": kind,
                        "ResourceStatus": "CREATE_COMPLETE",
                    }
                    for logical_id, physical_id, kind in stack.resources
                ]
            }


def _kind(logical_id: str) -> str:
    return "AWS::S3::Bucket" if "Bucket" in logical_id else STACK


def _tags(given: Mapping[str, Any]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in given.get("Tags", [])}
