"""Silver's maintenance on this machine."""

import uuid
from pathlib import Path

from rich.console import Console

from glue_jobs.jobs import silver_maintenance
from glue_jobs.jobs.silver_maintenance import Maintained
from local.spark import start_spark
from operations.progress import Stages
from operations.terminal import plain_table


def maintain_silver(lake: Path, retention_days: int, stages: Stages) -> list[Maintained]:
    """Return what maintenance did to each Silver table of the lake."""
    start_spark(lake)
    options = f"--JOB_NAME silver_maintenance --JOB_RUN_ID {uuid.uuid4().hex[:12]} --RETENTION_DAYS {retention_days}"
    with stages.stage("Silver  silver_maintenance") as bar:
        return silver_maintenance.main(["silver_maintenance", *options.split(), "--LAKE", f"file://{lake}"], bar.step)


def print_maintenance(console: Console, done: list[Maintained]) -> None:
    """Print each table's files and bytes before and after."""
    table = plain_table("Silver, before and after")
    table.add_column("table", no_wrap=True)
    for name in ("files", "MB", "stored files", "stored MB", "snapshots expired", "orphans"):
        table.add_column(name, justify="right")
    for each in done:
        before, after = each.before, each.after
        table.add_row(
            each.table,
            f"{before.files:,} → {after.files:,}",
            f"{before.bytes / 1e6:,.1f} → {after.bytes / 1e6:,.1f}",
            f"{before.stored_files:,} → {after.stored_files:,}",
            f"{before.stored_bytes / 1e6:,.1f} → {after.stored_bytes / 1e6:,.1f}",
            f"{each.snapshots_expired:,}",
            f"{each.orphans_removed:,}",
        )
    console.print(table)
