"""`silver_tasks` on a Spark cluster makes what it makes on one machine: same job, same lake."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyiceberg.catalog.sql import SqlCatalog

from tests.cluster.standalone import cluster
from tests.lane import LAPTOP, capture_increment, silver, submit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder with the same lake twice: `one_machine` after one run, `two_workers` after a run an increment."""
    folder = tmp_path_factory.mktemp("cluster")
    one_machine, two_workers = folder / "one_machine", folder / "two_workers"
    with cluster(folder) as settings:
        for number in (0, 1):
            capture_increment(one_machine, number)
            for name in ("bronze", "bronze_ledger", "claim_checks"):
                shutil.copytree(one_machine / name, two_workers / name, dirs_exist_ok=True)
            submit("silver_tasks", f"file://{two_workers}", f"r{number}", settings, folder)
        submit("silver_tasks", f"file://{one_machine}", "r", LAPTOP, folder)
        yield folder


def catalog(lake: Path) -> SqlCatalog:
    return SqlCatalog("lake", uri=f"sqlite:////{lake}/catalog.db", warehouse=f"file://{lake}")


def test_two_workers_make_what_one_machine_makes(folder: Path) -> None:
    assert silver(catalog(folder / "two_workers")) == silver(catalog(folder / "one_machine"))


def test_each_worker_did_a_part_of_each_run(folder: Path) -> None:
    logs = [log.read_text() for log in folder.glob("worker-*/app-*/*/stderr")]
    assert len(logs) == 2 * 2
    assert all("Finished task" in log for log in logs)
