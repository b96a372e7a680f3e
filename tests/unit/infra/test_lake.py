from pathlib import Path
from typing import Any

from infra.cloudformation import Intrinsic, parse
from local.template import Template, load_template

ROOT = Path(__file__).parents[3]


def lake() -> Template:
    return load_template(ROOT / "infra")


def test_the_bucket_is_encrypted_private_and_announces_its_objects() -> None:
    bucket = lake().properties("LakeBucket")
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["BucketKeyEnabled"] is True
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"] is True


def test_nothing_is_put_without_tls_nor_under_another_key() -> None:
    statements = {one["Sid"]: one for one in lake().properties("LakeBucketPolicy")["PolicyDocument"]["Statement"]}
    assert {one["Effect"] for one in statements.values()} == {"Deny"}
    assert statements["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # Null: who names no encryption gets the bucket's, which is the lake's key; tests/aws/test_bucket_policy.py.
    assert statements["DenyOtherEncryption"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
    }
    assert statements["DenyOtherKeys"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": Intrinsic("GetAtt", "LakeKey.Arn")},
    }


def rules() -> dict[str, Any]:
    """Return the lifecycle's rules by their names."""
    return {rule["Id"]: rule for rule in lake().properties("LakeBucket")["LifecycleConfiguration"]["Rules"]}


def test_no_rule_ends_a_file_that_a_table_of_silver_or_gold_still_has() -> None:
    for rule in rules().values():
        if "ExpirationInDays" in rule or "Transitions" in rule:
            assert rule["Prefix"].split("/")[0] not in ("silver", "gold", "")


def test_what_fails_is_kept_a_quarter_and_answers_a_week() -> None:
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules().values() if "ExpirationInDays" in rule}
    ends = {prefix: days for prefix, days in kept.items() if not isinstance(days, Intrinsic)}
    assert ends == {"errors/": 90, "aws/lambda/": 90, "data_docs/": 90, "athena_results/": 7}
    assert kept.keys() - ends.keys() == {"bronze/", "bronze_ledger/", "claim_checks/"}


def test_every_failure_store_is_under_a_rule_that_ends_it() -> None:
    streams = ("TaskChangesDeliveryStream", "ApiLogsDeliveryStream", "LedgerDeliveryStream")
    stores = [lake().delivery_stream_settings(stream).error_prefix for stream in streams]
    for store in [*stores, "aws/lambda/async/f/2025/10/15/x"]:
        assert any(store.startswith(rule.get("Prefix", "-")) for rule in rules().values())


def test_bronze_stays_readable_at_once_and_outlives_the_ledger_that_names_it() -> None:
    template = parse((ROOT / "infra/lake.yaml").read_text(encoding="utf-8"))
    parameter, days = template["Parameters"]["BronzeYears"], template["Mappings"]["DaysOfYears"]
    assert days.keys() == set(parameter["AllowedValues"])
    assert parameter["Default"] == max(days, key=int)
    for years, end in days.items():
        assert end["Bronze"] - end["Ledger"] >= 7
        assert end["Ledger"] == 365 * int(years)
    # A rebuild reads all of Bronze: an archive that has to be restored first would stop it.
    assert [move["StorageClass"] for move in rules()["CoolBronze"]["Transitions"]] == ["GLACIER_IR"]
    ends = {
        name: rules()[name]["ExpirationInDays"].argument[-1] for name in ("EndBronze", "EndClaimChecks", "EndLedger")
    }
    assert ends == {"EndBronze": "Bronze", "EndClaimChecks": "Bronze", "EndLedger": "Ledger"}


def test_former_versions_and_abandoned_uploads_end_everywhere() -> None:
    everywhere = [rule for rule in rules().values() if "Prefix" not in rule]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in everywhere)
    assert any(rule.get("NoncurrentVersionExpiration") == {"NoncurrentDays": 7} for rule in everywhere)
    assert lake().properties("LakeBucket")["VersioningConfiguration"] == {"Status": "Enabled"}


def test_a_deleted_stack_leaves_the_lake_and_its_key() -> None:
    resources = lake().resources
    for logical_id in ("LakeBucket", "LakeKey"):
        assert resources[logical_id]["DeletionPolicy"] == "Retain"
        assert resources[logical_id]["UpdateReplacePolicy"] == "Retain"
