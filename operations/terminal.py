"""How a command speaks: tables as wide as the terminal, and one line where something goes wrong.

Exit codes: 0 done; 1 stopped or failed; 2 the input or the account cannot be used; 130 Ctrl-C.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from operations.errors import OperationError

# A pipe has no width of its own, and 80 columns cut a table's cells in two.
_WIDTH_OF_A_PIPE = 160


def console(stderr: bool = False) -> Console:
    """Return where a command prints: the terminal as it is, a pipe wide enough for a table."""
    terminal = Console(stderr=stderr, highlight=False)
    return terminal if terminal.is_terminal else Console(stderr=stderr, highlight=False, width=_WIDTH_OF_A_PIPE)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what can be foreseen to go wrong on AWS into one line that says what to do next, and an exit code."""
    # Imported here, because `local` speaks this way too and a query need not wait for boto3.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from operations.aws_errors import operation_error  # noqa: PLC0415

    try:
        yield
    except OperationError as error:
        raise stopped(str(error), code=error.exit_code) from error
    except (BotoCoreError, ClientError) as error:
        said = operation_error(error)
        raise stopped(str(said), code=said.exit_code) from error
    except KeyboardInterrupt as error:
        raise stopped("interrupted: type the same command again and it goes on", code=130) from error


def plain_table(title: str | None = None) -> Table:
    """Return an empty table with no frame: a terminal of 80 columns has none to spare."""
    return Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True
    )


def stopped(message: str, code: int) -> typer.Exit:
    """Return the end of a command, after one line that says why."""
    Console(stderr=True, highlight=False).print(message, style="red", markup=False, soft_wrap=True)
    return typer.Exit(code)
