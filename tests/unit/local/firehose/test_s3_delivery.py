from pathlib import Path

import pytest

from local.clock import VirtualClock
from local.firehose.s3_delivery import FirehoseObject, deliver
from local.s3.bucket import LakeBucket

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("up_at", "settled_at", "is_lost"),
    [(0, 70, False), (71, 130, False), (600, 610, False), (DAY + 10, DAY + 10, False), (DAY + 11, DAY + 10, True)],
)
def test_an_object_is_put_again_each_minute_until_its_oldest_record_is_a_day_old(
    tmp_path: Path, up_at: float, settled_at: float, is_lost: bool
) -> None:
    clock, settled = VirtualClock(70), list[tuple[float, Path | None]]()
    bucket = LakeBucket(tmp_path, clock, lambda now: now < up_at)
    finished = FirehoseObject("bronze/x", b"body", "bronze", [b"record"], oldest_arrival=10)
    deliver(finished, bucket, clock, lambda path: settled.append((clock.now(), path)))
    clock.run_until_idle()
    assert settled == [(settled_at, None if is_lost else tmp_path / "bronze/x")]
