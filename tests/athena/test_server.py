"""The Trino that ENGINE=trino leaves running: one a lake, replaced when it died, gone when nobody needs it."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from athena_queries.engines.trino_http import execute
from local.trino import main, running_trino, stop_trino
from local.trino_state import Files, Server, is_running


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """A lake's folder, whose name is not ASCII."""
    folder = tmp_path / "größer €"
    folder.mkdir()
    yield folder
    stop_trino(folder)


def quiet(_: str) -> None:
    """Take no notice."""


def server_of(lake: Path) -> Server:
    server = Files(lake / ".trino").server()
    assert server
    return server


def own_address() -> str:
    """Return this machine's address as others know it; nothing is sent to learn it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nowhere:
        try:
            nowhere.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(nowhere.getsockname()[0])


def runs(lake: Path, *processes: int) -> bool:
    return any(is_running(process, Files(lake / ".trino")) for process in processes)


def wait_until_they_end(lake: Path, *processes: int) -> None:
    Retrying(retry=retry_if_result(bool), wait=wait_fixed(0.1), stop=stop_after_delay(20))(runs, lake, *processes)


def test_two_queries_at_once_share_a_server_and_another_command_stops_it(
    lake: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(2) as queries:
        first, second = queries.map(lambda _: running_trino(lake, said.append), range(2))
    assert first == second == server_of(lake).port
    assert [line for line in said if "starting" in line] == said[-1:]
    assert execute(first, "SELECT 1").rows == [[1]]
    server = server_of(lake)
    monkeypatch.setenv("LAKE", str(lake))
    assert main(["stop"]) == 0
    assert not runs(lake, server.java, server.watchdog)
    assert main(["stop"]) == 0
    assert capfd.readouterr().err.splitlines()[-2:] == ["Trino is stopped", f"no Trino runs over {lake}"]


@pytest.mark.parametrize("process", ["java", "watchdog"])
def test_a_server_one_of_whose_processes_was_killed_is_replaced(process: str, lake: Path) -> None:
    running_trino(lake, quiet)
    former = server_of(lake)
    os.kill(getattr(former, process), signal.SIGKILL)
    wait_until_they_end(lake, getattr(former, process))
    assert execute(running_trino(lake, quiet), "SELECT 1").rows == [[1]]
    assert not runs(lake, former.java, former.watchdog)


def test_a_server_that_nobody_asks_stops_though_who_started_it_goes_on(lake: Path) -> None:
    port = running_trino(lake, quiet, idle_seconds=3)
    server = server_of(lake)
    execute(port, "SELECT 1")
    assert runs(lake, server.java, server.watchdog)
    wait_until_they_end(lake, server.java, server.watchdog)
    assert not (lake / ".trino" / "server.json").exists()


def test_a_server_is_asked_on_loopback_alone_and_goes_with_its_lake(lake: Path) -> None:
    port = running_trino(lake, quiet)
    server = server_of(lake)
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect((own_address(), port))
    shutil.rmtree(lake)
    wait_until_they_end(lake, server.java, server.watchdog)
