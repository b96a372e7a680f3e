import pytest
import typer

from data_quality.gate import Failure, GateFailedError, Verdict
from glue_jobs.schemas.silver import TASKS
from glue_jobs.storage.publishing import PublishError
from glue_jobs.storage.unreadable import BronzeError
from local.jars import JarError
from local.java import JavaNotFoundError
from local.lake import LakeError
from local.stream.checkpoints import CheckpointError
from local.stream.stream_file import InputError
from local.terminal import one_line_errors, spark_errors

ENDS: list[tuple[BaseException, int, str]] = [
    *((kind("no [such] thing"), 2, "no [such] thing") for kind in (InputError, LakeError, JarError, CheckpointError)),
    (JavaNotFoundError("no Java"), 2, "no Java"),
    (KeyboardInterrupt(), 130, "interrupted: whatever was published is whole"),
    (OSError(28, "No space left on device"), 1, "the disk is full"),
    (RuntimeError("java.io.IOException: No space left on device"), 1, "the disk is full"),
    (RuntimeError("[SQLITE_FULL] database or disk is full"), 1, "the disk is full"),
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
    with pytest.raises(ZeroDivisionError), one_line_errors(), spark_errors():
        raise ZeroDivisionError


def test_an_object_of_bronze_that_cannot_be_read_is_one_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, one_line_errors(), spark_errors():
        raise BronzeError("bronze/x.parquet cannot be read")
    assert end.value.exit_code == 1
    assert capsys.readouterr().err == "bronze/x.parquet cannot be read\n"


def test_a_run_that_another_overtook_is_one_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, one_line_errors(), spark_errors():
        raise PublishError(TASKS)
    assert end.value.exit_code == 1
    assert capsys.readouterr().err == f"{PublishError(TASKS)}\n"


def test_a_run_that_the_gate_stopped_shows_its_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    failure = Failure("expect_a", "c", "critical", 2, ["x"])
    with pytest.raises(typer.Exit) as end, one_line_errors(), spark_errors():
        raise GateFailedError([Verdict("silver.tasks", [failure])], "file:///docs")
    assert end.value.exit_code == 1
    assert "fail  silver.tasks: expect_a(c): 2 unexpected, such as 'x'" in capsys.readouterr().err
