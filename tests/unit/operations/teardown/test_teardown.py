"""A whole teardown, on a CloudFormation that a test scripts and moto's S3, KMS, Glue and tags."""

from typing import Any

import pytest

from infra.cloudformation import parse
from infra.package import ROOT
from operations.errors import OperationError, OptionError, StillRunningError
from operations.stack import find_stack
from operations.stage import stage_named
from operations.teardown import kept as kept_module
from operations.teardown.deletion import empty_bucket
from operations.teardown.kept import RETAINED, layers
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fake_cloudformation import FakeCloudFormation, FakeStack
from tests.unit.operations.teardown.lake import DELETED, DEV, answer, buckets, make_bucket, run, state


def test_it_says_what_goes_and_what_stays_and_how_a_later_lake_takes_it_in(
    aws: FakeAccount, cloudformation: FakeCloudFormation, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(aws)
    said = " ".join(capsys.readouterr().out.split())
    for line in (
        "Stage dev in account 123456789012, eu-central-1",
        "goes stack task-lake-dev (CREATE_COMPLETE) with 7 resources",
        "goes table todo-app-data with its items",
        "goes log groups /task-lake-demo/app, /task-lake/cdc with their lines",
        "goes what reached api-logs in the last minutes",
        "goes the catalog's entries of silver: tasks",
        "goes the catalog's entries of gold: task_throughput_daily",
        "stays s3://lake",
        "bronze 2 objects 10 bytes",
        "silver 1 object 5 bytes",
        f"stays key {key}",
        "The data stays: s3://lake.",
        "A later deployment makes a new bucket.",
    ):
        assert line in said
    assert said.count("stays key") == 1


def test_the_data_stays_with_its_key_and_the_artifacts_go(
    aws: FakeAccount, cloudformation: FakeCloudFormation, key: str
) -> None:
    run(aws)
    deleted = [cloudformation.stacks[name].id for name in (DEV.stack_name, DEV.artifact_stack_name)]
    assert [given["StackName"] for given in cloudformation.called("delete_stack")] == deleted
    assert aws.client("s3").list_objects_v2(Bucket="lake")["KeyCount"] == 3
    assert aws.client("s3").list_object_versions(Bucket="artifacts").get("Versions", []) == []
    assert state(aws, key) == "Enabled"


def test_the_catalogs_entries_of_jobs_go_before_their_databases(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    run(aws)
    for database in ("silver", "gold"):
        assert aws.client("glue").get_tables(DatabaseName=database)["TableList"] == []


def test_the_data_goes_when_it_is_told_to_with_every_version_and_the_key_in_thirty_days(
    aws: FakeAccount, cloudformation: FakeCloudFormation, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket="lake", Key="bronze/a", Body=b"again")
    s3.delete_object(Bucket="lake", Key="bronze/b")
    run(aws, deletes_data=True)
    assert "lake" not in buckets(aws)
    assert state(aws, key) == "PendingDeletion"
    said = capsys.readouterr().out
    assert "Stage dev is gone, and of its data s3://lake with all it held." in said
    assert (
        f"`aws kms cancel-key-deletion --key-id {key}`, then `aws kms enable-key --key-id {key}` take it back" in said
    )


def test_a_stage_of_which_nothing_but_artifacts_was_made_is_gone(
    aws: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.cloudformation.add(FakeStack(DEV.artifact_stack_name, "CREATE_COMPLETE", tags=DEV.tags))
    aws.cloudformation.ends = [DELETED]
    run(aws)
    assert "Stage dev is gone; it had no data." in capsys.readouterr().out


def test_where_no_bucket_was_found_none_is_said_to_be_gone(
    aws: FakeAccount, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "dev")
    run(aws, deletes_data=True, is_yes=False)
    assert "is gone, and of its data no bucket, for none was found." in capsys.readouterr().out


def test_each_thing_is_asked_by_its_name(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "dev", "lake")
    run(aws, deletes_data=True, is_yes=False)
    assert "lake" not in buckets(aws)


@pytest.mark.parametrize("answers", [("yes",), ("dev", "dev")], ids=["of the stage", "of the data"])
def test_another_answer_deletes_nothing(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...]
) -> None:
    answer(monkeypatch, *answers)
    with pytest.raises(OperationError, match="nothing was deployed or deleted"):
        run(aws, deletes_data=True, is_yes=False)
    assert not cloudformation.called("delete_stack")
    assert aws.client("glue").get_tables(DatabaseName="silver")["TableList"]


def test_a_stage_that_is_not_there_is_said_with_those_that_are(aws: FakeAccount) -> None:
    prod = stage_named("prod")
    aws.cloudformation.add(FakeStack(prod.stack_name, "CREATE_COMPLETE", tags=prod.tags))
    with pytest.raises(OptionError, match=r"no stage dev in account 123456789012, eu-central-1; stages there: prod$"):
        run(aws)


def test_data_that_a_former_teardown_left_is_found_by_its_tags(
    aws: FakeAccount, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bucket(aws, "former", "bronze/a")
    with pytest.raises(OptionError, match="its data is left in s3://former: `make teardown STAGE=dev DELETE_DATA=1`"):
        run(aws)
    answer(monkeypatch, "dev", "former")
    run(aws, deletes_data=True, is_yes=False)
    assert buckets(aws) == set()
    assert state(aws, key) == "PendingDeletion"


def test_a_bucket_of_the_tags_index_that_is_gone_is_left_out(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "_tagged", lambda *_: ({"gone", "lake"}, set[str]()))
    found = kept_module.kept_data(aws, DEV, find_stack(cloudformation, DEV.stack_name), None)
    assert found.buckets == ["lake"]


def test_a_stack_at_work_is_left_alone(aws: FakeAccount, cloudformation: FakeCloudFormation) -> None:
    cloudformation.stacks[DEV.stack_name].status = "UPDATE_IN_PROGRESS"
    with pytest.raises(OperationError, match=r"is being changed .UPDATE_IN_PROGRESS.: wait"):
        run(aws)


def test_what_cannot_be_deleted_is_named_with_the_next_step(
    aws: FakeAccount, cloudformation: FakeCloudFormation
) -> None:
    failed = (DEV.stack_name, "ResultsBucket", "DELETE_FAILED", "The bucket you tried to delete is not empty")
    cloudformation.ends = [("DELETE_FAILED", [failed])]
    with pytest.raises(OperationError, match=r"ResultsBucket .*is not empty; .*then `make teardown STAGE=dev` again"):
        run(aws)


def test_ctrl_c_ends_the_waiting_and_not_the_deletion(aws: FakeAccount, cloudformation: FakeCloudFormation) -> None:
    cloudformation.interrupts = True
    with pytest.raises(StillRunningError, match=r"the deletion goes on in AWS.*make teardown STAGE=dev") as raised:
        run(aws)
    assert raised.value.exit_code == 130


def test_data_that_went_with_the_stack_is_not_said_to_stay(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.teardown.announcement.is_there", lambda *_: False)
    with pytest.raises(OperationError, match="s3://lake went with the stack, although"):
        run(aws)


def test_an_object_that_cannot_be_deleted_stops_and_is_named(aws: FakeAccount) -> None:
    class Locked:
        def get_paginator(self, _name: str) -> Any:
            return self

        def paginate(self, **_: str) -> list[dict[str, Any]]:
            return [{"Versions": [{"Key": "a", "VersionId": "1"}]}]

        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "locked"}]}

    with pytest.raises(OperationError, match="s3://lake/a cannot be deleted: AccessDenied: locked; mend that"):
        empty_bucket(Locked(), "lake", lambda _: None)


def test_a_bucket_too_large_to_count_is_counted_in_part(
    aws: FakeAccount, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "PAGES_COUNTED", 0)
    assert layers(aws.client("s3"), "lake") == ([], False)


def test_what_is_said_to_stay_is_what_the_templates_keep() -> None:
    kept = set()
    for path in (ROOT / "infra").glob("*.yaml"):
        for name, one in parse(path.read_text()).get("Resources", {}).items():
            if str(one.get("DeletionPolicy", "")).startswith("Retain") and one["Type"] != "AWS::S3::BucketPolicy":
                kept.add(name)
    assert kept == set(RETAINED)


def test_failure_stores_that_only_this_lake_replays_are_named_before_it_asks(
    aws: FakeAccount,
    cloudformation: FakeCloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key in ("errors/firehose/task_changes/x", "errors/firehose/task_changes/y", "aws/lambda/m/z"):
        aws.client("s3").put_object(Bucket="lake", Key=key, Body=b"{}")
    answer(monkeypatch, "no")
    with pytest.raises(OperationError, match="nothing was deployed or deleted"):
        run(aws, is_yes=False)
    said = capsys.readouterr().out
    assert "errors/firehose/ holds 2 objects: `make replay STAGE=dev` first, no other lake replays them" in said
    assert "aws/lambda/ holds 1 object: `make replay STAGE=dev` first, no other lake replays it" in said


def test_a_failure_store_is_counted_to_a_thousand(
    aws: FakeAccount,
    cloudformation: FakeCloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("operations.teardown.announcement.FAILED_COUNTED", 1)
    for key in "xy":
        aws.client("s3").put_object(Bucket="lake", Key=f"errors/firehose/task_changes/{key}", Body=b"{}")
    run(aws)
    assert "errors/firehose/ holds more than 1 objects" in capsys.readouterr().out


def test_no_replay_is_asked_for_where_nothing_failed_but_in_a_former_lake(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    make_bucket(aws, "former", "errors/firehose/task_changes/x")
    run(aws)
    assert "make replay" not in capsys.readouterr().out


def test_no_replay_is_asked_for_of_data_that_goes(
    aws: FakeAccount, cloudformation: FakeCloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.client("s3").put_object(Bucket="lake", Key="errors/firehose/task_changes/x", Body=b"{}")
    run(aws, deletes_data=True)
    assert "make replay" not in capsys.readouterr().out
