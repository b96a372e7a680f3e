"""What a run or a query prints."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from athena_queries.builds.build import HELD
from data_quality.gate import GateFailedError
from glue_jobs.jobs.outcome import UNCHANGED
from local.accounting import Account
from local.answer import print_answer
from local.capture import SourceReport
from local.failure_stores import failed_keys
from local.firehose.errors import PARTITIONS_EXCEEDED
from local.lake import lake_option
from local.options import API_LOGS, LEDGER, TASK_CHANGES
from local.receipt import Receipt
from local.run import ANALYST_FILE, RunReport
from local.stream.rejections import PLACE as INPUT_PLACE
from operations.terminal import plain_table

_LINES = {TASK_CHANGES: "stream record", API_LOGS: "log event"}
_HOMES = {TASK_CHANGES: "in Bronze", API_LOGS: "in Bronze", LEDGER: "in the ledger"}
_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", UNCHANGED: "dim", HELD: "yellow"}


def print_run(console: Console, report: RunReport) -> None:
    """Print the run's table, the analyst's answer, what was kept aside, and where things lie."""
    receipt, captured = report.receipt, report.captured
    console.print(_layers(receipt))
    _print_remarks(console, receipt)
    _print_kept_aside(console, report)
    if receipt.verdict == UNCHANGED:
        console.print("Nothing new: Bronze, Silver and Gold are as they were.", style="bold")
    elif already := sum(source.already_captured for source in captured.sources):
        console.print(f"{already:,} records of this input were captured before and not read again.")
    console.print(f"\n{_question(ANALYST_FILE)}", style="bold")
    print_answer(console, report.answer)
    for name, where in _places(report).items():
        console.print(f"{name:<14}{where}", soft_wrap=True)


def print_verdicts(console: Console, error: GateFailedError) -> None:
    """Print what stopped a run: each table's failed expectations with sample values, and what to do next."""
    console.print("The gate stopped this run; readers still see what was published before it:", style="red")
    for verdict in error.verdicts:
        for failure in verdict.failures:
            line = f"  {'fail' if failure.stops else 'warn'}  {verdict.table}: {failure}"
            console.print(line, style="red" if failure.stops else "yellow", markup=False, soft_wrap=True)
    console.print(f"Data Docs: {error.data_docs.removeprefix('file://')}", soft_wrap=True)
    is_gold = all(verdict.table.startswith("gold.") for verdict in error.verdicts)
    place = "SELECT or checks.sql in athena_queries/gold" if is_gold else "transform (the records stay in Bronze)"
    console.print(f"Mend the {place}, or the suite in data_quality/suites, and run again.", soft_wrap=True)


def print_remake(console: Console, receipt: Receipt) -> None:
    """Print the table of a run that made Silver anew, or sent its quarantine through again."""
    console.print(_layers(receipt))
    _print_remarks(console, receipt)
    if receipt.verdict == UNCHANGED:
        console.print("Nothing changed: Silver and Gold are as they were.", style="bold")


def _print_remarks(console: Console, receipt: Receipt) -> None:
    """Say what of Gold was published with a warning, which tables a rollback holds, and how that ends."""
    for warning in receipt.warnings:
        console.print(f"warn  {warning}", style="yellow", markup=False, soft_wrap=True)
    for done in receipt.tables:
        if done.verdict == HELD:
            again = f"make gold RESUME={done.table.removeprefix('gold.')}{lake_option(Path(receipt.lake))}"
            console.print(f"{done.table} is held by a rollback, until its files are edited: {again}", soft_wrap=True)


