import io

import pytest
from rich.console import Console

from operations.errors import OperationError
from operations.progress import Stages
from operations.stack_events import StackEvents
from operations.waiting import cause, follow, is_well
from tests.unit.operations.fake_account import no_sleep
from tests.unit.operations.fake_cloudformation import STACK, FakeCloudFormation, FakeStack

BUCKET = "AWS::S3::Bucket"


@pytest.fixture
def cloudformation() -> FakeCloudFormation:
    fake = FakeCloudFormation()
    fake.add(FakeStack("root", "UPDATE_IN_PROGRESS"))
    fake.event("root", "Former", BUCKET, "CREATE_FAILED", "of another time")
    return fake


def events(cloudformation: FakeCloudFormation) -> StackEvents:
    return StackEvents(cloudformation, FakeStack("root", "").id).skip_former()


def nest(cloudformation: FakeCloudFormation) -> None:
    cloudformation.event("root", "Lake", STACK, "UPDATE_IN_PROGRESS", physical=FakeStack("root-Lake", "").id)


def test_events_come_once_in_order_with_those_of_nested_stacks_and_without_former_ones(
    cloudformation: FakeCloudFormation,
) -> None:
    read = events(cloudformation)
    nest(cloudformation)
    cloudformation.event("root-Lake", "LakeBucket", BUCKET, "UPDATE_IN_PROGRESS")
    assert [event.logical_id for event in read.news()] == ["Lake", "LakeBucket"]
    cloudformation.event("root-Lake", "LakeBucket", BUCKET, "UPDATE_COMPLETE")
    assert [event.status for event in read.news()] == ["UPDATE_COMPLETE"]
    assert read.news() == []


def test_what_is_known_is_not_read_again(cloudformation: FakeCloudFormation) -> None:
    read = events(cloudformation)
    nest(cloudformation)
    for number in range(50):
        cloudformation.event("root-Lake", f"Bucket{number}", BUCKET, "UPDATE_IN_PROGRESS")
    read.news()
    before = cloudformation.pages_read
    assert read.news() == []
    assert cloudformation.pages_read - before == 2, "one of each stack: a deployment has fifteen, looked at for minutes"


def test_the_cause_is_the_first_failure_of_a_resource_not_what_it_takes_with_it(
    cloudformation: FakeCloudFormation,
) -> None:
    read = events(cloudformation)
    nest(cloudformation)
    cloudformation.event("root", "Table", BUCKET, "CREATE_FAILED", "Resource creation cancelled")
    cloudformation.event("root-Lake", "LakeBucket", BUCKET, "CREATE_FAILED", "lake already exists\n in this account.")
    cloudformation.event("root-Lake", "LakeKey", BUCKET, "CREATE_FAILED", "Resource creation cancelled")
    cloudformation.event("root", "Lake", STACK, "UPDATE_FAILED", "Embedded stack was not successfully updated")
    cloudformation.event("root", "Late", BUCKET, "DELETE_FAILED", "Access Denied")
    read.news()
    assert cause(read) == (
        f"LakeBucket ({BUCKET}) CREATE_FAILED: lake already exists in this account; "
        "something of that name is there, of a former lake or made by hand: delete or rename it"
    )


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("User is not authorized to perform: iam:CreateRole", "whoever deploys lacks that permission"),
        ("API: s3:CreateBucket AccessDenied", "whoever deploys lacks that permission"),
        ("Service limit exceeded", "a quota of the account is reached"),
        ("The bucket you tried to delete is not empty", "something still lies in it"),
        (
            "decreases account's UnreservedConcurrentExecution below its minimum value of [10].",
            "FORWARDER_CONCURRENCY=0",
        ),
        ("Invalid delimiter", "mend that"),
    ],
)
def test_the_cause_comes_with_what_to_do(cloudformation: FakeCloudFormation, reason: str, hint: str) -> None:
    read = events(cloudformation)
    cloudformation.event("root", "Thing", BUCKET, "CREATE_FAILED", reason)
    read.news()
    assert cause(read).startswith(f"Thing ({BUCKET}) CREATE_FAILED: {reason.rstrip('.')}; ")
    assert hint in cause(read)


def test_a_log_group_with_two_subscriptions_is_no_quota_that_aws_raises(cloudformation: FakeCloudFormation) -> None:
    read = events(cloudformation)
    cloudformation.event("root", "Sub", "AWS::Logs::SubscriptionFilter", "CREATE_FAILED", "Resource limit exceeded.")
    read.news()
    assert "a log group takes two subscriptions" in cause(read)


def test_a_failure_of_a_stack_alone_is_the_cause_where_nothing_else_failed(cloudformation: FakeCloudFormation) -> None:
    read = events(cloudformation)
    cloudformation.event("root", "Lake", STACK, "CREATE_FAILED", "Template error")
    read.news()
    assert cause(read).startswith("Lake (AWS::CloudFormation::Stack) CREATE_FAILED: Template error")


def test_the_cause_of_a_stacks_state_is_of_its_last_operation(cloudformation: FakeCloudFormation) -> None:
    root = FakeStack("root", "").id
    cloudformation.event("root", "root", STACK, "UPDATE_IN_PROGRESS", "User Initiated", root)
    cloudformation.event("root", "Table", BUCKET, "UPDATE_FAILED", "the cause")
    cloudformation.event("root", "root", STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "", root)
    cloudformation.event("root", "Queue", BUCKET, "UPDATE_FAILED", "of the rollback")
    assert cause(StackEvents(cloudformation, root).of_last_operation()).startswith("Table ")


def test_where_no_event_failed_it_says_so(cloudformation: FakeCloudFormation) -> None:
    assert "names no cause" in cause(events(cloudformation))


def test_it_waits_until_the_stack_is_done_and_counts_what_was_foreseen(cloudformation: FakeCloudFormation) -> None:
    read = events(cloudformation)
    cloudformation._executing = "root"
    made = [("root", name, status, "") for name in ("ABucket", "BBucket") for status in ("IN_PROGRESS", "_COMPLETE")]
    cloudformation.ends = [("UPDATE_COMPLETE", [*made, ("root", "ABucket", "DELETE_COMPLETE", "")])]
    with Stages(Console(file=io.StringIO())) as bars, bars.stage("Stack", 3) as bar:
        after = follow(read, bar, {"ABucket", "BBucket", "CBucket"}, no_sleep)
        assert bars._progress.tasks[0].completed == 2
    assert is_well(after)


def test_a_stack_that_vanishes_while_it_is_waited_for_is_said(cloudformation: FakeCloudFormation) -> None:
    read = events(cloudformation)
    del cloudformation.stacks["root"]
    with (
        Stages(Console(file=io.StringIO())) as bars,
        bars.stage("Stack") as bar,
        pytest.raises(OperationError, match="is gone: somebody else deleted it"),
    ):
        follow(read, bar, sleep=no_sleep)
