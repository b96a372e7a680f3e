"""The jobs on S3 and the Glue Data Catalog make what they make in a folder: same jobs, same objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.catalog.sql import SqlCatalog

from tests.aws.s3_lane import BUCKET, age_objects, aws, glue_catalog, upload
from tests.lane import LAPTOP, capture_increment, silver, submit

JOBS = ("silver_tasks", "silver_api")


@dataclass(frozen=True)
class Lane:
    """Silver on S3 after each of two increments, and in a folder after one run over both."""

    increments: list[dict[str, list[dict[str, Any]]]]
    in_a_folder: dict[str, list[dict[str, Any]]]
    catalog: GlueCatalog
    settings: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    folder = tmp_path_factory.mktemp("aws")
    lake = folder / "lake"
    with aws() as settings:
        catalog = glue_catalog()
        increments = []
        for number in (0, 1):
            capture_increment(lake, number)
            upload(lake)
            for job in JOBS:
                submit(job, f"s3://{BUCKET}", f"r{number}", settings, folder)
            increments.append(silver(catalog))
        for job in JOBS:
            submit(job, f"file://{lake}", "r", LAPTOP, folder)
        files = SqlCatalog("lake", uri=f"sqlite:////{lake}/catalog.db", warehouse=f"file://{lake}")
        yield Lane(increments, silver(files), catalog, settings, folder)


def test_two_increments_on_s3_equal_one_run_in_a_folder(lane: Lane) -> None:
    first, second = lane.increments
    assert second == lane.in_a_folder
    assert all(second[table] != first[table] for table in second)


def test_a_claim_checked_image_is_read_from_s3(lane: Lane) -> None:
    claims = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="claim_checks/")["Contents"]
    # Only an image too large for Firehose is padded here.
    padded = {row["event_id"] for row in lane.increments[1]["task_changes"] if "padding" in dict(row["extra"])}
    assert set() < padded <= {Path(claim["Key"]).stem for claim in claims}


def test_the_ledger_on_s3_leaves_a_second_run_nothing_to_change(lane: Lane) -> None:
    before = metadata(lane.catalog)
    for job in JOBS:
        submit(job, f"s3://{BUCKET}", "again", lane.settings, lane.folder)
    assert metadata(lane.catalog) == before


def test_maintenance_on_s3_removes_what_no_table_names_and_nothing_else(lane: Lane) -> None:
    s3, orphan = boto3.client("s3"), "silver/tasks/data/orphan.parquet"
    s3.put_object(Bucket=BUCKET, Key=orphan)
    age_objects(days=10)
    submit("silver_maintenance", f"s3://{BUCKET}", "upkeep", lane.settings, lane.folder)
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix=orphan)["KeyCount"] == 0
    assert silver(lane.catalog) == lane.increments[1]


def metadata(catalog: GlueCatalog) -> list[str]:
    """Return where each table's metadata lies: any commit moves it."""
    return [catalog.load_table(table).metadata_location for table in catalog.list_tables("silver")]


def test_the_gates_pages_lie_in_the_bucket_as_pages(lane: Lane) -> None:
    for job in JOBS:
        page = boto3.client("s3").get_object(Bucket=BUCKET, Key=f"data_docs/{job}/latest/index.html")
        assert page["ContentType"] == "text/html"
        assert b"silver." in page["Body"].read()
