"""What `DELETE_DATA=1` must leave: former lakes' data unasked, and a key by which a bucket that stays encrypts."""

from typing import Any

import pytest

from operations.errors import OptionError
from operations.teardown.doomed import doomed_data
from operations.teardown.kept import Kept
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.fakes import refusal
from tests.unit.operations.teardown.lake import answer, buckets, make_bucket, make_key, run, state


def encrypt(aws: FakeAccount, bucket: str, key: str) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    aws.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)


def former_lake(aws: FakeAccount, tagged: bool = True) -> str:
    """Make a bucket that a former teardown left, and return the key it encrypts by."""
    former = make_key(aws)
    make_bucket(aws, "former", "bronze/a")
    encrypt(aws, "former", former)
    if not tagged:
        aws.client("s3").delete_bucket_tagging(Bucket="former")
    return former


def unasked(aws: FakeAccount, key: str) -> Any:
    """Return what goes of a key and no bucket, all of them present."""
    return doomed_data(aws, Kept([], [key], {key}), deletes_data=True, is_yes=True)


def test_yes_leaves_what_a_former_lake_left_and_says_so(
    aws: FakeAccount, lake_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    former = former_lake(aws)
    run(aws, deletes_data=True)
    assert buckets(aws) >= {"former"}
    assert "lake" not in buckets(aws)
    assert (state(aws, lake_key), state(aws, former)) == ("PendingDeletion", "Enabled")
    said = " ".join(capsys.readouterr().out.split())
    why = "of a former lake: YES=1 does not take it, a name typed at a terminal does"
    for line in (f"stays s3://former ({why})", f"stays key {former} ({why})", f"s3://former stays, {why}."):
        assert line in said
    assert f"stays key {lake_key}" not in said


def test_yes_alone_takes_nothing_of_a_stage_whose_stack_is_gone(aws: FakeAccount) -> None:
    former = former_lake(aws)
    with pytest.raises(
        OptionError, match=r"no stack of stage dev is there, and s3://former, key .* stays: of a former"
    ):
        run(aws, deletes_data=True)
    assert (buckets(aws), state(aws, former)) == ({"former"}, "Enabled")


def test_at_a_terminal_a_former_lakes_bucket_is_asked_for_and_its_key_goes_with_it(
    aws: FakeAccount, lake_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = former_lake(aws)
    answer(monkeypatch, "dev", "former", "lake")
    run(aws, deletes_data=True, is_yes=False)
    assert "former" not in buckets(aws)
    assert state(aws, former) == "PendingDeletion"


def test_a_key_by_which_a_bucket_encrypts_that_was_not_asked_for_stays(
    aws: FakeAccount, lake_key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    former = former_lake(aws, tagged=False)
    answer(monkeypatch, "dev", "lake")
    run(aws, deletes_data=True, is_yes=False)
    assert (state(aws, lake_key), state(aws, former)) == ("PendingDeletion", "Enabled")
    assert f"Key {former} stays, s3://former stays and encrypts by it." in capsys.readouterr().out


def test_the_present_key_stays_too_while_another_bucket_encrypts_by_it(aws: FakeAccount, lake_key: str) -> None:
    make_bucket(aws, "copy")
    encrypt(aws, "copy", f"arn:aws:kms:eu-central-1:123456789012:key/{lake_key}")
    run(aws, deletes_data=True)
    assert state(aws, lake_key) == "Enabled"


def test_a_bucket_that_names_the_key_by_an_alias_keeps_it(aws: FakeAccount) -> None:
    key = make_key(aws)
    aws.client("kms").create_alias(AliasName="alias/mine", TargetKeyId=key)
    make_bucket(aws, "copy")
    encrypt(aws, "copy", "alias/mine")
    assert unasked(aws, key).spared == {key: "s3://copy stays and encrypts by it"}


class Buckets:
    """S3 with one bucket, whose encryption it does not tell."""

    def __init__(self, code: str) -> None:
        self._code = code

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Buckets": [{"Name": "locked"}]}]

    def get_bucket_encryption(self, **_: str) -> None:
        raise refusal(self._code, "GetBucketEncryption")


def test_where_a_buckets_encryption_cannot_be_read_the_key_stays(aws: FakeAccount) -> None:
    aws.fakes["s3"] = Buckets("AccessDenied")
    why = "s3://locked may encrypt by it, its encryption cannot be read (AccessDenied)"
    assert unasked(aws, "k").spared == {"k": why}
    assert unasked(aws, "k").key_ids == []


@pytest.mark.parametrize("code", ["NoSuchBucket", "ServerSideEncryptionConfigurationNotFoundError"])
def test_a_bucket_that_is_gone_or_encrypts_by_no_key_keeps_none(aws: FakeAccount, code: str) -> None:
    aws.fakes["s3"] = Buckets(code)
    assert unasked(aws, "k").key_ids == ["k"]
