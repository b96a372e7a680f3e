"""An answer drawn in the terminal: a chart for each column of numbers, over time or by name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from rich.cells import cell_len, set_cell_size

_HEIGHT = 8
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"
_AXIS = "┤"
_WIDEST_BAR = 6
_MOST_NAMES = 50


class NoChartError(Exception):
    """The columns allow no chart; the message is one line that says why."""


@dataclass(frozen=True)
class Scale:
    """From the least to the most of a column's values; zero is on it."""

    least: float
    most: float

    def part(self, value: float, steps: int) -> int:
        """Return how many of so many steps a value takes: at least one, so that it is seen."""
        span = self.most - self.least
        return max(1, round((value - self.least) / span * steps)) if span else 1


def chart(rows: pa.Table, width: int) -> list[str]:
    """Return the lines of a chart of each numeric column over the first one, which is a date, a time or a text."""
    _check(rows)
    draw = _by_name if pa.types.is_string(rows.schema.field(0).type) else _over_time
    lines: list[str] = []
    for name, column in zip(rows.column_names[1:], rows.columns[1:], strict=True):
        points = zip(rows.column(0).to_pylist(), map(_number, column.to_pylist()), strict=True)
        lines += [name, *draw(list(points), width), ""]
    return lines[:-1]


def _check(rows: pa.Table) -> None:
    first, *others = rows.schema
    if not others:
        raise NoChartError("one column draws nothing: select a date, a time or a text first, then numbers")
    if not (pa.types.is_date(first.type) or pa.types.is_timestamp(first.type) or pa.types.is_string(first.type)):
        raise NoChartError(f"the first column, {first.name}, is neither a date, nor a time, nor a text")
    for field in others:
        if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)):
            raise NoChartError(f"the column {field.name} holds no numbers")
    if rows.column(0).null_count == rows.num_rows:
        raise NoChartError("there are no rows" if not rows.num_rows else f"the column {first.name} is empty")
    if pa.types.is_string(first.type) and rows.num_rows > _MOST_NAMES:
        raise NoChartError(f"{rows.num_rows:,} bars are too many: say limit {_MOST_NAMES}")


def _by_name(points: Sequence[tuple[str | None, float | None]], width: int) -> list[str]:
    """Return a bar to the right for each row, in the answer's order."""
    scale = _scale([value for _, value in points])
    names = [set_cell_size(name or "", min(cell_len(name or ""), width // 3)) for name, _ in points]
    widest = max(map(cell_len, names))
    room = width - widest - 2 - max(len(_label(value)) for _, value in points)
    bars = [_bar(scale.part(value, room * 8)) if value is not None else "" for _, value in points]
    return [
        f"{set_cell_size(name, widest)} {bar} {_label(value)}".rstrip()
        for name, bar, (_, value) in zip(names, bars, points, strict=True)
    ]


def _bar(eighths: int) -> str:
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()


def _over_time(points: Sequence[tuple[date | None, float | None]], width: int) -> list[str]:
    """Return bars upwards, time to the right; one that holds several rows is as high as their mean."""
    timed = sorted(((at, value) for at, value in points if at is not None), key=lambda point: point[0])
    # A mean has two decimals, where its values may have none.
    room = width - 5 - max(len(_label(value)) for _, value in timed)
    slots = _slots(timed, room)
    means = [sum(values) / len(values) if values else None for values in slots]
    lines = _upwards(means, max(1, min(_WIDEST_BAR, room // len(slots))))
    first, last = (str(at).removesuffix("+00:00") for at in (timed[0][0], timed[-1][0]))
    left, right = lines[0].index(_AXIS) + 1, max(map(len, lines))
    ends = first if first == last else f"{first} {last.rjust(right - left - len(first) - 1)}"
    lines.append(f"{'':{left}}{ends}")
    most = max(map(len, slots))
    return [*lines, f"{'':{left}}a bar is the mean of up to {most} rows"] if most > 1 else lines


def _upwards(means: Sequence[float | None], bar: int) -> list[str]:
    scale = _scale(means)
    gutter = max(len(_label(scale.most)), len(_label(scale.least)))
    heights = [0 if value is None else scale.part(value, _HEIGHT * 8) for value in means]
    lines = []
    for level in reversed(range(_HEIGHT)):
        label = _label(scale.most) if level == _HEIGHT - 1 else _label(scale.least) if not level else ""
        blocks = (_EIGHTHS[min(8, max(0, height - level * 8))] * bar for height in heights)
        # A wide bar keeps its distance from the next.
        drawn = "".join(block[:-1] + " " if bar > 2 else block for block in blocks)
        lines.append(f"{label:>{gutter}} {_AXIS}{drawn}".rstrip())
    return lines


def _slots(timed: Sequence[tuple[date, float | None]], room: int) -> list[list[float]]:
    """Return the values of each equal stretch of time, as long as it takes for all to have room."""
    seconds = [_seconds(at) for at, _ in timed]
    step = math.gcd(*(at - seconds[0] for at in seconds)) or 1
    count = (seconds[-1] - seconds[0]) // step + 1
    folded = math.ceil(count / room)
    slots: list[list[float]] = [[] for _ in range(math.ceil(count / folded))]
    for at, (_, value) in zip(seconds, timed, strict=True):
        if value is not None:
            slots[(at - seconds[0]) // step // folded].append(value)
    return slots


def _seconds(at: date) -> int:
    return int(at.timestamp()) if isinstance(at, datetime) else at.toordinal() * 86_400


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _scale(values: Sequence[float | None]) -> Scale:
    known = [value for value in values if value is not None]
    return Scale(min(0.0, *known) if known else 0.0, max(0.0, *known) if known else 0.0)


def _label(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
