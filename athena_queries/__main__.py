"""`python -m athena_queries lint|new-gold|new-query`: the SQL held against its rules, and new files that keep them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from athena_queries import scaffold
from athena_queries.lints.run import lint as lint_all

ROOT = Path(__file__).parents[1]
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Name = Annotated[str, typer.Argument(envvar="NAME", help="In lower_snake_case.", show_default=False)]


@app.command()
def lint() -> None:
    """Check every Gold table's and analyst's SQL; each fault is a line, and with one the exit code is 1."""
    found = lint_all()
    for finding in found:
        typer.echo(finding)
    if not found:
        typer.echo("No fault in the SQL of Gold and of the analysts.")
    raise typer.Exit(1 if found else 0)


@app.command()
def new_gold(name: Name = "") -> None:
    """Make a Gold table that builds: its SELECT, metadata, checks, suite and cases."""
    _make(scaffold.new_gold, name, f"tests/unit/data_quality/suites/test_{name}.py")


@app.command()
def new_query(name: Name = "") -> None:
    """Make an analyst's file that answers something, and its cases."""
    _make(scaffold.new_query, name)


def _make(make: Callable[[Path, str], list[Path]], name: str, tests: str = "") -> None:
    try:
        made = make(ROOT, name)
    except scaffold.ScaffoldError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from error
    typer.echo("Made, and passing as it is. Edit in this order; what is yours to say is marked TODO:")
    for path in made:
        typer.echo(f"  {path.relative_to(ROOT)}")
    typer.echo("Then run:")
    typer.echo("  make test-cases")
    if tests:
        typer.echo(f"  .venv/bin/pytest {tests}")
    typer.echo("  make named-queries")
    typer.echo("  make check")


if __name__ == "__main__":
    app()
