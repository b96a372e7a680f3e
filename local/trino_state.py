"""What is known of a lake's Trino from outside: its files, whether its processes run, what it says of itself."""

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

_STOP_SECONDS = 15


@dataclass(frozen=True)
class Files:
    """What lies in a server's folder."""

    folder: Path

    @property
    def lock(self) -> Path:
        """Held by whoever looks for the server, starts it or stops it."""
        return self.folder / "lock"

    @property
    def used(self) -> Path:
        """Touched by whoever looked for the server last."""
        return self.folder / "used"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "server.log"

    @property
    def state(self) -> Path:
        """Which processes run, at which port; there while they do."""
        return self.folder / "server.json"

    def server(self) -> "Server | None":
        """Return what the state says, None where no server is said to run."""
        try:
            return Server(**json.loads(self.state.read_text()))
        except (FileNotFoundError, ValueError):
            return None


@dataclass(frozen=True)
class Server:
    """The process that watches, the one that is watched, and its port on loopback."""

    watchdog: int
    java: int
    port: int


def get(port: int, path: str) -> Any:
    """Return what the server says of itself; raise OSError or HTTPException where it does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"X-Trino-User": "lake"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def end(files: Files) -> bool:
    """End what there is of a server, its watchdog first: that takes the server with it."""
    server = files.server()
    if not server:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in (server.watchdog, server.java):
            if is_running(process, files):
                with suppress(ProcessLookupError):
                    os.kill(process, number)
                _gone(process, files)
    files.state.unlink(missing_ok=True)
    return True


def _gone(process: int, files: Files) -> None:
    """Wait for a process to end, but not for ever."""
    attempts = Retrying(
        retry=retry_if_result(bool),
        wait=wait_fixed(0.1),
        stop=stop_after_delay(_STOP_SECONDS),
        retry_error_callback=lambda _: None,
    )
    attempts(is_running, process, files)


def is_running(process: int, files: Files) -> bool:
    """Whether a process of this number runs, and is one of this folder's: numbers are used again."""
    return str(files.folder) in _command_of(process)


def _command_of(process: int) -> str:
    if Path("/proc/self").exists():  # a small Linux has no ps
        try:
            return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    told = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return told.stdout
