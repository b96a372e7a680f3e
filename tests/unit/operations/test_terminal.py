import pytest
import typer
from botocore.exceptions import ClientError, EndpointConnectionError

from operations.errors import AccountError, OperationError, OptionError
from operations.terminal import console, one_line_errors, stopped

ENDS: list[tuple[BaseException, int, str]] = [
    (OperationError("the [stack] failed"), 1, "the [stack] failed"),
    (OptionError("STAGE=1 is no stage"), 2, "STAGE=1 is no stage"),
    (AccountError("no credentials"), 2, "no credentials"),
    (
        ClientError({"Error": {"Code": "Throttling", "Message": "Slow\ndown"}}, "ListStacks"),
        1,
        "ListStacks: Throttling",
    ),
    (EndpointConnectionError(endpoint_url="https://a"), 2, "AWS cannot be reached"),
    (KeyboardInterrupt(), 130, "interrupted"),
]


@pytest.mark.parametrize(("error", "code", "said"), ENDS, ids=[repr(error) for error, _, _ in ENDS])
def test_what_can_be_foreseen_is_one_line_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end, one_line_errors():
        raise error
    assert end.value.exit_code == code
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_what_nobody_foresaw_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), one_line_errors():
        raise ZeroDivisionError


def test_the_end_of_a_command_says_its_line_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    line = "[red]not markup[/red] " + "x" * 300
    assert stopped(line, code=2).exit_code == 2
    assert capsys.readouterr().err == f"{line}\n"


def test_a_pipe_is_as_wide_as_a_table_needs() -> None:
    assert console().width == 160
