"""What outlives a stage's stack: its bucket and the key of its objects, found by their tags."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from operations.account import Account
from operations.aws_errors import error_code
from operations.stack import Stack, resources
from operations.stage import Stage

# infra/lake.yaml keeps these two, whatever becomes of the stack.
BUCKET, KEY = RETAINED = ("LakeBucket", "LakeKey")

# So many pages of a thousand objects are counted: half a cent's worth of requests.
PAGES_COUNTED = 1000


@dataclass(frozen=True)
class Layer:
    """What lies below one first folder of a bucket."""

    name: str
    objects: int
    size_bytes: int


@dataclass(frozen=True)
class Kept:
    """Buckets with data, and keys without which it cannot be read; of former deployments of the stage too."""

    buckets: Sequence[str]
    key_ids: Sequence[str]
    # What of these the stage's present stacks hold, and what beside them they take with them.
    present: Set[str] = field(default_factory=frozenset)
    going: Set[str] = field(default_factory=frozenset)


def kept_data(account: Account, stage: Stage, lake: Stack | None, artifacts: Stack | None) -> Kept:
    """Return what the stage's stack will leave behind, and what former ones of the stage have left."""
    cloudformation = account.client("cloudformation")
    held = [one for stack in (lake, artifacts) if stack for one in resources(cloudformation, stack.id)]
    retained = {one.physical_id for one in held if one.logical_id in RETAINED}
    going = {one.physical_id for one in held} - retained
    s3, kms = account.client("s3"), account.client("kms")
    buckets, keys = _tagged(account, stage)
    buckets |= {one.physical_id for one in held if one.logical_id == BUCKET}
    keys |= {one.physical_id for one in held if one.logical_id == KEY}
    return Kept(
        [name for name in sorted(buckets - going) if is_there(s3, name)],
        [key for key in sorted(keys - going) if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"],
        retained,
        going,
    )


def _tagged(account: Account, stage: Stage) -> tuple[set[str], set[str]]:
    """Return the names of the stage's buckets and the ids of its keys."""
    tagging = account.client("resourcegroupstaggingapi")
    filters = [{"Key": key, "Values": [value]} for key, value in stage.tags.items()]
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=filters, ResourceTypeFilters=["s3", "kms"])
    arns = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    buckets = {arn.rpartition(":")[2] for arn in arns if ":s3:" in arn}
    return buckets, {arn.rpartition("/")[2] for arn in arns if ":key/" in arn}


def layers(s3: Any, bucket: str) -> tuple[Sequence[Layer], bool]:
    """Return what the bucket holds by its first folders, and whether all of it was counted."""
    objects, sizes = Counter[str](), Counter[str]()
    for number, page in enumerate(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)):
        if number == PAGES_COUNTED:
            return _layers(objects, sizes), False
        for one in page.get("Contents", []):
            name = one["Key"].partition("/")[0]
            objects[name] += 1
            sizes[name] += one["Size"]
    return _layers(objects, sizes), True


def versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    """Yield every version and delete marker of the bucket, a page at a time, as DeleteObjects takes them."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def _layers(objects: Counter[str], sizes: Counter[str]) -> Sequence[Layer]:
    return [Layer(name, objects[name], sizes[name]) for name in sorted(objects)]


def is_there(s3: Any, bucket: str) -> bool:
    """Whether the bucket exists: the tags' index still names one for a while after it was deleted."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) in ("404", "NoSuchBucket"):
            return False
        raise
    return True
