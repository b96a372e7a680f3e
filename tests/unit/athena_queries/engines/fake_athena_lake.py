"""A lake that a fake Athena reads and writes: DuckDB answers, S3 is moto's, and Athena's own rules are kept."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import duckdb
import sqlglot

from tests.unit.athena_queries.engines.fake_athena import Outcome, failed

BUCKET = "the-lake"
_CTAS = re.compile(r"CREATE TABLE (?P<name>\S+) WITH \((?P<properties>.*?)\) AS (?P<select>.*)", re.DOTALL)
_INSERT = re.compile(r"INSERT INTO (?P<name>\S+) (?P<select>.*)", re.DOTALL)
_TYPES = {"TIMESTAMP WITH TIME ZONE": "timestamp(6) with time zone", "INTEGER": "integer"}


@dataclass
class FakeAthenaLake:
    """Answers statements by DuckDB. What Athena writes is an object at the table's location for each statement."""

    s3: Any
    duck: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    # By table: its location, and its partitioning.
    tables: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    # The statement, counted from 0 among those that write, which fails after it has written.
    fails_at: int | None = None

    def __post_init__(self) -> None:
        self.duck.execute("SET TimeZone = 'UTC'")
        self.duck.execute("CREATE SCHEMA silver; CREATE SCHEMA gold")

    def answer(self, sql: str) -> Outcome:
        """Return what becomes of a statement of the engine's."""
        if ctas := _CTAS.fullmatch(sql):
            return self._create(ctas["name"], ctas["properties"], ctas["select"])
        if insert := _INSERT.fullmatch(sql):
            return self._write(insert["name"], insert["select"])
        return self._read(sql)

    def sql(self, statement: str) -> None:
        """Drop a table, as Spark does: its files stay."""
        name = statement.removeprefix("DROP TABLE IF EXISTS lake.")
        self.tables.pop(name, None)
        self.duck.execute(f"DROP TABLE IF EXISTS {name}")

    def objects(self) -> list[str]:
        """Return the keys of the bucket."""
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def _read(self, sql: str) -> Outcome:
        found = self.duck.sql(_duck(sql))
        types = [_TYPES.get(str(type_), str(type_).lower()) for type_ in found.types]
        texts = [[None if value is None else str(value) for value in row] for row in found.fetchall()]
        return Outcome(
            columns=list(zip(found.columns, types, strict=True)),
            rows=texts,
            bytes_scanned=0 if "LIMIT 0" in sql else 10,
        )

    def _create(self, name: str, properties: str, select: str) -> Outcome:
        found = re.search(r"location = '([^']+)'", properties)
        assert found, "an Iceberg table has a location"
        if self._objects_at(found[1]):
            return failed(f"ICEBERG_FILESYSTEM_ERROR: Cannot create a table on a non-empty location: {found[1]}")
        types = self.duck.sql(_duck(select)).types
        if "TIMESTAMP WITH TIME ZONE" in map(str, types):
            return failed("NOT_SUPPORTED: Unsupported Hive type: timestamp(6) with time zone")
        partitioning = re.findall(r"'([^']+)'", properties.partition("partitioning = ")[2])
        self.tables[name] = (found[1], partitioning)
        self.duck.execute(f"CREATE TABLE {name} AS SELECT * FROM ({_duck(select)}) LIMIT 0")
        outcome = self._write(name, select)
        if outcome.reason:
            self.sql(f"DROP TABLE IF EXISTS lake.{name}")
        return outcome

    def _write(self, name: str, select: str) -> Outcome:
        location, partitioning = self.tables[name]
        key = f"{location.removeprefix(f's3://{BUCKET}/')}/data/{len(self.written)}.parquet"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=b"rows")
        self.written.append(name)
        advice = " If a data manifest file was generated at 's3://x', you may need to manually clean the data."
        if self._partitions(select, partitioning) > 100:
            limit = "Exceeded limit of 100 open writers for partitions."
            return failed(f"ICEBERG_TOO_MANY_OPEN_PARTITIONS: {limit}{advice}")
        if self.fails_at == len(self.written) - 1:
            return failed(f"GENERIC_INTERNAL_ERROR: the lake\nis out of order.{advice}")
        self.duck.execute(f"INSERT INTO {name} {_duck(select)}")
        return Outcome(bytes_scanned=100)

    def _partitions(self, select: str, partitioning: list[str]) -> int:
        """Return how many partitions the rows have, each bucket being hit."""
        buckets = [int(found[1]) for each in partitioning if (found := re.search(r"bucket\(\w+, *(\d+)\)", each))]
        keys = [
            re.sub(r"(\w+)\((\w+)\)", r"date_trunc('\1', \2)", each) for each in partitioning if "bucket" not in each
        ]
        if not keys:
            return math.prod(buckets)
        distinct = self.duck.sql(f"SELECT DISTINCT {', '.join(keys)} FROM ({_duck(select)})")
        return len(distinct.fetchall()) * math.prod(buckets)

    def _objects_at(self, location: str) -> bool:
        prefix = location.removeprefix(f"s3://{BUCKET}/") + "/"
        return any(key.startswith(prefix) for key in self.objects())


def _duck(sql: str) -> str:
    return sqlglot.transpile(sql, read="athena", write="duckdb")[0]
