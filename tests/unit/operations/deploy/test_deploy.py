"""A whole deployment, on a CloudFormation that a test scripts and moto's S3."""

from typing import Any

import pytest

from operations.deploy.artifacts import artifacts_of
from operations.deploy.deploy import deploy
from operations.errors import OperationError, OptionError, StillRunningError
from operations.stage import stage_named
from tests.unit.operations.fake_account import REGION, FakeAccount, no_sleep
from tests.unit.operations.fake_cloudformation import FakeCloudFormation, FakeStack

DEV = stage_named("dev")
ARTIFACTS = artifacts_of({"infra/template.yaml": b"root", "infra/artifacts.yaml": b"bucket", "cdc_lambda.zip": b"zip"})
PARAMETERS = ("Stage", "ArtifactBucketName", "ArtifactVersion", "TaskStreamArn", "AlarmEmail", "RunSchedule")
CHANGES = [{"ResourceChange": {"Action": "Add", "LogicalResourceId": "LakeBucket", "ResourceType": "AWS::S3::Bucket"}}]
CREATED: tuple[str, Any] = ("CREATE_COMPLETE", [("task-lake-dev", "LakeBucket", "CREATE_COMPLETE", "")])


@pytest.fixture
def cloudformation(aws: FakeAccount) -> FakeCloudFormation:
    aws.client("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    fake = aws.cloudformation
    fake.template = PARAMETERS
    fake.outputs = {DEV.artifact_stack_name: {"ArtifactBucketName": "artifacts"}}
    fake.outputs[DEV.stack_name] = {"LakeBucketName": "lake"}
    fake.change_sets = [{"Id": "arn:changes", "Changes": CHANGES}]
    fake.ends = [("CREATE_COMPLETE", []), CREATED]
    return fake


def run(aws: FakeAccount, is_yes: bool = True, **options: str) -> None:
    deploy(aws, DEV, options, is_yes, read=lambda: ARTIFACTS, sleep=no_sleep)


def existing(cloudformation: FakeCloudFormation, status: str = "CREATE_COMPLETE", **parameters: str) -> FakeStack:
    """Add the stage's two stacks as a deployment leaves them."""
    bucket = FakeStack(DEV.artifact_stack_name, "CREATE_COMPLETE", tags=DEV.tags)
    bucket.outputs = cloudformation.outputs[DEV.artifact_stack_name]
    cloudformation.add(bucket)
    cloudformation.unchanged = {bucket.name}
    made = {
        "Stage": "dev",
        "ArtifactBucketName": "artifacts",
        "TaskStreamArn": "",
        "AlarmEmail": "",
        "RunSchedule": "c",
    }
    deployed = {**made, "ArtifactVersion": ARTIFACTS.version, **parameters}
    return cloudformation.add(FakeStack(DEV.stack_name, status, deployed, {"LakeBucketName": "lake"}, DEV.tags))


def test_the_first_deployment_makes_the_bucket_then_the_stack_and_says_how_to_begin(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    run(aws, ALARM_EMAIL="ops@example.org")
    [bucket] = cloudformation.called("create_stack")
    assert (bucket["StackName"], bucket["TemplateBody"]) == (DEV.artifact_stack_name, "bucket")
    [given] = cloudformation.called("create_change_set")
    assert given["ChangeSetType"] == "CREATE"
    place = f"https://artifacts.s3.{REGION}.amazonaws.com/{ARTIFACTS.version}/infra/template.yaml"
    assert given["TemplateURL"] == place
    assert {one["ParameterKey"]: one["ParameterValue"] for one in given["Parameters"]} == {
        "AlarmEmail": "ops@example.org",
        "ArtifactBucketName": "artifacts",
        "ArtifactVersion": ARTIFACTS.version,
        "Stage": "dev",
    }
    assert {one["Key"]: one["Value"] for one in given["Tags"]} == DEV.tags
    [executed] = cloudformation.called("execute_change_set")
    assert executed == {"ChangeSetName": "arn:changes", "RetainExceptOnCreate": True}
    stored = aws.client("s3").list_objects_v2(Bucket="artifacts")["Contents"]
    assert {one["Key"] for one in stored} == {ARTIFACTS.key(name) for name in ARTIFACTS.files}
    said = capsys.readouterr().out
    for line in (
        "LakeBucket",
        "s3://lake",
        "make status STAGE=dev",
        "#dashboards:name=task-lake",
        "stateMachine:task-lake",
    ):
        assert line in said
    for line in (
        "aws dynamodb put-item",
        "Confirm the subscription in the mail to ops@example.org",
        "Activate the cost allocation tags Project and Stage",
        "make start STAGE=dev",
    ):
        assert line in said


def test_a_second_deployment_of_the_same_commit_changes_nothing(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    existing(cloudformation)
    run(aws)
    assert "Nothing to change: task-lake-dev is what this commit says." in capsys.readouterr().out
    assert not cloudformation.called("create_change_set")


def test_an_update_keeps_what_is_not_typed(aws: FakeAccount, cloudformation: FakeCloudFormation) -> None:
    existing(cloudformation, AlarmEmail="ops@example.org", ArtifactVersion="former")
    cloudformation.ends = [("UPDATE_COMPLETE", [])]
    run(aws)
    [given] = cloudformation.called("create_change_set")
    assert given["ChangeSetType"] == "UPDATE"
    assert {"ParameterKey": "AlarmEmail", "UsePreviousValue": True} in given["Parameters"]


def test_an_update_says_no_first_steps(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    existing(cloudformation, ArtifactVersion="former")
    cloudformation.ends = [("UPDATE_COMPLETE", [])]
    run(aws)
    assert "put-item" not in capsys.readouterr().out


def test_a_change_set_that_finds_no_change_is_nothing_to_change(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    existing(cloudformation, ArtifactVersion="former")
    none = "The submitted information didn't contain changes."
    cloudformation.change_sets = [{"Id": "arn:1", "Statuses": ["FAILED"], "Reason": none}]
    run(aws)
    assert "Nothing to change" in capsys.readouterr().out


def test_a_no_leaves_nothing_of_a_first_deployment_but_what_was_uploaded_and_says_so(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda: "no")
    holds = (
        r"the lake was not deployed; s3://artifacts holds what was uploaded: .*`make teardown STAGE=dev` deletes it$"
    )
    with pytest.raises(OperationError, match=f"^{holds}"):
        run(aws, is_yes=False)
    assert cloudformation.called("delete_change_set") == [{"ChangeSetName": "arn:changes"}]
    assert cloudformation.called("delete_stack") == [{"StackName": DEV.stack_name}]
    assert not cloudformation.called("execute_change_set")


def test_ctrl_c_at_the_question_is_a_no(
    aws: FakeAccount,
    cloudformation: FakeCloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(aws, is_yes=False)
    assert "the lake was not deployed; s3://artifacts holds what was uploaded" in capsys.readouterr().out
    assert cloudformation.called("delete_change_set")
    assert not cloudformation.called("execute_change_set")


def test_a_no_to_an_update_leaves_the_stack(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    existing(cloudformation, ArtifactVersion="former")
    monkeypatch.setattr("builtins.input", lambda: "no")
    with pytest.raises(OperationError, match=r"^the lake was not changed; s3://artifacts holds what was uploaded$"):
        run(aws, is_yes=False)
    assert cloudformation.called("delete_change_set")
    assert not cloudformation.called("delete_stack")


def test_a_first_deployment_whose_change_set_cannot_be_made_leaves_no_stack(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    cloudformation.change_sets = [{"Id": "arn:1", "Statuses": ["FAILED"], "Reason": "Template error"}]
    with pytest.raises(OperationError, match="cannot make the change set of task-lake-dev: Template error"):
        run(aws)
    assert cloudformation.called("delete_stack") == [{"StackName": DEV.stack_name}]


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        (False, "ROLLBACK_COMPLETE", "then `make teardown STAGE=dev`, and deploy again"),
        (True, "UPDATE_ROLLBACK_COMPLETE", "then deploy again; the lake runs as it did before"),
        (True, "UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name task-lake-dev"),
    ],
)
def test_a_deployment_that_fails_names_its_cause_and_the_next_step(
    aws: FakeAccount, cloudformation: FakeCloudFormation, before: bool, after: str, step: str
) -> None:
    failed = [("task-lake-dev", "LakeBucket", "CREATE_FAILED", "lake already exists")]
    cloudformation.ends = [*([] if before else [("CREATE_COMPLETE", [])]), (after, failed)]
    if before:
        existing(cloudformation, ArtifactVersion="former")
    with pytest.raises(OperationError) as raised:
        run(aws)
    assert f"task-lake-dev is {after}: LakeBucket (AWS::S3::Bucket) CREATE_FAILED: lake already exists" in str(
        raised.value
    )
    assert step in str(raised.value)
    assert raised.value.exit_code == 1


def test_ctrl_c_ends_the_waiting_and_not_the_deployment(aws: FakeAccount, cloudformation: FakeCloudFormation) -> None:
    existing(cloudformation, ArtifactVersion="former")
    cloudformation.interrupts = True
    with pytest.raises(StillRunningError, match=r"the deployment goes on in AWS.*make status STAGE=dev") as raised:
        run(aws)
    assert raised.value.exit_code == 130


def test_another_stage_in_the_region_is_refused(aws: FakeAccount, cloudformation: FakeCloudFormation) -> None:
    prod = stage_named("prod")
    cloudformation.add(FakeStack(prod.stack_name, "CREATE_COMPLETE", tags=prod.tags))
    with pytest.raises(OptionError, match="123456789012 has stage prod in eu-central-1, and a region takes one"):
        run(aws)
    assert not cloudformation.called("create_stack")


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_another_stage_that_holds_nothing_is_no_hindrance(
    aws: FakeAccount, cloudformation: FakeCloudFormation, status: str
) -> None:
    prod = stage_named("prod")
    cloudformation.add(FakeStack(prod.stack_name, status, tags=prod.tags))
    run(aws)
    assert cloudformation.called("execute_change_set")


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("UPDATE_IN_PROGRESS", "is being changed .UPDATE_IN_PROGRESS.: wait for it"),
        ("ROLLBACK_COMPLETE", "LakeKey .*make teardown STAGE=dev"),
        ("DELETE_FAILED", "LakeKey .*make teardown STAGE=dev"),
        ("UPDATE_ROLLBACK_FAILED", "LakeKey .*continue-update-rollback"),
    ],
)
def test_a_stack_that_nothing_can_be_deployed_onto_says_why_and_what_to_do(
    aws: FakeAccount, cloudformation: FakeCloudFormation, status: str, step: str
) -> None:
    existing(cloudformation, status)
    cloudformation.event(DEV.stack_name, "LakeKey", "AWS::KMS::Key", "CREATE_FAILED", "denied")
    with pytest.raises(OperationError, match=step):
        run(aws)
    assert not cloudformation.called("update_stack")


def test_a_stack_that_a_change_set_made_of_nothing_is_made_anew(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    existing(cloudformation, "REVIEW_IN_PROGRESS")
    cloudformation.ends = [CREATED]
    run(aws)
    assert cloudformation.called("create_change_set")[0]["ChangeSetType"] == "CREATE"


def test_an_artifact_bucket_that_cannot_be_made_names_the_cause(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    failed = [(DEV.artifact_stack_name, "ArtifactBucket", "CREATE_FAILED", "AccessDenied")]
    cloudformation.ends, cloudformation.outputs = [("DELETE_COMPLETE", failed)], {}
    with pytest.raises(
        OperationError,
        match=r"task-lake-dev-artifacts is DELETE_COMPLETE: ArtifactBucket .*AccessDenied.*then deploy again$",
    ):
        run(aws)


def test_an_artifact_stack_that_nothing_can_be_made_of_says_why_and_what_to_do(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    existing(cloudformation)
    cloudformation.stacks[DEV.artifact_stack_name].status = "DELETE_FAILED"
    cloudformation.event(DEV.artifact_stack_name, "ArtifactBucket", "AWS::S3::Bucket", "DELETE_FAILED", "is not empty")
    with pytest.raises(OperationError, match=r"ArtifactBucket .*is not empty; .*make teardown STAGE=dev"):
        run(aws)
    assert not cloudformation.called("update_stack")


def test_an_artifact_stack_at_work_is_waited_for_by_whoever_types(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    existing(cloudformation)
    cloudformation.stacks[DEV.artifact_stack_name].status = "UPDATE_IN_PROGRESS"
    with pytest.raises(OperationError, match="task-lake-dev-artifacts is being changed"):
        run(aws)


def test_a_source_that_is_not_there_stops_before_anything_is_made(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    with pytest.raises(OptionError, match="there is no log group /api/access"):
        run(aws, LOG_GROUPS="/api/access")
    with pytest.raises(OptionError, match="is no stream's ARN"):
        run(aws, SOURCE_STREAM="todo-app-data")
    assert not cloudformation.called("create_stack")


def test_a_value_that_the_template_does_not_take_stops_before_anything_is_made(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    with pytest.raises(OptionError, match="USER_BUCKETS=abc is not a number"):
        run(aws, USER_BUCKETS="abc")
    assert not cloudformation.calls
    assert aws.client("s3").list_objects_v2(Bucket="artifacts")["KeyCount"] == 0
