"""A change set as a table."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.deploy.change_set import Change, ChangeSet

_STYLES = {"Add": "green", "Modify": "yellow", "Remove": "red"}


def print_changes(console: Console, change_set: ChangeSet) -> None:
    """Print a row a resource, what is replaced or removed in red; and one line that sums up."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in ("stack", "change", "resource", "type"):
        table.add_column(column, overflow="fold")
    for change in change_set.changes:
        what = _what(change)
        table.add_row(change.stack or "(root)", what, change.logical_id, change.type)
    if change_set.changes:
        console.print(table)
    if change_set.not_foreseen:
        said = f"What changes inside the nested stacks cannot be foreseen: {change_set.not_foreseen}"
        console.print(said, style="yellow", markup=False, soft_wrap=True)
    console.print(_sum(change_set.changes), soft_wrap=True)


def _what(change: Change) -> Text:
    if change.is_replaced:
        return Text("Replace" + _kept(change), style="bold red")
    if change.may_be_replaced:
        return Text("Modify, perhaps replace", style="bold yellow")
    return Text(change.action + _kept(change), style=_STYLES.get(change.action, ""))


def _kept(change: Change) -> str:
    """Return what becomes of the former resource, where the template says that it stays."""
    return " (the former one stays)" if "Retain" in change.policy else ""


def _sum(changes: Sequence[Change]) -> str:
    counts = {
        "to add": sum(change.action == "Add" for change in changes),
        "to modify": sum(change.action == "Modify" and not change.is_replaced for change in changes),
        "to replace": sum(change.is_replaced for change in changes),
        "to remove": sum(change.action == "Remove" for change in changes),
    }
    named = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{len(changes)} changes: {named}." if named else f"{len(changes)} changes of the stacks themselves."
