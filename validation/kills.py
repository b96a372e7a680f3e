"""Jobs killed in the middle of an increment, in processes of their own."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local.java import ROOT
from validation.lakes import StoppedError, environment


@dataclass(frozen=True)
class Kill:
    """A job, the step after which it dies, and what that means; ``is_last`` of the kills of this job."""

    job: str
    step: int
    meaning: str
    is_last: bool = True


_MODULE = "validation.one_job"

# Of a Silver job the steps are: Bronze read, each table written, each table audited, all published. Gold says of each
# table in turn that it is built, audited, published.
KILLS = (
    Kill("silver_tasks", 2, "the history is on its branch, what is made of it is not", is_last=False),
    Kill("silver_tasks", 7, "all is written and audited, nothing published"),
    Kill("silver_api", 2, "the requests are on their branch, the usage is not"),
    Kill("gold", 7, "two tables are published, a third one is built"),
)


def kill(lake: Path, one: Kill) -> None:
    """Run the job until it dies; raise StoppedError if it does not."""
    done = _run(lake, one.job, one.step)
    if done.returncode != -signal.SIGKILL:
        raise StoppedError(f"{one.job} was to die at its step {one.step}, and exits {done.returncode}{_last(done)}")


def finish(lake: Path, job: str) -> None:
    """Run the job to its end."""
    done = _run(lake, job)
    if done.returncode:
        raise StoppedError(f"{job} exits {done.returncode}{_last(done)}")


def _run(lake: Path, job: str, *steps: int) -> "subprocess.CompletedProcess[str]":
    typed = [sys.executable, "-m", _MODULE, str(lake), job, *map(str, steps)]
    with tempfile.TemporaryDirectory() as scratch:
        # A JVM that is killed leaves behind what it would have deleted.
        java = f"{os.environ.get('JAVA_TOOL_OPTIONS', '')} -Djava.io.tmpdir={scratch}".strip()
        places = {"JAVA_TOOL_OPTIONS": java, "SPARK_LOCAL_DIRS": scratch, "TMPDIR": scratch}
        return subprocess.run(
            typed, cwd=ROOT, env={**environment(), **places}, capture_output=True, text=True, check=False
        )


def _last(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return f": {lines[-1]}" if lines else ""
