"""What `DELETE_DATA=1` takes of the data that outlives a stack, and what it leaves all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from operations.account import Account
from operations.aws_errors import error_code
from operations.teardown.kept import Kept

_UNCONFIGURED = "ServerSideEncryptionConfigurationNotFoundError"
_FORMER = "of a former lake: YES=1 does not take it, a name typed at a terminal does"


@dataclass(frozen=True)
class Doomed:
    """Buckets and keys that go; and of those that stay although all data was to go, why each does."""

    buckets: Sequence[str] = ()
    key_ids: Sequence[str] = ()
    spared: Mapping[str, str] = field(default_factory=dict)


def doomed_data(account: Account, kept: Kept, deletes_data: bool, is_yes: bool) -> Doomed:
    """Return what goes: unasked only what the present stack holds, and no key that a bucket that stays encrypts by."""
    if not deletes_data:
        return Doomed()
    spared = {name: _FORMER for name in chain(kept.buckets, kept.key_ids) if is_yes and name not in kept.present}
    buckets = [name for name in kept.buckets if name not in spared]
    keys = [key for key in kept.key_ids if key not in spared]
    if keys:
        staying = [name for name in _buckets(account) if name not in {*buckets, *kept.going}]
        spared |= _needed(account, keys, staying)
    return Doomed(buckets, [key for key in keys if key not in spared], spared)


def _buckets(account: Account) -> list[str]:
    """Return the account's buckets that a key of the region can be for."""
    pages = (
        account.client("s3")
        .get_paginator("list_buckets")
        .paginate(BucketRegion=account.region, PaginationConfig={"PageSize": 1000})
    )
    return [one["Name"] for page in pages for one in page.get("Buckets", [])]


def _needed(account: Account, keys: Sequence[str], buckets: Sequence[str]) -> dict[str, str]:
    """Return why keys must stay; all of them where a bucket does not tell its key."""
    s3, kms = account.client("s3"), account.client("kms")
    found: dict[str, str] = {}
    for bucket in buckets:
        try:
            used = _keys_of(s3, kms, bucket)
        except ClientError as error:
            if (code := error_code(error)) != "NoSuchBucket":
                unread = f"s3://{bucket} may encrypt by it, its encryption cannot be read ({code})"
                found = dict.fromkeys(keys, unread) | found
            continue
        found |= dict.fromkeys(used.intersection(keys), f"s3://{bucket} stays and encrypts by it")
    return found


def _keys_of(s3: Any, kms: Any, bucket: str) -> set[str]:
    """Return the ids of the keys that the bucket encrypts by."""
    try:
        said = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    except ClientError as error:
        if error_code(error) == _UNCONFIGURED:
            return set()
        raise
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in said["Rules"]]
    names = [str(name) for one in defaults if (name := one.get("KMSMasterKeyID"))]
    return {_key_id(kms, name) for name in names}


def _key_id(kms: Any, name: str) -> str:
    """Return the id of a key that is named by its id, its ARN or an alias."""
    if "alias/" in name:
        return str(kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"])
    return name.rpartition("/")[2]
