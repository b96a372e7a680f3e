import pytest

from athena_queries.gold_table import read_gold_tables
from athena_queries.lake_tables import LakeTable, as_schema, lake_tables, partitions


@pytest.mark.parametrize(
    ("transform", "column"),
    [
        ("months(changed_at)", "changed_at"),
        ("bucket(16, user_id)", "user_id"),
        ("bucket(user_id, 16)", "user_id"),
        ("truncate(route, 4)", "route"),
        ("p50_ms", "p50_ms"),
    ],
)
def test_a_partition_transform_is_of_a_column(transform: str, column: str) -> None:
    assert partitions([transform]) == (column,)


def test_the_lakes_tables_have_athenas_types_and_their_partition_columns() -> None:
    tables = lake_tables(read_gold_tables())
    assert tables["silver.tasks"].columns["extra"] == "map(varchar, varchar)"
    assert tables["silver.tasks"].columns["created_at"] == "timestamp(6) with time zone"
    assert tables["silver.api_requests"].columns["access"].startswith("row(logged_at timestamp(6) with time zone, ")
    assert tables["silver.task_changes"].partition_columns == ("changed_at",)
    assert tables["gold.task_throughput_daily"].partition_columns == ("activity_date",)
    assert "new_image" in tables["bronze.task_changes"].columns


def test_sqlglot_is_told_of_tables_by_namespace() -> None:
    assert as_schema({"a.b": LakeTable({"c": "date"})}) == {"a": {"b": {"c": "date"}}}
