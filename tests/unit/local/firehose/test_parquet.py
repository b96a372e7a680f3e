import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq

from local.firehose.parquet import Conversion, ParquetConverter
from local.ingestion import INFRA
from local.settings import Column
from local.template import load_template

COLUMNS = (Column("id", "string"), Column("at", "timestamp"))


def _convert(*records: Any) -> Conversion:
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    return ParquetConverter(COLUMNS).convert(lines)


def _rows(conversion: Conversion) -> list[dict[str, Any]]:
    assert conversion.parquet is not None
    rows: list[dict[str, Any]] = pq.read_table(
        BytesIO(conversion.parquet), coerce_int96_timestamp_unit="us"
    ).to_pylist()
    return rows


def test_undeclared_members_are_dropped_and_missing_ones_are_null() -> None:
    conversion = _convert({"id": "a", "extra": 1}, {"at": "2025-10-15 08:00:00"})
    assert _rows(conversion) == [{"id": "a", "at": None}, {"id": None, "at": datetime(2025, 10, 15, 8)}]
    assert conversion.rows == 2


def test_a_record_that_does_not_convert_leaves_the_others_in_the_file() -> None:
    conversion = _convert({"id": "a"}, {"id": "b", "at": "soon"}, b"no JSON", b"[1]", {"id": "c"})
    assert [row["id"] for row in _rows(conversion)] == ["a", "c"]
    assert sorted(conversion.faults) == [1, 2, 3]
    assert conversion.faults[1] == "at: 'soon' is no timestamp yyyy-MM-dd HH:mm:ss[.fffffffff]"


def test_half_a_surrogate_pair_does_not_spoil_the_file() -> None:
    conversion = _convert(b'{"id": "\\ud800"}', {"id": "a"})
    assert [row["id"] for row in _rows(conversion)] == ["a"]
    assert list(conversion.faults) == [0]


def test_without_a_good_record_there_is_no_file() -> None:
    assert _convert(b"no JSON").parquet is None


def test_the_file_is_snappy_with_hives_timestamps_and_no_arrow_schema() -> None:
    file = pq.ParquetFile(BytesIO(_convert({"id": "a"}).parquet or b""))
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert file.metadata.row_group(0).column(1).physical_type == "INT96"
    assert file.metadata.metadata is None


def test_the_deployed_tables_convert() -> None:
    template = load_template(INFRA)
    formats = template.delivery_stream_settings("LedgerDeliveryStream").timestamp_formats
    record = b'{"object_key": "k", "size_bytes": 7, "created_at": "2025-10-15T12:00:00Z"}'
    conversion = ParquetConverter(template.glue_columns("LedgerTable"), formats).convert([record])
    assert _rows(conversion) == [
        {
            "object_key": "k",
            "size_bytes": 7,
            "created_at": datetime(2025, 10, 15, 12, tzinfo=UTC).replace(tzinfo=None),
        }
    ]
