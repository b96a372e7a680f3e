import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import LongType, StructField, StructType

from glue_jobs.schemas.bronze import CLAIMED_IMAGES
from glue_jobs.storage.bronze import read_bronze, read_claimed

SCHEMA = StructType([StructField("n", LongType())])


@pytest.mark.parametrize("user", ["ada", "bronze", "a%20b", "a%2Bb%40c", "d'arc", "(x)!", "%2Ehidden"])
def test_an_object_is_found_by_its_key_and_its_rows_name_it(spark: SparkSession, tmp_path: Path, user: str) -> None:
    lake, key = tmp_path / "bronze" / "x", f"bronze/task_changes/2025/10/15/{user}/o.parquet"
    (lake / key).parent.mkdir(parents=True)
    pq.write_table(pa.table({"n": [1]}), lake / key)
    rows = read_bronze(spark, f"file://{lake}", [key], SCHEMA).collect()
    assert [(row.n, row.bronze_object) for row in rows] == [(1, key)]


def test_claimed_images_are_read_whole_and_one_that_is_missing_makes_no_row(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake, key = tmp_path / "lake", "claim_checks/task_changes/2025/10/15/a%20b/e1.json"
    (lake / key).parent.mkdir(parents=True)
    image = json.dumps({"title": {"S": 'é\u2028"' * 100_000}}, ensure_ascii=False)
    (lake / key).write_text(json.dumps({"event_id": "e1", "new_image": image, "old_image": None}) + "\n")
    keys = [key, "claim_checks/task_changes/2025/10/15/a%20b/gone.json"]
    [row] = read_claimed(spark, f"file://{lake}", keys, CLAIMED_IMAGES).collect()
    assert (row.event_id, row.new_image, row.old_image) == ("e1", image, None)
    assert read_claimed(spark, f"file://{lake}", keys[1:], CLAIMED_IMAGES).count() == 0
