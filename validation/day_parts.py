"""The generated day cut into parts of time, each as the files of a run."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from local.options import Inputs
from local.traffic.day import day, day_logs

Line = dict[str, Any]


def day_parts(folder: Path, number: int) -> list[Inputs]:
    """Write the day's stream records and log lines in so many parts, about as many records in each; return them."""
    records = list(day())
    moments = [_changed(record) for record in records]
    cuts = [moments[at * len(moments) // number] for at in range(1, number)]
    spans = list(zip([0.0, *cuts], [*cuts, float("inf")], strict=True))
    logs = day_logs(records)
    return [
        Inputs(
            write(folder / f"part-{at}.stream.jsonl", _between(records, _changed, *span)),
            write(folder / f"part-{at}.logs.jsonl", _between(logs, _logged, *span)),
        )
        for at, span in enumerate(spans, start=1)
    ]


def write(path: Path, lines: Sequence[Line]) -> Path:
    """Write records, one a line, and return where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


def _changed(record: Line) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _logged(event: Line) -> float:
    return float(event["timestamp"]) / 1000


def _between(lines: Sequence[Line], moment: Callable[[Line], float], start: float, end: float) -> list[Line]:
    return [line for line in lines if start <= moment(line) < end]
