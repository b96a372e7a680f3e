"""One job as Glue starts it: `python -m validation.one_job <lake> <job> [<step>]`, killed by SIGKILL after that step.

A step is a line that the job says: a table written, audited or published. Each is printed.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from glue_jobs.jobs import gold, silver_api, silver_tasks
from local.spark import start_spark

_JOBS = {"silver_tasks": silver_tasks.main, "silver_api": silver_api.main, "gold": gold.main}


def main(lake: Path, job: str, last: int) -> None:
    """Run the job until its step of this number; then nothing of the process nor of its JVM is left."""
    # The JVM, which is what writes, is of the same group, and dies in the same moment.
    os.setpgrp()
    steps = count(1)

    def die(said: str) -> None:
        print(said, flush=True)
        if next(steps) == last:
            os.killpg(0, signal.SIGKILL)

    start_spark(lake)
    words = {"--JOB_NAME": job, "--JOB_RUN_ID": f"{job}_{os.getpid()}", "--LAKE": f"file://{lake}"}
    _JOBS[job]([job, *(word for option in words.items() for word in option)], die)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
