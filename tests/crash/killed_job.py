"""`silver_tasks` in a process that kills itself at one of its commits: `killed_job.py <lake> <run id> <n>`.

It prints the name of each commit before it happens; before the n-th it dies, and where there are fewer it ends well.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from glue_jobs.jobs import silver_tasks
from glue_jobs.storage import iceberg, publishing
from local.spark import start_spark

# Every function whose last act is one commit to one table.
COMMITS = [
    (publishing, "_create_branch"),
    (publishing, "_fast_forward"),
    (publishing, "_remove_branch"),
    (iceberg, "append"),
    (iceberg, "_merge"),
    (iceberg, "commit_properties"),
]


def die_before(number: int) -> None:
    """Count the commits of this process, and kill it as the kernel would before the one with this number."""
    numbers = count(1)

    def killing(commit: Callable[..., Any], name: str) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            at = next(numbers)
            print(f"{at} {name}", flush=True)
            if at == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return commit(*given, **named)

        return counted

    for module, name in COMMITS:
        setattr(module, name, killing(getattr(module, name), name))


if __name__ == "__main__":
    lake, run_id, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    start_spark(lake)
    die_before(number)
    arguments = ["silver_tasks", "--JOB_NAME", "silver_tasks", "--JOB_RUN_ID", run_id, "--LAKE", f"file://{lake}"]
    silver_tasks.main(arguments, lambda _: None)
