from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import LongType, StructField, StructType

from glue_jobs.storage.bronze import read_bronze

SCHEMA = StructType([StructField("n", LongType())])


@pytest.mark.parametrize("user", ["ada", "a%20b", "a%2Bb%40c", "d'arc", "(x)!", "%2Ehidden"])
def test_an_object_is_found_by_its_key_and_its_rows_name_it(spark: SparkSession, tmp_path: Path, user: str) -> None:
    lake, key = tmp_path / "bronze" / "x", f"bronze/task_changes/2025/10/15/{user}/o.parquet"
    (lake / key).parent.mkdir(parents=True)
    pq.write_table(pa.table({"n": [1]}), lake / key)
    rows = read_bronze(spark, f"file://{lake}", [key], SCHEMA).collect()
    assert [(row.n, row.bronze_object) for row in rows] == [(1, key)]
