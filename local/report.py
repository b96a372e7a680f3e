"""What a run or a query prints."""

import shlex
from pathlib import Path

from rich.console import Console
from rich.table import Table

from data_quality.gate import GateFailedError
from glue_jobs.jobs.outcome import UNCHANGED
from local.answer import plain_table, print_answer
from local.run import ANALYST_FILE, RunReport

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", UNCHANGED: "dim"}


def print_run(console: Console, report: RunReport) -> None:
    """Print the run's table, the analyst's answer, what was kept aside, and where things lie."""
    receipt, captured = report.receipt, report.captured
    console.print(_layers(report))
    _print_kept_aside(console, report)
    if receipt.verdict == UNCHANGED:
        console.print("Nothing new: Bronze, Silver and Gold are as they were.", style="bold")
    elif captured.already_captured:
        console.print(f"{captured.already_captured:,} records of this input were captured before and not read again.")
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
    console.print("The records stay in Bronze: mend the transform, or the suite in data_quality/suites, and run again.")


def _layers(report: RunReport) -> Table:
    title = f"Run {report.receipt.run_id}: {report.receipt.seconds:.1f} s"
    table = plain_table(title)
    table.add_column("layer", no_wrap=True)
    for name in ("rows in", "rows out", "rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for done in report.receipt.tables:
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
    captured = report.captured
    if captured.filtered:
        console.print(f"{captured.filtered:,} records of other entities dropped by the mapping's FilterCriteria.")
    for done in report.receipt.tables:
        again = done.rows_in - done.rows_out - done.rejected
        if done.table == "silver.task_changes" and again:
            console.print(f"{again:,} changes were there already, by event_id: a redelivery changes nothing.")
    for rejection in captured.rejections:
        console.print(f"line {rejection.line}: {rejection.reason}", style="yellow", markup=False)
    if captured.rejected > len(captured.rejections):
        console.print(f"… and {captured.rejected - len(captured.rejections):,} more lines", style="yellow")
    if captured.rejected:
        console.print(
            f"{captured.rejected:,} of {captured.records:,} lines were no stream record: kept, see errors below."
        )
    if captured.failed or captured.conversion_failed:
        failed = captured.failed + captured.conversion_failed
        console.print(f"{failed:,} records could not be delivered; they are kept, see errors below.", style="yellow")


def _places(report: RunReport) -> dict[str, str]:
    lake = Path(report.receipt.lake)
    places = {"lake": str(lake), "receipt": str(lake / "runs" / f"{report.receipt.run_id}.json")}
    if report.receipt.data_docs:
        places["data docs"] = "  ".join(docs.removeprefix("file://") for docs in report.receipt.data_docs)
    if report.receipt.error_paths:
        places["errors"] = "  ".join(report.receipt.error_paths[:5])
    where = "" if lake == Path(".lake").absolute() else f" LAKE={shlex.quote(str(lake))}"
    places["ask it"] = f'make query SQL="select status, count(*) as tasks from silver.tasks group by status"{where}'
    return places


def _question(file: Path) -> str:
    return file.read_text().splitlines()[0].removeprefix("-- ")
