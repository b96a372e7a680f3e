"""What a job tells whoever started it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

# Called with one line when a step is done: a print on Glue, a progress bar on a laptop.
Observer = Callable[[str], None]


UNCHANGED = "unchanged"


@dataclass(frozen=True)
class TableOutcome:
    """What one run did to one table; the verdict is the gate's `pass`, `warn` or `fail`, or `unchanged`."""

    table: str
    rows_in: int = 0
    rows_out: int = 0
    rejected: int = 0
    deduplicated: int = 0
    bytes_written: int = 0
    verdict: str = UNCHANGED
    seconds: float = 0.0
    gate_seconds: float = 0.0


@dataclass(frozen=True)
class JobOutcome:
    """What one run of a job did: a line a table it changed, none if nothing was new, and the newest change it read."""

    tables: list[TableOutcome]
    data_docs: str | None = None
    bronze_objects: int = 0
    newest_at: datetime | None = None
    warnings: list[str] = field(default_factory=list)
    # Silver's jobs have one table that the others are made of; Gold's tables are counted together.
    is_led: bool = True


def to_log(line: str) -> None:
    """Print the line at once: the driver's log on Glue."""
    print(line, flush=True)
