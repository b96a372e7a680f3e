"""How long a record takes from hop to hop, in the lake's own virtual time, read from what lies there."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from local.ingestion import INFRA
from local.template import load_template

# An object's name begins with when its oldest record came: docs/aws-semantics.md#firehose-11.
_NAMED_AT = r"strptime(regexp_extract({}, '-1-(\d{{4}}(-\d\d){{5}})-', 1), '%Y-%m-%d-%H-%M-%S')"
_HOPS = """
with ledger as (
    select object_key, min(created_at) as created_at, min({ledger_at} + to_seconds({ledger_seconds})) as listed_at
    from read_parquet('{lake}/bronze_ledger/**/*.parquet', filename = true, hive_partitioning = false)
    group by object_key
), records as (
    select {came_at} as came_at, ingested_at, substr(filename, {cut}) as object_key
    from read_parquet('{lake}/bronze/{table}/**/*.parquet', filename = true, hive_partitioning = false)
)
select
    came_at, ingested_at, created_at, listed_at
from records join ledger using (object_key)
"""
_PERCENTILES = """
select {columns} from (
    select epoch(ingested_at - came_at) as handed, epoch(created_at - ingested_at) as landed,
        epoch(listed_at - created_at) as listed, epoch(listed_at - came_at) as whole from ({hops}))
"""
_STEPS = ("handed", "landed", "listed", "whole")


@dataclass(frozen=True)
class Hops:
    """Seconds at the median, the 99th percentile and the most, by hop; ``whole`` is all of them."""

    handed: tuple[float, float, float]
    landed: tuple[float, float, float]
    listed: tuple[float, float, float]
    whole: tuple[float, float, float]


def hops(lake: Path, table: str, came_at: str) -> Hops:
    """Return the seconds of one Bronze table's records: to the function, to an object, to the ledger."""
    buffer_seconds = load_template(INFRA).delivery_stream_settings("LedgerDeliveryStream").buffer_seconds
    sql = _HOPS.format(
        lake=lake,
        table=table,
        came_at=came_at,
        cut=len(str(lake)) + 2,
        ledger_at=_NAMED_AT.format("filename"),
        ledger_seconds=buffer_seconds,
    )
    columns = ", ".join(f"quantile_disc({step}, [0.5, 0.99, 1.0]) as {step}" for step in _STEPS)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(_PERCENTILES.format(columns=columns, hops=sql)).fetchone()
    assert found
    return Hops(*(tuple(map(float, step)) for step in found))  # type: ignore[arg-type]
