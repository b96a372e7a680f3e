"""The failure store of an input itself: the lines that are not of its kind."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from local.s3.bucket import LakeBucket
from local.stream.json_line import Rejection

PLACE = "errors/input"
_SHOWN = 20


class RejectedLines:
    """Collects one run's rejected lines and puts them into the lake as one object, if there are any."""

    def __init__(self, bucket: LakeBucket, name: str) -> None:
        self._bucket = bucket
        self._name = name
        self._staged = bucket.staging(f"rejected_{name.replace('/', '_')}")
        self._file: TextIO | None = None
        self.count = 0
        self.first: list[Rejection] = []
        self.paths: list[Path] = []

    def keep(self, rejection: Rejection) -> None:
        """Keep one line whole, with its number and reason."""
        if self._file is None:
            self._file = self._staged.open("w", encoding="utf-8")
        self._file.write(json.dumps(rejection.document()) + "\n")
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(rejection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        self._file.close()
        if kind is None:
            self.paths.append(self._bucket.move_in(self._staged, f"{PLACE}/{self._name}.jsonl"))
