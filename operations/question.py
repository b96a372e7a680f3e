"""Asks before something is done that cannot be taken back, or costs."""

import sys

from rich.console import Console

from operations.errors import OperationError, OptionError


def check_can_ask(is_yes: bool) -> None:
    """Raise OptionError if a question would have nobody to answer it; called before anything is done."""
    if not is_yes and not sys.stdin.isatty():
        raise OptionError("nobody is there to answer, standard input is no terminal: say YES=1 to go on unasked")


def ask(console: Console, question: str, answer: str, is_yes: bool) -> None:
    """Go on if the answer is the expected one; else raise OperationError."""
    if is_yes:
        return
    try:
        said = console.input(f"{question} Type [bold]{answer}[/bold] to go on: ").strip()
    except EOFError:
        said = ""
    if said != answer:
        raise OperationError(f"nothing was deployed or deleted: the answer was not {answer}")
