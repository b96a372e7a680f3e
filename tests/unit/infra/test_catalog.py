import json
from pathlib import Path

import pytest
from pyspark.sql.types import StructType

from cdc_lambda.envelope import IMAGES, Envelope, to_envelope
from cdc_lambda.log_envelope import MESSAGE, LogEnvelope, to_log_envelope
from glue_jobs.schemas.bronze import API_LOGS, TASK_CHANGES
from local.template import Template, load_template

ROOT = Path(__file__).parents[3]


def catalog() -> Template:
    return load_template(ROOT / "infra")


def test_the_envelope_has_exactly_the_columns_of_the_glue_table_in_its_order() -> None:
    columns = [column.name for column in catalog().glue_columns("TaskChangesTable")]
    record = json.loads((ROOT / "tests/events/insert.json").read_text(encoding="utf-8"))["Records"][0]
    assert list(to_envelope(record, "") or ()) == columns
    assert list(Envelope.__annotations__) == columns


def test_the_log_envelope_has_exactly_the_columns_of_the_glue_table_in_its_order() -> None:
    columns = [column.name for column in catalog().glue_columns("ApiLogsTable")]
    assert list(to_log_envelope({"id": "1", "timestamp": 0, "message": ""}, "g", "s", "")) == columns
    assert list(LogEnvelope.__annotations__) == columns


def test_a_claim_check_names_columns_of_the_table_it_empties() -> None:
    for claim, table in ((IMAGES, "TaskChangesTable"), (MESSAGE, "ApiLogsTable")):
        columns = {column.name for column in catalog().glue_columns(table)}
        assert {claim.id_column, *claim.text_columns, claim.object_column, "user_id", "event_date"} <= columns
        assert catalog().properties(table)["TableInput"]["Name"] == claim.table


def test_the_bronze_tables_have_the_types_of_the_contract() -> None:
    types = {column.name: column.type for column in catalog().glue_columns("TaskChangesTable")}
    assert {name: type_ for name, type_ in types.items() if type_ != "string"} == {
        "changed_at": "timestamp",
        "event_date": "date",
        "is_ttl_delete": "boolean",
        "ingested_at": "timestamp",
    }
    types = {column.name: column.type for column in catalog().glue_columns("ApiLogsTable")}
    assert {name: type_ for name, type_ in types.items() if type_ != "string"} == {
        "logged_at": "timestamp",
        "event_date": "date",
        "ingested_at": "timestamp",
    }
    assert [(column.name, column.type) for column in catalog().glue_columns("LedgerTable")] == [
        ("object_key", "string"),
        ("size_bytes", "bigint"),
        ("created_at", "timestamp"),
    ]


SPARK_TYPES = {"string": "string", "timestamp": "timestamp", "date": "date", "boolean": "boolean", "bigint": "bigint"}


@pytest.mark.parametrize(("table", "schema"), [("TaskChangesTable", TASK_CHANGES), ("ApiLogsTable", API_LOGS)])
def test_spark_reads_the_columns_of_the_glue_table_with_its_types(table: str, schema: StructType) -> None:
    columns = {column.name: SPARK_TYPES[column.type] for column in catalog().glue_columns(table)}
    assert {field.name: field.dataType.simpleString() for field in schema} == columns


def test_the_databases_have_the_names_that_sql_and_jobs_use() -> None:
    databases = [one for one in catalog().resources.values() if one["Type"] == "AWS::Glue::Database"]
    assert [one["Properties"]["DatabaseInput"]["Name"] for one in databases] == ["bronze", "silver", "gold"]
