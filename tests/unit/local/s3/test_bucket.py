from pathlib import Path
from typing import Any

import pytest

from local.clock import VirtualClock
from local.s3.bucket import LakeBucket, S3UnavailableError
from tests.unit.local.stream_records import NOON


def test_an_object_is_announced_once_it_is_there(tmp_path: Path) -> None:
    bucket, seen = LakeBucket(tmp_path, VirtualClock(NOON)), list[Any]()

    def listener(event: dict[str, Any]) -> None:
        key = event["detail"]["object"]["key"]
        seen.append((key, (tmp_path / key).read_bytes(), event["detail"]["object"]["size"], event["time"]))

    bucket.on_object_created(listener)
    assert bucket.put("a/b%2Fc/x.parquet", b"body") == tmp_path / "a/b%2Fc/x.parquet"
    assert seen == [("a/b%2Fc/x.parquet", b"body", 4, "2025-10-15T12:00:00Z")]


def test_putting_a_key_again_replaces_the_object(tmp_path: Path) -> None:
    bucket = LakeBucket(tmp_path, VirtualClock())
    bucket.put("a", b"old")
    assert bucket.put("a", b"new").read_bytes() == b"new"


def test_no_unfinished_object_stays(tmp_path: Path) -> None:
    bucket = LakeBucket(tmp_path, VirtualClock())
    bucket.staging("object").write_bytes(b"of a run that was killed")
    bucket.remove_staging()
    assert list(tmp_path.iterdir()) == []


def test_while_the_bucket_is_down_it_takes_nothing_and_announces_nothing(tmp_path: Path) -> None:
    clock, seen = VirtualClock(0), list[Any]()
    bucket = LakeBucket(tmp_path, clock, lambda now: now < 600)
    bucket.on_object_created(seen.append)
    with pytest.raises(S3UnavailableError):
        bucket.put("a/b", b"body")
    assert (seen, (tmp_path / "a").exists()) == ([], False)
    clock.advance_to(600)
    bucket.put("a/b", b"body")
    assert len(seen) == 1
