import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs.storage.ledger import Position, read_after
from glue_jobs.storage.ledger_rebuild import LedgerRebuild, LedgerRebuildError, rebuild_ledger

CHANGES, LOGS = "bronze/task_changes/", "bronze/api_logs/"
FIRST = f"{CHANGES}2024/01/31/a%20b/task-changes-1-2025-10-15-10-00-00-00000000-0000-0000-0000-000000000001.parquet"
SECOND = f"{CHANGES}2025/10/15/ada/task-changes-1-2025-10-15-11-59-59-00000000-0000-0000-0000-000000000002.parquet"
LINES = f"{LOGS}2025/10/15/ada/api-logs-1-2025-10-15-11-00-00-00000000-0000-0000-0000-000000000003.parquet"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    lake = tmp_path / "a lake"
    for key in (FIRST, SECOND, LINES):
        (lake / key).parent.mkdir(parents=True, exist_ok=True)
        (lake / key).write_bytes(b"rows")
    return lake


def arrive(lake: Path, hour: str, *keys: str) -> Path:
    path = lake / "bronze_ledger" / hour / "bronze-ledger-1-2025-10-15-12-00-00-000000000000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"object_key": list(keys), "size_bytes": [4] * len(keys)}), path)
    return path


def rebuild(lake: Path) -> LedgerRebuild:
    return rebuild_ledger(f"file://{lake}", lambda _: None)


def unread(lake: Path, position: Position | None, prefix: str = CHANGES) -> list[str]:
    return read_after(f"file://{lake}", prefix, position).object_keys


def test_a_ledger_that_is_lost_names_every_object_again(lake: Path) -> None:
    assert rebuild(lake) == LedgerRebuild(listed=3, known=0, added=3)
    assert unread(lake, None) == [FIRST, SECOND]
    assert unread(lake, None, LOGS) == [LINES]


def test_a_second_rebuild_adds_nothing(lake: Path) -> None:
    rebuild(lake)
    assert rebuild(lake) == LedgerRebuild(listed=3, known=3, added=0)
    assert len(list((lake / "bronze_ledger").rglob("*.parquet"))) == 1


def test_only_what_the_ledger_lacks_is_added_and_a_job_that_has_read_the_rest_reads_just_that(lake: Path) -> None:
    arrive(lake, "2025/10/15/12", FIRST)
    position = read_after(f"file://{lake}", CHANGES, None).position
    assert rebuild(lake) == LedgerRebuild(listed=3, known=1, added=2)
    assert unread(lake, position) == [SECOND]


def test_a_job_that_has_read_a_ledger_lost_since_reads_the_new_one(lake: Path) -> None:
    arrive(lake, "2025/10/15/12", FIRST, SECOND)
    position = read_after(f"file://{lake}", CHANGES, None).position
    shutil.rmtree(lake / "bronze_ledger")
    rebuild(lake)
    assert unread(lake, position) == [FIRST, SECOND]


def test_a_job_that_has_read_the_lost_end_of_a_ledger_reads_the_new_one(lake: Path) -> None:
    arrive(lake, "2025/10/01/00", FIRST)
    end = arrive(lake, "2025/10/15/12", SECOND)
    position = read_after(f"file://{lake}", CHANGES, None).position
    end.unlink()
    rebuild(lake)
    assert unread(lake, position) == [SECOND]


def test_what_arrives_after_a_rebuild_is_read_though_the_clock_is_years_ahead_of_the_input(lake: Path) -> None:
    rebuild(lake)
    position = read_after(f"file://{lake}", CHANGES, None).position
    arrive(lake, "2025/10/15/11", f"{CHANGES}later")
    assert unread(lake, position) == [f"{CHANGES}later"]


def test_what_the_ledger_names_and_is_gone_is_counted_and_told_with_what_to_do(lake: Path) -> None:
    arrive(lake, "2025/10/15/12", FIRST, SECOND, f"{CHANGES}gone", f"{LOGS}gone")
    done = rebuild(lake)
    assert done == LedgerRebuild(listed=3, known=2, added=1, gone=2)
    assert str(done.warning("s3://b")).startswith("2 objects that the ledger names are gone")
    assert "empty s3://b/bronze_ledger/ and make it anew" in str(done.warning("s3://b"))
    assert rebuild(lake).gone == 2
    assert LedgerRebuild(3, 3, 0).warning("s3://b") is None


def test_what_is_no_parquet_object_is_left_out(lake: Path) -> None:
    (lake / CHANGES / "2025/10/15/ada/.half.parquet.crc").write_bytes(b"")
    assert rebuild(lake).listed == 3


def test_an_empty_lake_has_nothing_to_rebuild(tmp_path: Path) -> None:
    assert rebuild(tmp_path) == LedgerRebuild(0, 0, 0)


def test_without_a_ledger_and_without_a_time_in_any_name_it_says_so(tmp_path: Path) -> None:
    (tmp_path / CHANGES / "2025/10/15/ada").mkdir(parents=True)
    (tmp_path / CHANGES / "2025/10/15/ada/x.parquet").write_bytes(b"")
    with pytest.raises(LedgerRebuildError, match="no name of an object in Bronze says when it came"):
        rebuild(tmp_path)


def test_an_entry_is_what_firehose_writes(lake: Path) -> None:
    rebuild(lake)
    (written,) = (lake / "bronze_ledger").rglob("*.parquet")
    first, *_ = sorted(pq.read_table(written).to_pylist(), key=lambda row: str(row["created_at"]))
    first["created_at"] = first["created_at"].replace(tzinfo=UTC)
    assert first == {"object_key": FIRST, "size_bytes": 4, "created_at": datetime(2025, 10, 15, 10, tzinfo=UTC)}
    assert {str(pq.read_schema(written).field("created_at").type)} == {"timestamp[ns]"}, "INT96, as Firehose has it"
    assert not list((lake / ".staging").iterdir())
