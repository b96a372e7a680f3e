"""The lake's one bucket as a folder: whole objects or none, and an event for each."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.times import utc

NAME = "task-lake"
STAGING = ".staging"


class S3UnavailableError(Exception):
    """S3 does not take the object now; it may be put again later."""


class LakeBucket:
    """S3's promise on a folder: a reader sees a complete object or nothing.

    Putting a key again replaces the object, so a run that was killed can write the same objects once more.
    ``is_down`` says whether the bucket takes no object at a moment.
    """

    def __init__(self, lake: Path, clock: VirtualClock, is_down: Callable[[float], bool] = lambda now: False) -> None:
        self._lake = lake
        self._clock = clock
        self._is_down = is_down
        self._folders: set[Path] = set()
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        (lake / STAGING).mkdir(parents=True, exist_ok=True)

    def on_object_created(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Hand each new object's EventBridge event to ``listener``."""
        self._listeners.append(listener)

    def put(self, key: str, body: bytes) -> Path:
        """Write one object and announce it; return where it lies. Raises ``S3UnavailableError``."""
        if self._is_down(self._clock.now()):
            raise S3UnavailableError(f"S3 takes no object now: {key}")
        staged = self.staging(key.rpartition("/")[2])
        staged.write_bytes(body)
        return self._publish(staged, key, len(body))

    def move_in(self, staged: Path, key: str) -> Path:
        """Turn a finished file of the staging folder into the object ``key`` and announce it."""
        return self._publish(staged, key, staged.stat().st_size)

    def staging(self, name: str) -> Path:
        """Return a path on the lake's own file system that no reader looks at."""
        return self._lake / STAGING / name

    def remove_staging(self) -> None:
        """Leave no trace of unfinished objects, of this run or of one that was killed."""
        shutil.rmtree(self._lake / STAGING, ignore_errors=True)

    def _publish(self, staged: Path, key: str, size: int) -> Path:
        path = self._lake / key
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        staged.replace(path)
        for listener in self._listeners:
            listener(self._object_created(key, size))
        return path

    def _object_created(self, key: str, size: int) -> dict[str, Any]:
        """Return the event as S3 sends it, its key not URL-encoded: docs/aws-semantics.md#s3-events-2."""
        return {
            "version": "0",
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": f"{utc(self._clock.now()):%Y-%m-%dT%H:%M:%SZ}",
            "detail": {"bucket": {"name": NAME}, "object": {"key": key, "size": size}, "reason": "PutObject"},
        }
