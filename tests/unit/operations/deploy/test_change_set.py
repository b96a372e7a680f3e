import io
from typing import Any

import pytest
from rich.console import Console

from operations.deploy.change_set import Change, ChangeSet, create_change_set
from operations.deploy.show_changes import print_changes
from operations.errors import OperationError
from tests.unit.operations.fake_account import no_sleep
from tests.unit.operations.fake_cloudformation import STACK, FakeCloudFormation

WANTED = {"StackName": "root", "ChangeSetType": "UPDATE", "Parameters": []}
NESTED_FAILED = "Nested change set arn:nested was not successfully created: Currently in FAILED."


def change(logical_id: str, action: str = "Modify", kind: str = "AWS::S3::Bucket", **more: str) -> dict[str, Any]:
    body = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind, **more}
    return {"Type": "Resource", "ResourceChange": body}


def test_changes_of_nested_stacks_are_in_their_stacks_place() -> None:
    cloudformation = FakeCloudFormation()
    athena = change("Athena", kind=STACK, ChangeSetId="arn:athena")
    cloudformation.change_sets = [
        {"Id": "arn:root", "Statuses": ["CREATE_PENDING", "CREATE_COMPLETE"], "Changes": [athena, change("Rule")]}
    ]
    queries = change("Queries", kind=STACK, ChangeSetId="arn:queries")
    cloudformation.nested_change_set({"Id": "arn:athena", "Changes": [queries]})
    cloudformation.nested_change_set({"Id": "arn:queries", "Changes": [change("Query", Replacement="True")]})
    made = create_change_set(cloudformation, WANTED, no_sleep)
    assert [(one.stack, one.logical_id, one.replacement) for one in made.changes] == [
        ("Athena/Queries", "Query", "True"),
        ("", "Rule", ""),
    ]
    [given] = cloudformation.called("create_change_set")
    assert given["IncludeNestedStacks"] is True
    assert set(given["Capabilities"]) == {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_a_change_set_without_changes_is_nothing_to_execute(reason: str) -> None:
    cloudformation = FakeCloudFormation(change_sets=[{"Id": "arn:1", "Statuses": ["FAILED"], "Reason": reason}])
    assert create_change_set(cloudformation, WANTED, no_sleep) == ChangeSet("", [])
    assert cloudformation.called("delete_change_set") == [{"ChangeSetName": "arn:1"}]


def test_a_change_set_that_fails_says_why() -> None:
    cloudformation = FakeCloudFormation(
        change_sets=[{"Id": "arn:1", "Statuses": ["FAILED"], "Reason": "Transform Macro failed"}]
    )
    with pytest.raises(OperationError, match="cannot make the change set of root: Transform Macro failed"):
        create_change_set(cloudformation, WANTED, no_sleep)
    assert cloudformation.called("delete_change_set")


def test_where_a_nested_stack_cannot_be_foreseen_its_reason_is_said_and_the_others_are_shown() -> None:
    cloudformation = FakeCloudFormation()
    cloudformation.change_sets = [
        {"Id": "arn:all", "Statuses": ["FAILED"], "Reason": NESTED_FAILED},
        {"Id": "arn:root", "Changes": [change("Capture", kind=STACK)]},
    ]
    inner = NESTED_FAILED.replace("arn:nested", "arn:inner")
    cloudformation.nested_change_set({"Id": "arn:nested", "Statuses": ["FAILED"], "Reason": inner})
    reason = "Template error: Fn::Select cannot select nonexistent value at index 1"
    cloudformation.nested_change_set({"Id": "arn:inner", "Statuses": ["FAILED"], "Reason": reason})
    made = create_change_set(cloudformation, WANTED, no_sleep)
    assert (made.id, made.not_foreseen) == ("arn:root", reason)
    assert [given["IncludeNestedStacks"] for given in cloudformation.called("create_change_set")] == [True, False]


def shown(*changes: Change, not_foreseen: str = "") -> str:
    out = io.StringIO()
    console = Console(file=out, width=160, force_terminal=True, color_system="standard", highlight=False)
    print_changes(console, ChangeSet("arn", changes, not_foreseen))
    return out.getvalue()


def row(action: str, replacement: str = "", policy: str = "") -> Change:
    return Change("Lake", action, "LakeBucket", "AWS::S3::Bucket", replacement, policy)


@pytest.mark.parametrize(
    ("change", "said", "summed"),
    [
        (row("Add"), "\x1b[32mAdd", "1 to add"),
        (row("Modify", "False"), "\x1b[33mModify", "1 to modify"),
        (row("Modify", "Conditional"), "\x1b[1;33mModify, perhaps replace", "1 to modify"),
        (row("Modify", "True"), "\x1b[1;31mReplace", "1 to replace"),
        (row("Remove", policy="Delete"), "\x1b[31mRemove", "1 to remove"),
        (row("Remove", policy="Retain"), "\x1b[31mRemove (the former one stays)", "1 to remove"),
        (row("Modify", "True", "ReplaceAndRetain"), "\x1b[1;31mReplace (the former one stays)", "1 to replace"),
    ],
)
def test_what_is_replaced_or_removed_stands_out(change: Change, said: str, summed: str) -> None:
    printed = shown(change)
    assert said in printed
    assert f"1 changes: {summed}." in printed


def test_what_cannot_be_foreseen_is_said() -> None:
    assert "cannot be foreseen: Fn::Select" in shown(row("Modify"), not_foreseen="Fn::Select")
