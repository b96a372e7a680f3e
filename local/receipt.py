"""What a run leaves behind about itself: `runs/<run id>.json`."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from glue_jobs.jobs.outcome import TableOutcome
from local.accounting import Account


@dataclass
class Receipt:
    """One run: what it read, what it did to each table, and where to look."""

    run_id: str
    lake: str
    events: str | None
    logs: str | None = None
    faults: str | None = None
    seed: int | None = None
    verdict: str = "interrupted"
    seconds: float = 0.0
    faults_met: dict[str, int] = field(default_factory=dict)
    # Where each record that was handed over ended, by source.
    accounts: dict[str, Account] = field(default_factory=dict)
    tables: list[TableOutcome] = field(default_factory=list)
    data_docs: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error_paths: list[str] = field(default_factory=list)
    # Of what each Silver job read, the newest change's or line's own time.
    newest_at: dict[str, str] = field(default_factory=dict)

    def write(self) -> Path:
        """Write the receipt into the lake and return its path."""
        path = Path(self.lake, "runs", f"{self.run_id}.json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")
        return path
