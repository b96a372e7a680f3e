"""What a run on a laptop measured: ``measured.yaml``, made by ``python -m operations.cost.measure``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import yaml

from operations.cost.arrivals import Curve

BUCKETS: Final = 32  # folders a date, for which `bucket` was measured
OPEN_SECONDS: Final = 60  # the buffer for which `open_folders` was measured
STEP_BYTES: Final = 5 * 1024  # Firehose bills a record in such steps: https://aws.amazon.com/firehose/pricing/


@dataclass(frozen=True)
class Flow:
    """One source: a record's bytes on its way, and how its records spread over folders and time."""

    records: int
    users: int
    record_bytes: float
    billed_bytes: float
    jq_seconds: float
    objects: int
    object_bytes: float
    row_bytes: float
    shared_share: float
    folder: Curve
    bucket: Curve
    shared: Curve
    calls: Curve
    open_folders: int
    silver_row_bytes: float

    def objects_of(self, records: float, users: float, buckets: int, seconds: float) -> float:
        """Return the objects that ``records`` of so many users become in a day, by a buffer of ``seconds``.

        ``shared_share`` of them have no user, and one folder.
        """
        own, shared = records * (1 - self.shared_share), records * self.shared_share
        folders, like, shape = (users, self.users, self.folder)
        if buckets and buckets < users:
            folders, like, shape = (buckets, BUCKETS, self.bucket)
        density = (own / folders) / (self.records * (1 - self.shared_share) / like) if self.shared_share < 1 else 0
        made = own * shape.at(seconds * density)
        return made + shared * self.shared.at(seconds * records / self.records)


@dataclass(frozen=True)
class Measured:
    """One measured run: both sources, the ledger's, and the seconds and files of its jobs."""

    command: str
    machine: str
    run: str
    flows: dict[str, Flow]
    job_seconds: Mapping[str, float]
    row_seconds: float
    handler_seconds: float
    files_a_run: Mapping[str, int]
    bytes_a_run: Mapping[str, int]
    metrics: Mapping[str, int]
    function_log_bytes: int


def billed(size: int) -> int:
    """Return the bytes that Firehose bills for a record of so many."""
    return math.ceil(size / STEP_BYTES) * STEP_BYTES


def read_measured() -> Measured:
    """Return the measured run."""
    return to_measured(yaml.safe_load((files(__package__) / "measured.yaml").read_text(encoding="utf-8")))


def to_measured(document: Mapping[str, Any]) -> Measured:
    """Return the document of ``measured.yaml`` as what it means."""
    flows = {
        name: Flow(**{key: _value(value) for key, value in flow.items()}) for name, flow in document["flows"].items()
    }
    return Measured(**{**document, "flows": flows})


def _value(value: Any) -> Any:
    return Curve(tuple((float(s), float(v)) for s, v in value.items())) if isinstance(value, dict) else value
