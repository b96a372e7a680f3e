"""One Trino over one lake: run and watched by a process of its own, which ends when nobody has asked it for a while.

`python -m local.trino_server FOLDER SERVER JAVA IDLE_SECONDS`: local/trino.py starts it, and finds it in FOLDER.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import datetime
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock

from local.trino_settings import command, configure
from local.trino_state import Files, Server, get

_STOP_SECONDS = 10


def main(folder: Path, server: Path, java: Path, idle_seconds: float) -> None:
    """Run a server until it ends, is stopped, or has been idle for so long."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    files, port = Files(folder), _free_port()
    configure(folder, port)
    process = subprocess.Popen(
        # Java takes the locale's word for how the names of files are written.
        command(folder, server, java),
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    own = Server(os.getpid(), process.pid, port)
    try:
        unfinished = files.state.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(own)))
        unfinished.replace(files.state)
        _watch(process, files, own, idle_seconds)
    finally:
        _stop(process)
        if files.server() == own:
            files.state.unlink()


def _watch(process: "subprocess.Popen[bytes]", files: Files, own: Server, idle_seconds: float) -> None:
    """Return when the process ended, when its lake went, or with the server stopped, when it was idle."""
    asked = time.time()
    while process.poll() is None and files.server() == own:
        time.sleep(0.5)
        if time.time() - max(asked, _modified(files.used)) < idle_seconds:
            continue
        asked = _last_asked(own.port)
        if time.time() - asked >= idle_seconds and _stop_unused(process, files, idle_seconds):
            return


def _stop_unused(process: "subprocess.Popen[bytes]", files: Files, idle_seconds: float) -> bool:
    """Stop the server, unless somebody has found it in the meantime."""
    with FileLock(files.lock):
        if time.time() - _modified(files.used) < idle_seconds:
            return False
        _stop(process)
        files.state.unlink(missing_ok=True)
        return True


def _last_asked(port: int) -> float:
    """Return when the last query ended: now, where one runs, and long ago where the server does not say."""
    try:
        queries = get(port, "/v1/query")
    except (OSError, HTTPException, ValueError):
        return 0
    ends = [query["queryStats"].get("endTime") for query in queries]
    return max((datetime.fromisoformat(end).timestamp() if end else time.time() for end in ends), default=0)


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))
