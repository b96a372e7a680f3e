"""The report of a deployed lake: estimate, usage and bill side by side."""

import json
from typing import Any

from rich.console import Console

from operations.cost.compare import Deployed
from operations.cost.day import LEDGER
from operations.cost.report import amount, counted, money, plain_table

_COLUMNS = ("price", "estimated", "used", "unit", "USD estimated", "USD used", "USD billed")
_UNTOLD = (
    "–: nobody counts that use (requests to S3 and KMS, events, transitions, metrics), or it is billed under no tag "
    "(custom metrics, the catalog)."
)


def print_comparison(console: Console, lake: Deployed) -> None:
    """Print a row a price, then what could not be told, and what telling it cost."""
    volume, objects = lake.volume, lake.usage.rows_a_day.get(LEDGER, 0)
    console.print(
        f"{counted(lake.span.days, 'day')} to {lake.span.end:%Y-%m-%d}, made a month. "
        f"A day had {counted(volume.changes, 'change')}, {counted(volume.log_lines, 'log line')}, "
        f"{counted(objects, 'object')}; {counted(volume.users, 'user')}, as typed.",
        style="bold",
        soft_wrap=True,
    )
    table = plain_table(*_COLUMNS, right=set(_COLUMNS) - {"price", "unit"})
    for row in lake.rows:
        quantities = (amount(row.estimated), amount(row.used), row.price.unit)
        dollars = (row.estimated_dollars, row.used_dollars, row.billed_dollars)
        table.add_row(row.price.name, *quantities, *map(money, dollars))
    console.print(table)
    _print_totals(console, lake)
    for remark in lake.remarks:
        console.print(remark, style="yellow", soft_wrap=True, markup=False)
    asking = lake.asking.dollars(lake.bill.requests)
    price = f" Asking Cost Explorer cost ${asking:,.2f}." if lake.bill.requests else ""
    console.print(f"{_UNTOLD}{price}", soft_wrap=True)


def comparison_rows(lake: Deployed) -> list[dict[str, Any]]:
    """Return the rows as plain ones."""
    return [
        {
            "price": row.price.name,
            "unit": row.price.unit,
            "estimated": row.estimated,
            "used": row.used,
            "usd_estimated": row.estimated_dollars,
            "usd_used": row.used_dollars,
            "usd_billed": row.billed_dollars,
        }
        for row in lake.rows
    ]


def comparison_json(lake: Deployed) -> str:
    """Return the whole report as one JSON object."""
    document = {
        "days": lake.span.days,
        "volume": vars(lake.volume),
        "rows": comparison_rows(lake),
        "billed_besides": lake.bill.others,
        "remarks": lake.remarks,
    }
    return json.dumps(document, indent=2)


def _print_totals(console: Console, lake: Deployed) -> None:
    told = [row for row in lake.rows if row.used is not None]
    estimated = sum(row.estimated_dollars for row in lake.rows)
    used, likewise = sum(row.used_dollars or 0 for row in told), sum(row.estimated_dollars for row in told)
    billed = [*lake.bill.dollars.values(), *lake.bill.others.values()]
    bill = f"${sum(billed):,.2f} billed under the tags." if billed else "What was billed is not known."
    console.print(
        f"${estimated:,.2f} estimated. Of the {len(told)} prices whose use AWS tells, ${likewise:,.2f} estimated and "
        f"${used:,.2f} used. {bill}",
        soft_wrap=True,
    )
    for title, dollars in sorted(lake.bill.others.items(), key=lambda each: -each[1]):
        console.print(f"  billed, and no price of ours: ${dollars:,.2f} {title}", soft_wrap=True, markup=False)
