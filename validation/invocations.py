"""What both functions say of themselves while a lake captures: the log line of each invocation."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from cdc_lambda.delivery import MAX_CALL_RECORDS


@dataclass
class Invocations:
    """The lines, as CloudWatch would get them."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def of(self, component: str) -> list[dict[str, Any]]:
        """Return one function's lines: `cdc_lambda` or `log_forwarder`."""
        return [line for line in self.lines if line["component"] == component]

    def most_delivered(self, component: str) -> int:
        """Return the most records that one of its PutRecordBatch calls had."""
        return min(max((line["Delivered"] for line in self.of(component)), default=0), MAX_CALL_RECORDS)

    def invocations_a_minute(self, component: str) -> int:
        """Return the most invocations of a function in one minute."""
        minutes = Counter(line["_aws"]["Timestamp"] // 60_000 for line in self.of(component))
        return max(minutes.values(), default=0)

    def calls(self, component: str, seconds: int) -> int:
        """Return the most calls of PutRecordBatch in one such span of time."""
        spans: Counter[int] = Counter()
        for line in self.of(component):
            span = line["_aws"]["Timestamp"] // (1000 * seconds)
            spans[span] += ceil(line["Delivered"] / MAX_CALL_RECORDS)
        return max(spans.values(), default=0)


@contextmanager
def heard() -> Iterator[Invocations]:
    """Give what the functions log while the context is open."""
    found, logger = Invocations(), logging.getLogger("cdc_lambda")
    ear = logging.Handler()
    ear.emit = lambda record: found.lines.append(json.loads(record.getMessage()))  # type: ignore[method-assign]
    former = logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.INFO)
    try:
        yield found
    finally:
        logger.removeHandler(ear)
        logger.setLevel(former)
