"""What a replay did, on a laptop or on AWS, and how it is told."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console

from operations.terminal import plain_table

# A service's words may hold an id or a record: then there are as many reasons as records.
REASONS_SHOWN: Final = 20
_REASON_LENGTH: Final = 300


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did: the records each store held before and after, and why those that are left are left."""

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    def leave(self, store: str, reason: str, records: int, example: str) -> None:
        """Count records of a store that are left, and keep where the first of their reason lies."""
        self.after[store] += records
        self.reasons[store, reason] += records
        self.examples.setdefault((store, reason), example)


def print_report(console: Console, report: ReplayReport, left: str = "left", each: str = "left") -> None:
    """Print each store's records, how many of them are left, and after the word ``each`` why they lie there."""
    if not report.before:
        console.print("The failure stores are empty: nothing to replay.")
        return
    table = plain_table("Replay")
    table.add_column("failure store", no_wrap=True)
    for name in ("records", left):
        table.add_column(name, justify="right", no_wrap=True)
    for store in sorted({*report.before, *report.after}):
        table.add_row(store, f"{report.before[store]:,}", f"{report.after[store]:,}")
    console.print(table)
    console.print("A record counts as often as it is kept, here; in a run's account it counts once.", style="dim")
    ranked = sorted(report.reasons.items(), key=lambda one: (-one[1], one[0]))
    lines = [
        f"{each}: {count:,} in {store}: {reason[:_REASON_LENGTH]}, see {report.examples[store, reason]}"
        for (store, reason), count in ranked[:REASONS_SHOWN]
    ]
    if others := ranked[REASONS_SHOWN:]:
        lines.append(f"{each}: {sum(count for _, count in others):,} for {len(others):,} other reasons")
    for line in lines:
        console.print(line, style="yellow", markup=False, soft_wrap=True)
