"""How the versions of Gold's tables are told, of a lake on a laptop or on AWS."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from athena_queries.builds.versions import Version
from operations.terminal import plain_table


def print_versions(console: Console, versions: Sequence[Version], lake_option: str, first: str) -> None:
    """Print a line a version, and what to type to go back to one; ``first``, where nothing is built yet."""
    table = plain_table()
    table.add_column("version", overflow="fold")
    for name in ("rows", "bytes"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("verdict", "shown", "built at (UTC)", "run"):
        table.add_column(name, no_wrap=name != "run", overflow="fold")
    for version in versions:
        shown = "shown" if version.is_shown else "rolled back" if version.is_rolled_back else ""
        built_at = f"{version.built_at:%Y-%m-%d %H:%M:%S}"
        name = escape(version.name.removeprefix("gold."))
        size = f"{version.rows:,}", f"{version.bytes:,}"
        table.add_row(name, *size, version.verdict, shown, built_at, version.run_id, style="" if shown else "dim")
    console.print(table)
    if not versions:
        console.print(f"Nothing is built yet: {first}{lake_option}")
    elif any(not version.is_shown for version in versions):
        command = f"make gold-rollback TABLE=<table>{lake_option}"
        console.print(f"To the version before: {command}; VERSION=<version> names another.", soft_wrap=True)
