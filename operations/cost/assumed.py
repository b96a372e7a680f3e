"""What is assumed, because a laptop cannot measure it: ``assumed.yaml``, each figure with its reason."""

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Assumption:
    """One figure and why it is this one."""

    name: str
    value: float
    unit: str
    why: str


class Assumed:
    """The assumptions by name: each one's figure, and in `rows` all of it."""

    def __init__(self, rows: dict[str, Assumption]) -> None:
        self.rows = rows

    def __getitem__(self, name: str) -> float:
        return self.rows[name].value


def read_assumed() -> Assumed:
    """Return every assumption by its name."""
    rows = yaml.safe_load((files(__package__) / "assumed.yaml").read_text(encoding="utf-8"))
    return Assumed({name: Assumption(name, **row) for name, row in rows.items()})
