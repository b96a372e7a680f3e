"""What the SQL files may scan: their budgets, for the growth of a year that ``growth.yaml`` expects."""

from dataclasses import dataclass

from athena_queries.analyst_file import read_analyst_files
from athena_queries.gold_table import read_gold_tables
from athena_queries.lints.budget import MB, budget_bytes, expected_rows
from operations.cost.day import CHANGES, LOGS, Day

LEAST_SCANNED = 10 * 1024**2  # that a statement of Athena's is billed for
TB = 1024**4
_DAYS_OF_GROWTH = 365


@dataclass(frozen=True)
class Scans:
    """The budget of each Gold table with the stream that it grows by, and those of the analysts' files, in bytes."""

    gold: dict[str, tuple[int, str]]
    questions: tuple[int, ...]
    rows_a_day: dict[str, float]

    def grown(self, budget: float, stream: str, day: Day) -> float:
        """Return what a file scans at this volume and age: its budget in proportion, and never less than 10 MB."""
        share = day.rows[stream] / self.rows_a_day[stream] * day.volume.months / 12
        return max(budget * share, LEAST_SCANNED)

    def of_gold(self, day: Day, statements: float) -> float:
        """Return what one build of all of Gold scans: each table's CTAS, and statements that scan next to nothing."""
        rest = (statements - 1) * LEAST_SCANNED
        return sum(self.grown(budget, stream, day) + rest for budget, stream in self.gold.values())

    def of_a_question(self, day: Day) -> float:
        """Return what a question scans, if each file is asked as often as the others."""
        return sum(self.grown(budget, CHANGES, day) for budget in self.questions) / len(self.questions)


def read_scans() -> Scans:
    """Return the budgets from where they stand: each Gold table's metadata, each analyst's header."""
    rows = expected_rows()
    return Scans(
        gold={
            table.name: (table.budget_mb * MB, LOGS if any("silver.api_" in name for name in table.reads) else CHANGES)
            for table in read_gold_tables()
        },
        questions=tuple(budget_bytes(file.header["Budget"]) for file in read_analyst_files()),
        rows_a_day={
            CHANGES: rows["silver.task_changes"] / _DAYS_OF_GROWTH,
            LOGS: rows["silver.api_requests"] / _DAYS_OF_GROWTH,
        },
    )
