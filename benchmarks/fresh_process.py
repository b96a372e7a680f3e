"""What a cold start imports and what a batch costs in memory, each in a process of its own."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from local.traffic.todo_table import STREAM_ARN

LARGEST_ITEM = 400 * 1024
LARGEST_EVENT = 6 * 1024 * 1024  # docs/aws-semantics.md#event-source-mapping-1
IMPORTS = ("boto3", "cdc_lambda.handler", "benchmarks.powertools_handler")

_IMPORT = """
import time
started = time.perf_counter()
import {module}
print(time.perf_counter() - started)
"""
# The peak is read from /proc: getrusage's is never less than the parent's at the fork.
_HANDLE = """
import json, re, sys
from benchmarks.accepting import boto3_client, our_handler

handle = our_handler(boto3_client())
if len(sys.argv) > 1:
    with open(sys.argv[1], "rb") as file:
        event = json.load(file)
    assert handle(event) == {"batchItemFailures": []}
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def import_seconds(rounds: int) -> dict[str, float]:
    """Return the median seconds of each import, modules in turn."""
    seconds: dict[str, list[float]] = {module: [] for module in IMPORTS}
    for _ in range(rounds):
        for module, all_seconds in seconds.items():
            all_seconds.append(float(_python(_IMPORT.format(module=module))))
    return {module: round(statistics.median(times), 3) for module, times in seconds.items()}


def peak_mb() -> dict[str, float]:
    """Return the peak resident memory of handling nothing, the largest event there is, and 100 of the largest items."""
    one_image = _record(("NewImage",))
    both_images = _record(("NewImage", "OldImage"))
    in_an_event = LARGEST_EVENT // len(json.dumps(both_images))
    with tempfile.TemporaryDirectory() as folder:
        return {
            "nothing handled": _peak(None, Path(folder)),
            f"6 MB event: {in_an_event} changes, both images of 400 KB": _peak(
                [both_images] * in_an_event, Path(folder)
            ),
            "40 MB event: 100 changes, one image of 400 KB": _peak([one_image] * 100, Path(folder)),
        }


def _record(images: tuple[str, ...]) -> dict[str, Any]:
    keys = {"PK": {"S": "TASK#ada"}, "SK": {"S": "TASK#1"}}
    item = keys | {"created_at": {"N": "1760518800"}, "notes": {"S": "x" * LARGEST_ITEM}}
    change = {"ApproximateCreationDateTime": 1_760_518_800, "Keys": keys, "SequenceNumber": "1" * 21}
    return {
        "eventID": "1" * 32,
        "eventName": "MODIFY",
        "eventSourceARN": STREAM_ARN,
        "dynamodb": change | dict.fromkeys(images, item),
    }


def _peak(records: list[dict[str, Any]] | None, folder: Path) -> float:
    if records is None:
        return _megabytes(_python(_HANDLE))
    event = folder / "event.json"
    event.write_text(json.dumps({"Records": records}))
    return _megabytes(_python(_HANDLE, str(event)))


def _megabytes(kilobytes: str) -> float:
    return round(int(kilobytes.splitlines()[-1]) * 1024 / 1e6, 1)


def _python(script: str, *arguments: str) -> str:
    result = subprocess.run([sys.executable, "-c", script, *arguments], check=True, capture_output=True, text=True)
    return result.stdout
