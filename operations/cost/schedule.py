"""How often an EventBridge Scheduler expression comes up: ``cron(15 2 * * ? *)``, ``rate(1 hour)``."""

import re
from typing import Final

DAYS_A_MONTH: Final = 730 / 24
_UNITS: Final = {"minute": 1, "hour": 60, "day": 1440}
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class ScheduleError(ValueError):
    """The expression is none of Scheduler's, or of a kind whose runs a month nobody can say."""


def runs_a_month(expression: str) -> float:
    """Return how many times a mean month of 730 hours the schedule comes up."""
    if found := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return DAYS_A_MONTH * 1440 / (int(found[1]) * _UNITS[found[2]])
    if not (found := re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)):
        raise ScheduleError(f"{expression} is no cron(…) of six fields and no rate(…)")
    minute, hour, day, month, weekday, _ = found.groups()
    if month != "*":
        raise ScheduleError(f"{expression} does not come up every month")
    times = _count(minute, range(60), expression) * _count(hour, range(24), expression)
    if weekday not in {"?", "*"}:
        return times * DAYS_A_MONTH / 7 * _count(_numbered(weekday), range(1, 8), expression)
    return times * (DAYS_A_MONTH if day in {"?", "*"} else _count(day, range(1, 32), expression))


def _count(field: str, values: range, expression: str) -> int:
    """Return how many of the values a field of cron names: ``*``, ``5``, ``1-5``, ``0/15``, or several of them."""
    chosen: set[int] = set()
    for part in field.split(","):
        if not (found := re.fullmatch(r"(?:(\*)|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)):
            raise ScheduleError(f"{expression}: nobody can say how often {part} comes up")
        star, first, last, step = found.groups()
        begin = values[0] if star else int(first)
        end = values[-1] if star or (step and not last) else int(last or first)
        chosen |= set(range(begin, end + 1, int(step or 1))) & set(values)
    return len(chosen)


def _numbered(weekday: str) -> str:
    for number, name in enumerate(_DAYS, start=1):
        weekday = weekday.upper().replace(name, str(number))
    return weekday
