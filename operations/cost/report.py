"""The report as tables for a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from operations.cost.choices import Effect
from operations.cost.day import Volume
from operations.cost.decision_record import beside_the_record
from operations.cost.line import Estimate
from operations.cost.model import Knowledge
from operations.cost.prices import SEEN
from operations.cost.settings import Settings

FORMATS = ("table", "csv", "json")
_BASIS = "m measured on a laptop, t the templates, a assumed, v the volume typed"
_NOT_IN_IT = "the table and the API themselves with their log groups, X-Ray traces, tax, discounts for large volumes"


@dataclass(frozen=True)
class Report:
    """An estimate for a volume, what each choice makes of it, and what both rest on."""

    volume: Volume
    settings: Settings
    estimate: Estimate
    effects: list[Effect]
    known: Knowledge


def counted(number: float, thing: str) -> str:
    """Return so many of a thing, one or more."""
    return f"{number:,.0f} {thing}{'' if round(number) == 1 else 's'}"


def print_report(console: Console, report: Report) -> None:
    """Print what the lake costs, what drives it, what each choice changes, and what it all rests on."""
    volume, estimate = report.volume, report.estimate
    console.print(
        f"{counted(volume.changes, 'change')} a day of {counted(volume.users, 'user')}, "
        f"{counted(volume.log_lines, 'log line')}, {counted(volume.queries, 'question')}, "
        f"after {counted(volume.months, 'month')}; us-east-1, list prices, USD a month.",
        style="bold",
        soft_wrap=True,
    )
    console.print(_lines(estimate))
    console.print(
        f"${estimate.total:,.2f} a month. What AWS always gives for nothing takes up to ${estimate.allowance:,.2f} "
        "off, if nothing else in the account uses it.",
        style="bold",
        soft_wrap=True,
    )
    _print_drivers(console, estimate)
    console.print("\nWhat each choice changes", style="bold")
    console.print(_choices(report.effects))
    console.print("\nBeside the decision record (ADR-005)", style="bold")
    console.print(_record(report))
    _print_grounds(console, report)


def money(dollars: float | None) -> str:
    """Return dollars as a table shows them; a dash where nobody can tell."""
    if dollars is None:
        return "–"
    return "<0.01" if 0 < dollars < 0.005 else f"{dollars:,.2f}"


def amount(quantity: float | None) -> str:
    """Return a quantity as a table shows it."""
    if quantity is None:
        return "–"
    return f"{quantity:,.0f}" if quantity >= 100 or quantity == int(quantity) else f"{quantity:,.3f}"


def plain_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table of the house's plain look."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in set(right) else "left", overflow="fold")
    return table


def _lines(estimate: Estimate) -> Table:
    table = plain_table("part", "line", "quantity", "unit", "USD", "basis", "note", right=("quantity", "USD"))
    part = ""
    for line in estimate.lines:
        quantity, usd = amount(line.quantity), money(line.dollars)
        shown, part = "" if line.part == part else line.part, line.part
        table.add_row(shown, line.name, quantity, line.price.unit, usd, line.basis, line.note)
    return table


def _print_drivers(console: Console, estimate: Estimate) -> None:
    console.print("\nWhat drives it", style="bold")
    for line in estimate.drivers():
        share = line.dollars / estimate.total if estimate.total else 0
        said = f"  ${line.dollars:,.2f}  {share:.0%}  {line.name}{line.note and f': {line.note}'}"
        console.print(said, soft_wrap=True, markup=False)
    for warning in estimate.warnings:
        console.print(f"  {warning}", style="yellow", soft_wrap=True, markup=False)


def _choices(effects: list[Effect]) -> Table:
    table = plain_table("choice", "then", "USD", "difference", "what it takes", right=("USD", "difference"))
    for effect in effects:
        choice, difference = effect.choice, f"{effect.difference:+,.2f}"
        table.add_row(choice.name, choice.then, money(effect.then), difference, choice.takes)
    return table


def _record(report: Report) -> Table:
    table = plain_table("one", "record", "here", "why", right=("record", "here"))
    for each in beside_the_record(report.estimate, report.settings):
        table.add_row(each.what, f"{each.record:,.3f}", f"{each.here:,.3f}", each.why)
    return table


def _print_grounds(console: Console, report: Report) -> None:
    measured = report.known.measured
    said = [
        f"basis: {_BASIS}",
        f"measured: run {measured.run} on {measured.machine}; `{measured.command}` wrote measured.yaml",
        *(
            f"assumed: {each.name} = {each.value:g} {each.unit}: {each.why}"
            for each in report.known.assumed.rows.values()
        ),
        *(
            f"price {name}, ${price.usd:g}: {SEEN[price.seen]}"
            for name, price in report.estimate.prices.items()
            if not price.is_sure and report.estimate.quantities().get(name)
        ),
        f"not in it: {_NOT_IN_IT}",
    ]
    console.print("\nWhat it rests on", style="bold")
    for line in said:
        console.print(f"  {line}", soft_wrap=True, markup=False)
