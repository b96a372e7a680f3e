from pathlib import Path

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
    (statement,) = lake().properties("LakeBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_a_deleted_stack_leaves_the_lake_and_its_key() -> None:
    resources = lake().resources
    for logical_id in ("LakeBucket", "LakeKey"):
        assert resources[logical_id]["DeletionPolicy"] == "Retain"
        assert resources[logical_id]["UpdateReplacePolicy"] == "Retain"
