"""The report as CSV or JSON, for another program."""

import csv
import io
import json
from typing import Any

from operations.cost.choices import Effect
from operations.cost.line import Estimate
from operations.cost.report import Report


def report_rows(estimate: Estimate) -> list[dict[str, Any]]:
    """Return the lines as plain rows."""
    return [
        {
            "part": line.part,
            "line": line.name,
            "quantity": line.quantity,
            "unit": line.price.unit,
            "usd_per_unit": round(line.price.usd / line.price.per, 12),
            "usd_a_month": line.dollars,
            "basis": line.basis,
            "note": line.note,
        }
        for line in estimate.lines
    ]


def to_csv(rows: list[dict[str, Any]]) -> str:
    """Return rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def to_json(report: Report) -> str:
    """Return the whole report as one JSON object."""
    estimate = report.estimate
    document = {
        "volume": vars(report.volume),
        "usd_a_month": estimate.total,
        "always_free_usd": estimate.allowance,
        "lines": report_rows(estimate),
        "choices": [_effect_row(effect) for effect in report.effects],
        "warnings": list(estimate.warnings),
        "assumed": {name: vars(each) for name, each in report.known.assumed.rows.items()},
        "unsure_prices": [name for name, price in estimate.prices.items() if not price.is_sure],
    }
    return json.dumps(document, indent=2)


def _effect_row(effect: Effect) -> dict[str, Any]:
    return {
        "choice": effect.choice.name,
        "then": effect.choice.then,
        "usd_a_month": effect.then,
        "difference_usd": effect.difference,
        "what_it_takes": effect.choice.takes,
    }
