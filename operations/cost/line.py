"""A line of the report: so much of something at its price."""

from dataclasses import dataclass

from operations.cost.prices import Price, Prices


@dataclass(frozen=True)
class Line:
    """What one thing costs a month.

    ``basis`` says where the quantity comes from: m measured, t the templates, a assumed, v the volume that was typed.
    """

    part: str
    name: str
    quantity: float
    price: Price
    basis: str
    note: str = ""

    @property
    def dollars(self) -> float:
        """Return the list price, before what is free."""
        return self.price.dollars(self.quantity)


@dataclass(frozen=True)
class Estimate:
    """All lines, and what is likely to break before it costs."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...]
    prices: Prices

    @property
    def total(self) -> float:
        """Return the dollars a month at list prices."""
        return sum(line.dollars for line in self.lines)

    @property
    def allowance(self) -> float:
        """Return how much of it is free if nothing else in the account uses what AWS gives for nothing."""
        return sum(self.prices[name].allowance(quantity) for name, quantity in self.quantities().items())

    def quantities(self) -> dict[str, float]:
        """Return the quantity of each price, in the order of the lines."""
        found: dict[str, float] = {}
        for line in self.lines:
            found[line.price.name] = found.get(line.price.name, 0.0) + line.quantity
        return found

    def drivers(self, count: int = 3) -> list[Line]:
        """Return the lines that cost most."""
        return sorted(self.lines, key=lambda line: -line.dollars)[:count]
