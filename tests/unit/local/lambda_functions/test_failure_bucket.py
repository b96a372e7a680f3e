from pathlib import Path

from local.clock import VirtualClock
from local.lambda_functions.failure_bucket import FailureBucket
from local.s3.bucket import LakeBucket
from tests.unit.local.stream_records import NOON, objects


def test_a_document_that_s3_does_not_take_is_held_and_put_again_every_minute(tmp_path: Path) -> None:
    clock, kept = VirtualClock(NOON), list[float]()
    bucket = FailureBucket(LakeBucket(tmp_path, clock, is_down=lambda now: now < NOON + 150), clock)
    bucket.keep("errors/x/", "document", lambda: kept.append(clock.now()))
    assert (objects(tmp_path, "errors"), bucket.paths, kept) == ({}, [], [])
    clock.run_until_idle()
    assert kept == [NOON + 180]
    ((key, body),) = objects(tmp_path, "errors").items()
    assert key.startswith("errors/x/2025/10/15/2025-10-15T12.00.00-")
    assert (body, bucket.paths) == (b"document", [tmp_path / key])
