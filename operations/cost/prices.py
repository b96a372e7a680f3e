"""The price table ``prices.yaml``: what AWS asks for a unit, where that stands, and how the bill calls it."""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

import yaml

from operations.errors import OptionError

SEEN: Final = {
    "page": "a stored copy of AWS's own page",
    "list": "AWS's price list as a public project recorded it",
    "words": "public prose that quotes AWS's page",
    "record": "the decision record",
    "memory": "memory: check it before you rely on it",
}


@dataclass(frozen=True)
class Price:
    """Dollars for ``per`` units; the first ``free`` units of a month cost nothing, once an account."""

    name: str
    usd: float
    per: float
    unit: str
    free: float
    region: str
    checked: date
    seen: str
    source: str
    service: str
    usage: str

    @property
    def is_sure(self) -> bool:
        """Return whether the figure was read somewhere."""
        return self.seen != "memory"

    def dollars(self, quantity: float) -> float:
        """Return what so many units cost at list price."""
        return quantity / self.per * self.usd

    def allowance(self, quantity: float) -> float:
        """Return how much of it is free, if nothing else in the account uses the allowance."""
        return self.dollars(min(quantity, self.free))


class Prices(dict[str, Price]):
    """The prices by name; asking for one that the table has not raises OptionError."""

    def __missing__(self, name: str) -> Price:
        raise OptionError(f"operations/cost/prices.yaml has no price {name}, which the templates ask for: add its row")


def read_prices() -> Prices:
    """Return every price by its name."""
    rows = yaml.safe_load((files(__package__) / "prices.yaml").read_text(encoding="utf-8"))
    return Prices({name: Price(name, **row) for name, row in rows.items()})
