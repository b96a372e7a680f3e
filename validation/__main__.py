"""`python -m validation [NAME]`: run the validations, write their sections, and fail where a check does not hold."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local.java import ROOT
from local.terminal import one_line_errors
from operations.terminal import console, stopped
from validation.lakes import StoppedError
from validation.page import write_section
from validation.registry import Name, validation

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    name: Annotated[str, typer.Argument(envvar="VALIDATION", help=f"One of {', '.join(Name)}; all by default.")] = "",
    page: Annotated[Path, typer.Option(envvar="PAGE", help="The page whose sections are written.")] = ROOT
    / "docs"
    / "validation.md",
) -> None:
    """Validate the lake as the decision record demands, each time on a new lake in a temporary folder."""
    with one_line_errors():
        if name and name not in list(Name):
            raise stopped(f"VALIDATION={name} is none: choose one of {', '.join(Name)}", code=2)
        said = console()
        failed = [each for each in ([Name(name)] if name else Name) if not run(each, page, said)]
    if failed:
        raise stopped(f"not valid: {', '.join(failed)}; see {page}", code=1)


def run(name: Name, page: Path, said: Console) -> bool:
    """Run one validation and write its section; return whether all its checks hold, each that does not on a line."""
    said.print(f"{name}", style="bold")
    try:
        with tempfile.TemporaryDirectory(prefix="task-lake-", ignore_cleanup_errors=True) as folder:
            result = validation(name)(Path(folder).resolve(), lambda line: said.print(f"  {line}", markup=False))
    except StoppedError as error:
        said.print(f"  ✗ {error}", style="red", markup=False, soft_wrap=True)
        return False
    write_section(page, name, result)
    for failure in result.failures:
        said.print(f"  ✗ {name}: {failure}", style="red", markup=False, soft_wrap=True)
    held = len(result.checks) - len(result.failures)
    said.print(f"  {max(held, 0)} of {len(result.checks)} checks hold; {page}", soft_wrap=True)
    return not result.failures


if __name__ == "__main__":
    app()
