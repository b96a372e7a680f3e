"""The commands behind `make deploy`, `make status`, `make teardown` and the others that work on AWS.

A command imports what it needs when it runs: boto3 takes a while, and neither a typo nor `--help` needs it.
"""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Stage = Annotated[str, typer.Option(envvar="STAGE", help="The lake's stage: its stack is task-lake-<stage>.")]
Yes = Annotated[bool, typer.Option("--yes", envvar="YES", help="Ask nothing, take yes for the answer.")]


@app.callback()
def operations() -> None:
    """Deploy, watch, feed and remove the lake on AWS."""
