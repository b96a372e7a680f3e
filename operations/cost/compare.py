"""The estimate beside what was used and what was billed: a row a price."""

from dataclasses import dataclass

from operations.cost.bill import Bill
from operations.cost.day import CHANGES, LOGS, Volume
from operations.cost.line import Estimate
from operations.cost.metrics import Span
from operations.cost.prices import Price
from operations.cost.usage import Usage


@dataclass(frozen=True)
class Comparison:
    """One price: the model's quantity, the one that AWS counted, and what the bill says; None is: nobody can tell."""

    price: Price
    estimated: float
    used: float | None
    billed_dollars: float | None

    @property
    def estimated_dollars(self) -> float:
        """Return what the model's quantity costs."""
        return self.price.dollars(self.estimated)

    @property
    def used_dollars(self) -> float | None:
        """Return what the counted quantity costs at the table's price."""
        return None if self.used is None else self.price.dollars(self.used)


@dataclass(frozen=True)
class Deployed:
    """A deployed lake over a span of days: what came in, what was used and billed, and a row for each price."""

    span: Span
    volume: Volume
    usage: Usage
    bill: Bill
    rows: list[Comparison]
    asking: Price

    @property
    def remarks(self) -> list[str]:
        """Return a line for each thing that could not be told."""
        return [*self.usage.remarks, *self.bill.remarks]


def compare(estimated: Estimate, usage: Usage, bill: Bill) -> list[Comparison]:
    """Return a row for each price of the estimate, in its order."""
    quantities = estimated.quantities()
    return [
        Comparison(estimated.prices[name], quantity, usage.quantities.get(name), bill.dollars.get(name))
        for name, quantity in quantities.items()
    ]


def volume_of(usage: Usage, typed: Volume) -> Volume:
    """Return the volume that came in; users and questions are told by nobody and stay as typed."""
    return Volume(
        changes=usage.rows_a_day.get(CHANGES, typed.changes),
        users=typed.users,
        log_lines=usage.rows_a_day.get(LOGS, typed.log_lines),
        queries=typed.queries,
        months=typed.months,
    )
