"""Silver's jobs on S3 and the Glue Data Catalog, each under its own role, make what they make in a folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog

from tests.aws.deployment import Deployment
from tests.aws.silver_lane import download, glue_catalog, keys, run_job, upload, wait_for_ledger
from tests.lane import LAPTOP, capture_increment, silver, submit

JOBS = ("silver_tasks", "silver_api")


@dataclass(frozen=True)
class Lane:
    """Silver on S3 after each of two increments, and in a folder after one run over all that lies in the bucket."""

    increments: list[dict[str, list[dict[str, Any]]]]
    in_a_folder: dict[str, list[dict[str, Any]]]
    catalog: Catalog
    folder: Path


@pytest.fixture(scope="module")
def lane(deployed: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Lane:
    folder = tmp_path_factory.mktemp("silver")
    catalog, increments = glue_catalog(deployed.emulator), []
    for number in (0, 1):
        capture_increment(folder / "captured", number)
        upload(deployed, folder / "captured")
        wait_for_ledger(deployed)
        for job in JOBS:
            run_job(deployed, job, f"r{number}", folder)
        increments.append(silver(catalog))
    lake = download(deployed, folder / "lake")
    for job in JOBS:
        submit(job, f"file://{lake}", "r", LAPTOP, folder)
    files = SqlCatalog("lake", uri=f"sqlite:////{lake}/catalog.db", warehouse=f"file://{lake}")
    made = silver(files)
    shutil.rmtree(lake)
    return Lane(increments, made, catalog, folder)


def test_two_increments_on_s3_equal_one_run_in_a_folder(lane: Lane) -> None:
    first, second = lane.increments
    assert second == lane.in_a_folder
    assert all(second[table] != first[table] for table in second)


def test_what_flowed_from_the_table_is_in_silver(deployed: Deployment, lane: Lane) -> None:
    table = deployed.client("dynamodb")
    written = {found["SK"]["S"].removeprefix("TASK#") for found in table.scan(TableName="todo-app-data")["Items"]}
    tasks = {row["task_id"]: row for row in lane.increments[1]["tasks"]}
    assert {"flow-hidden", "flow-largest"} <= written
    assert tasks["flow-largest"]["status"] == "completed"
    assert tasks["flow-ephemeral"]["is_deleted"]


def test_a_claim_checked_image_is_read_from_s3(deployed: Deployment, lane: Lane) -> None:
    # Only an image too large for Firehose is padded here.
    padded = {row["event_id"] for row in lane.increments[1]["task_changes"] if "padding" in dict(row["extra"])}
    assert set() < padded <= {Path(key).stem for key in keys(deployed, "claim_checks/")}


def test_the_ledger_on_s3_leaves_a_second_run_nothing_to_change(deployed: Deployment, lane: Lane) -> None:
    before = metadata(lane.catalog)
    for job in JOBS:
        run_job(deployed, job, "again", lane.folder)
    assert metadata(lane.catalog) == before


def test_the_gates_pages_lie_in_the_bucket_as_pages(deployed: Deployment, lane: Lane) -> None:
    s3 = deployed.client("s3")
    assert lane.increments
    for job in JOBS:
        page = s3.get_object(Bucket=deployed.bucket, Key=f"data_docs/{job}/latest/index.html")
        assert page["ContentType"] == "text/html"
        assert b"silver." in page["Body"].read()


def test_maintenance_on_s3_removes_what_no_table_names_and_nothing_else(deployed: Deployment, lane: Lane) -> None:
    orphan = "silver/tasks/data/orphan.parquet"
    deployed.client("s3").put_object(Bucket=deployed.bucket, Key=orphan)
    deployed.emulator.age_objects(deployed.bucket, days=10)
    run_job(deployed, "silver_maintenance", "upkeep", lane.folder)
    assert keys(deployed, orphan) == []
    assert silver(lane.catalog) == lane.increments[1]


def metadata(catalog: Catalog) -> list[str]:
    """Return where each table's metadata lies: any commit moves it."""
    return [catalog.load_table(table).metadata_location for table in catalog.list_tables("silver")]
