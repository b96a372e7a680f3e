import boto3
import great_expectations.expectations as gxe
import pytest
from pyspark.sql import SparkSession

from data_quality.gate import Gate


def test_data_docs_of_a_lake_on_s3_lie_in_its_bucket(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    moto = pytest.importorskip("moto", reason="Glue has no moto: docker/inside")
    with moto.mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="lake")
        gate = Gate("s3://lake/data_docs/silver_tasks", "run1")
        gate.audit(
            "silver.t", spark.range(2).selectExpr("id", "1 AS rows"), [gxe.ExpectColumnValuesToBeUnique(column="id")]
        )
        assert gate.close() == "s3://lake/data_docs/silver_tasks/latest/index.html"
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket="lake")["Contents"]]
        assert "data_docs/silver_tasks/latest/index.html" in keys
        assert any(key.startswith("data_docs/silver_tasks/latest/validations/silver/t/run1/") for key in keys)
