"""The lake's tables as SQL sees them: columns with Athena's types, and the columns they are partitioned by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from athena_queries.gold_table import GoldTable
from glue_jobs.schemas import bronze, silver
from glue_jobs.schemas.table import Table

_TYPES = {"string": "varchar", "long": "bigint", "timestamp": "timestamp(6) with time zone"}
SILVER: tuple[Table, ...] = tuple(table for table in vars(silver).values() if isinstance(table, Table))


@dataclass(frozen=True)
class LakeTable:
    """One table: its columns' types, and the columns of which its partitions are made."""

    columns: Mapping[str, str]
    partition_columns: tuple[str, ...] = ()


def lake_tables(gold: Iterable[GoldTable] = ()) -> dict[str, LakeTable]:
    """Return Bronze's and Silver's tables and these of Gold, by ``namespace.table``."""
    raw = {"bronze.task_changes": bronze.TASK_CHANGES, "bronze.api_logs": bronze.API_LOGS}
    return {
        **{name: LakeTable(_columns(schema)) for name, schema in raw.items()},
        **{table.full_name: LakeTable(_columns(table.columns), partitions(table.partitioned_by)) for table in SILVER},
        **{table.full_name: _gold(table) for table in gold},
    }


def as_schema(tables: Mapping[str, LakeTable]) -> dict[str, object]:
    """Return the tables as sqlglot takes them: namespace, table, column, type."""
    schema: dict[str, Any] = {}
    for name, table in tables.items():
        namespace, _, table_name = name.partition(".")
        schema.setdefault(namespace, {})[table_name] = table.columns
    return schema


def partitions(transforms: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of partition transforms, Iceberg's or Athena's: ``months(a)``, ``bucket(16, b)``, ``c``."""
    names = [name for transform in transforms for name in re.findall(r"[a-z_]\w*(?![\w(])", transform)]
    return tuple(names)


def athena_type(data_type: DataType) -> str:
    """Return a Spark type as Athena writes it."""
    if isinstance(data_type, MapType):
        return f"map({athena_type(data_type.keyType)}, {athena_type(data_type.valueType)})"
    if isinstance(data_type, ArrayType):
        return f"array({athena_type(data_type.elementType)})"
    if isinstance(data_type, StructType):
        return f"row({', '.join(f'{field.name} {athena_type(field.dataType)}' for field in data_type)})"
    return _TYPES.get(data_type.typeName(), data_type.typeName())


def _columns(schema: StructType) -> dict[str, str]:
    return {field.name: athena_type(field.dataType) for field in schema}


def _gold(table: GoldTable) -> LakeTable:
    return LakeTable({name: column.type for name, column in table.columns.items()}, partitions(table.partitioning))
