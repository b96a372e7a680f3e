"""One line where something goes wrong on the laptop.

Exit codes: 0 done; 1 the gate or the machine stopped the run; 2 the input or the lake cannot be used; 130 Ctrl-C.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from local.jars import JarError
from local.java import JavaNotFoundError
from local.lake import LakeError
from local.stream.checkpoints import CheckpointError
from local.stream.stream_file import InputError
from operations.terminal import console, stopped


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what can be foreseen to go wrong into one line that says what to do next, and an exit code."""
    # Great Expectations and PyIceberg warn about their own dependencies: nothing a user could mend.
    warnings.simplefilter("ignore")
    try:
        yield
    except (InputError, CheckpointError, LakeError, JarError, JavaNotFoundError) as error:
        raise stopped(str(error), code=2) from error
    except KeyboardInterrupt as error:
        raise _interrupted() from error
    except Exception as error:
        if _is_of_an_interrupt(error):
            raise _interrupted() from error
        if not _is_full_disk(error):
            raise
        said = "the disk is full: nothing half-written is published; free some space and run the same command again"
        raise stopped(said, code=1) from error


@contextmanager
def spark_errors() -> Iterator[None]:
    """Turn what stops a job into its lines and an exit code."""
    # Imported here, because Great Expectations takes seconds, and a typo needs no gate.
    from athena_queries.builds.versions import RollbackError  # noqa: PLC0415
    from athena_queries.gold_table import GoldTableError  # noqa: PLC0415
    from athena_queries.sql import QueryError  # noqa: PLC0415
    from data_quality.gate import GateFailedError  # noqa: PLC0415
    from glue_jobs.storage.ledger import LedgerError  # noqa: PLC0415
    from glue_jobs.storage.publishing import PublishError  # noqa: PLC0415
    from glue_jobs.storage.unreadable import BronzeError  # noqa: PLC0415
    from local.report import print_verdicts  # noqa: PLC0415

    # py4j logs a traceback when Ctrl-C finds it waiting for the JVM; the command says one line instead.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        yield
    except GateFailedError as error:
        print_verdicts(console(stderr=True), error)
        raise typer.Exit(1) from error
    except (GoldTableError, QueryError, RollbackError) as error:
        raise stopped(str(error), code=2) from error
    except (BronzeError, LedgerError, PublishError) as error:
        raise stopped(str(error), code=1) from error


def _interrupted() -> typer.Exit:
    return stopped("interrupted: whatever was published is whole; run the same command again and it goes on", code=130)


def _is_of_an_interrupt(error: BaseException | None) -> bool:
    """Whether it is what py4j makes of a Ctrl-C that came while the JVM was asked something."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_full_disk(error: Exception) -> bool:
    """Whether Python's own error or the JVM's, which comes as text, says so."""
    return "No space left on device" in str(error) or "database or disk is full" in str(error)