def _layers(receipt: Receipt) -> Table:
    title = f"Run {receipt.run_id}: {receipt.seconds:.1f} s"
    table = plain_table(title)
    table.add_column("layer", no_wrap=True)
    for name in ("rows in", "rows out", "rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for done in receipt.tables:
        table.add_row(
            done.table,
            f"{done.rows_in:,}",
            f"{done.rows_out:,}",
            f"{done.rejected:,}",
            f"[{_COLOURS.get(done.verdict, 'default')}]{done.verdict}",
            f"{done.seconds:.1f}",
        )
    return table


def _print_kept_aside(console: Console, report: RunReport) -> None:
    for source in report.captured.sources:
        if source.filtered:
            console.print(f"{source.filtered:,} records of other entities dropped by the mapping's FilterCriteria.")
        _print_rejections(console, source)
    for done in report.receipt.tables:
        if done.deduplicated:
            console.print(f"{done.table}: {done.deduplicated:,} rows came again: a redelivery changes nothing.")
    if report.receipt.faults:
        console.print(_faults(report), soft_wrap=True)
    for table, account in report.receipt.accounts.items():
        if account.failed or account.missing or report.receipt.faults:
            console.print(_sum(table, account), style="red" if account.missing else "default", soft_wrap=True)
    accounts = list(report.receipt.accounts.values())
    if any(set(account.failure_stores) - {INPUT_PLACE} for account in accounts):
        console.print(f"What a failure store holds goes back with: make replay{_lake_option(report)}", soft_wrap=True)
    if any(store.endswith(PARTITIONS_EXCEEDED) for each in accounts for store in each.failure_stores):
        console.print(
            "More than 500 folders were being written at once, as by a backlog; USER_BUCKETS=<n> makes fewer."
        )


def _print_rejections(console: Console, source: SourceReport) -> None:
    for rejection in source.rejections:
        console.print(f"line {rejection.line}: {rejection.reason}", style="yellow", markup=False)
    if source.rejected > len(source.rejections):
        console.print(f"… and {source.rejected - len(source.rejections):,} more lines", style="yellow")
    if source.rejected:
        console.print(
            f"{source.rejected:,} of {source.records:,} lines were no {_LINES[source.table]}: kept, see errors below."
        )


def _faults(report: RunReport) -> str:
    """Return what the run met, or why it met nothing."""
    met = ", ".join(f"{count:,} {fault}" for fault, count in sorted(report.receipt.faults_met.items()))
    if met:
        return f"FAULTS={report.receipt.faults} SEED={report.receipt.seed} met: {met}."
    if any(source.records for source in report.captured.sources):
        return f"FAULTS={report.receipt.faults} met nothing in so few records: try another SEED or a larger input."
    return (
        f"FAULTS={report.receipt.faults} had nothing to meet: this lake has read the input before, choose another LAKE."
    )


def _sum(table: str, account: Account) -> str:
    """Return the account as one sum: each record that was sent, and the place that has it."""
    places = {_HOMES[table]: account.arrived, **account.failure_stores}
    if account.missing:
        places["nowhere"] = account.missing
    return f"{table}: {account.sent:,} sent = " + " + ".join(f"{count:,} {place}" for place, count in places.items())


def _places(report: RunReport) -> dict[str, str]:
    lake = Path(report.receipt.lake)
    places = {"lake": str(lake), "receipt": str(lake / "runs" / f"{report.receipt.run_id}.json")}
    if report.receipt.data_docs:
        places["data docs"] = "  ".join(docs.removeprefix("file://") for docs in report.receipt.data_docs)
    if errors := _errors(lake, report.receipt.error_paths):
        places["errors"] = errors
    places["ask it"] = (
        f'make query SQL="select status, count(*) as tasks from silver.tasks group by status"{_lake_option(report)}'
    )
    return places


def _errors(lake: Path, paths: list[str]) -> str | None:
    """Return this run's objects by name where they are few, as such a name fills a line; and how many were there."""
    folder, before = lake / "errors", len(failed_keys(lake)) - len(paths)
    if not paths and not before:
        return None
    shown = "  ".join(paths) if 0 < len(paths) <= 2 else f"{folder}, {len(paths):,} objects of this run"
    return f"{shown}, {before:,} of earlier runs" if before > 0 else shown


def _lake_option(report: RunReport) -> str:
    return lake_option(Path(report.receipt.lake))


def _question(file: Path) -> str:
    return file.read_text().splitlines()[0].removeprefix("-- ")
