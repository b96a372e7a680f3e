"""How long the deployed function's code takes for a batch, its HTTP answered at once."""

import json
import statistics
import time

from benchmarks.accepting import boto3_client, our_handler
from benchmarks.records import BATCH_SIZE, events

_WARM_UP, _BATCHES = 10, 60


def batch_seconds() -> float:
    """Return the seconds of one batch of 100 changes, the median of some, on this machine."""
    handle = our_handler(boto3_client())
    seconds = []
    for text in events((_WARM_UP + _BATCHES) * BATCH_SIZE):
        event = json.loads(text)
        started = time.perf_counter()
        handle(event)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[_WARM_UP:])
