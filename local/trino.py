"""Athena's engine over a lake on this machine: started by the first query, and kept for the next ones.

`python -m local.trino fetch|stop`: what `make test-athena` and `make trino-stop` do, the latter for the lake LAKE.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock
from rich.console import Console
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from athena_queries.engines.trino_http import StatementError, execute
from local.jars import JarError
from local.java import ROOT
from local.trino_install import Say, TrinoError, install
from local.trino_settings import ENVIRONMENT
from local.trino_state import Files, Server, end, get, is_running

IDLE_SECONDS = 600
_START_SECONDS = 120
# Some seconds after it has started the server finds itself as a worker that has the catalog: until then a query that
# reads a file has no node to run on. What is written here lies in the server's folder.
_FIRST_STATEMENTS = (
    "CREATE SCHEMA IF NOT EXISTS start",
    "CREATE TABLE IF NOT EXISTS start.numbers AS SELECT 1 AS n",
    "SELECT n FROM start.numbers",
)


def running_trino(lake: Path, say: Say, idle_seconds: float = IDLE_SECONDS) -> int:
    """Return the port of this lake's Trino, which is started if none answers; raise TrinoError if it cannot be.

    What takes long is said first. The server stops once it has been idle for so long, or by ``stop_trino``.
    """
    installation = install(say)
    files = _files(lake)
    try:
        files.folder.mkdir(exist_ok=True)
    except OSError as error:
        raise TrinoError(
            f"{files.folder} cannot be made ({error.strerror}): Trino keeps its files in the lake"
        ) from error
    with FileLock(files.lock):
        server = files.server()
        if server and is_running(server.watchdog, files) and is_running(server.java, files):
            is_alive: Callable[[], bool] = partial(is_running, server.watchdog, files)
        else:
            end(files)
            say("Trino is starting, which takes some 10 seconds; it stays for the next query")
            command = [str(part) for part in (files.folder, installation.server, installation.java, idle_seconds)]
            is_alive = _start(files, [sys.executable, "-m", "local.trino_server", *command])
        port = _answering(files, is_alive).port
        files.used.touch()
        return port


def stop_trino(lake: Path) -> bool:
    """Stop this lake's Trino; return whether there was one."""
    files = _files(lake)
    if not files.folder.is_dir():
        return False
    with FileLock(files.lock):
        return end(files)


def _files(lake: Path) -> Files:
    return Files(lake.absolute() / ".trino")


def _start(files: Files, command: list[str]) -> Callable[[], bool]:
    """Start a watchdog, and that a server; return what tells whether it runs."""
    with files.log.open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    return lambda: process.poll() is None


def _answering(files: Files, is_alive: Callable[[], bool]) -> Server:
    """Return the server as soon as it answers; one that does not is ended."""
    attempts = Retrying(
        retry=retry_if_result(lambda found: found is None and is_alive()),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(_START_SECONDS),
        retry_error_callback=lambda _: None,
    )
    server: Server | None = attempts(_ready, files)
    if not server:
        end(files)
        raise TrinoError(f"Trino did not start: {_last_line(files.log)}; all of its log: {files.log}")
    return server


def _ready(files: Files) -> Server | None:
    """Return the server if it is the one of this folder and answers queries."""
    server = files.server()
    if not server:
        return None
    with suppress(OSError, HTTPException, ValueError, StatementError):
        info = get(server.port, "/v1/info")
        if info["environment"] == ENVIRONMENT and not info["starting"]:
            for statement in _FIRST_STATEMENTS:
                execute(server.port, statement)
            return server
    return None


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "Error" in line or "ERROR" in line]
    return (telling or lines or ["it printed nothing"])[-1].strip()


def main(words: list[str]) -> int:
    """Fetch Trino, or stop the one of the lake; return the exit code."""
    console = Console(stderr=True, highlight=False)
    try:
        if words == ["stop"]:
            lake = Path(os.environ.get("LAKE", ".lake")).expanduser()
            done = "Trino is stopped" if stop_trino(lake) else f"no Trino runs over {lake}"
            console.print(done, markup=False, soft_wrap=True)
        else:
            install(console.print)
    except JarError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
