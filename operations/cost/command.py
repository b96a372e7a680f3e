"""``make cost``: what is typed becomes a volume, and the volume a report."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from operations.account import Account
from operations.cost.bill import read_bill
from operations.cost.choices import effects
from operations.cost.compare import Deployed, compare, volume_of
from operations.cost.comparison_report import comparison_json, comparison_rows, print_comparison
from operations.cost.day import Volume
from operations.cost.export import report_rows, to_csv, to_json
from operations.cost.metrics import Span
from operations.cost.model import estimate, read_knowledge
from operations.cost.report import FORMATS, Report, print_report
from operations.cost.settings import Settings
from operations.cost.template_settings import read_settings
from operations.cost.templates import read_templates
from operations.cost.usage import read_usage
from operations.errors import OptionError
from operations.stack import find_stack
from operations.stage import Stage
from operations.terminal import console

_VOLUME = {
    "CHANGES_PER_DAY": "changes",
    "USERS": "users",
    "LOG_LINES": "log_lines",
    "QUERIES": "queries",
    "MONTHS": "months",
}
# A lake has at least one user, and stands at least a month. CloudWatch keeps a day's sum for 455 of them.
_BOUNDS = {"USERS": (1, 10**12), "MONTHS": (1, 1200), "DAYS": (1, 365)}
_OTHER_BOUNDS = (0, 10**12)


def to_volume(typed: Mapping[str, str]) -> Volume:
    """Return the volume of what was typed, defaults for the rest; raise OptionError for what is no number of things."""
    given = {field: _number(name, typed[name]) for name, field in _VOLUME.items() if typed.get(name)}
    return replace(Volume(), **given)


def check_format(name: str) -> None:
    """Raise OptionError if nobody writes this format."""
    if name not in FORMATS:
        raise OptionError(f"FORMAT={name} is unknown: choose one of {', '.join(FORMATS)}")


def print_estimate(volume: Volume, user_buckets: str, format_: str) -> None:
    """Print what a lake of this volume costs, by this checkout's templates."""
    settings = _with_buckets(read_settings(read_templates()), user_buckets)
    known = read_knowledge()
    report = Report(volume, settings, estimate(volume, settings, known), effects(volume, settings, known), known)
    match format_:
        case "csv":
            sys.stdout.write(to_csv(report_rows(report.estimate)))
        case "json":
            sys.stdout.write(to_json(report) + "\n")
        case _:
            print_report(console(), report)


def print_usage(account: Account, stage: Stage, typed: Volume, days: int, format_: str) -> None:
    """Print what a deployed lake cost: the estimate for what came in, beside AWS's own counts and bill."""
    stack = find_stack(account.client("cloudformation"), stage.stack_name)
    if not stack:
        raise OptionError(
            f"there is no stack {stage.stack_name} in {account.region}: `make deploy STAGE={stage.name}` makes one"
        )
    settings = read_settings(read_templates(given={name: value for name, value in stack.parameters.items() if value}))
    known, span = read_knowledge(), Span.before(datetime.now(UTC), days)
    usage = read_usage(account, span, settings, stack.outputs.get("LakeBucketName", ""))
    bill = read_bill(account, stage, span, known.prices)
    volume = volume_of(usage, typed)
    rows = compare(estimate(volume, settings, known), usage, bill)
    lake = Deployed(span, volume, usage, bill, rows, known.prices["cost_explorer_requests"])
    match format_:
        case "csv":
            sys.stdout.write(to_csv(comparison_rows(lake)))
        case "json":
            sys.stdout.write(comparison_json(lake) + "\n")
        case _:
            print_comparison(console(), lake)


def to_days(typed: str) -> int:
    """Return the whole days before today that the bill is read for."""
    return int(_number("DAYS", typed or "30"))


def _number(name: str, typed: str) -> float:
    least, most = _BOUNDS.get(name, _OTHER_BOUNDS)
    digits = re.sub(r"[_,]", "", typed.strip())
    # Of thousands of digits Python makes no number.
    if not re.fullmatch(r"[0-9]{1,20}", digits) or not least <= int(digits) <= most:
        raise OptionError(f"{name}={typed[:40]} is no whole number from {least} to {most:,}")
    return float(digits)


def _with_buckets(settings: Settings, typed: str) -> Settings:
    return replace(settings, user_buckets=int(_number("USER_BUCKETS", typed))) if typed else settings
