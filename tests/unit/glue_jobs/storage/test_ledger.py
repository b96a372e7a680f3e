from datetime import date
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from glue_jobs.storage import ledger
from glue_jobs.storage.ledger import Position, read_after, read_days

PREFIX = "bronze/task_changes/"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "a lake"


def arrive(lake: Path, hour: str, name: str, *keys: str) -> None:
    path = lake / "bronze_ledger" / hour / f"ledger-1-{name:>012}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"object_key": list(keys), "size_bytes": [1] * len(keys)}), path)


def test_an_empty_lake_has_no_arrivals(lake: Path) -> None:
    arrivals = read_after(f"file://{lake}", PREFIX, None)
    assert (arrivals.object_keys, arrivals.position) == ([], None)


def test_each_object_is_read_once_and_only_those_of_the_prefix(lake: Path) -> None:
    arrive(lake, "2025/10/15/10", "1", f"{PREFIX}b", f"{PREFIX}a", "bronze/api_logs/x")
    arrive(lake, "2025/10/15/10", "2", f"{PREFIX}a")
    assert read_after(f"file://{lake}", PREFIX, None).object_keys == [f"{PREFIX}a", f"{PREFIX}b"]


def test_only_what_came_after_the_position_is_read(lake: Path) -> None:
    arrive(lake, "2025/10/15/10", "1", f"{PREFIX}a")
    first = read_after(f"file://{lake}", PREFIX, None)
    assert read_after(f"file://{lake}", PREFIX, first.position).object_keys == []
    arrive(lake, "2025/10/16/00", "2", f"{PREFIX}b")
    second = read_after(f"file://{lake}", PREFIX, first.position)
    assert (second.object_keys, second.ledger_objects) == ([f"{PREFIX}b"], 1)


def test_a_straggler_with_an_earlier_name_is_read_a_day_later(lake: Path) -> None:
    arrive(lake, "2025/10/16/11", "2", f"{PREFIX}b")
    position = read_after(f"file://{lake}", PREFIX, None).position
    arrive(lake, "2025/10/15/11", "1", f"{PREFIX}late")
    arrivals = read_after(f"file://{lake}", PREFIX, position)
    assert arrivals.object_keys == [f"{PREFIX}late"]
    assert read_after(f"file://{lake}", PREFIX, arrivals.position).object_keys == []


def test_hours_before_the_stragglers_are_not_listed(lake: Path) -> None:
    arrive(lake, "2025/10/16/11", "2", f"{PREFIX}b")
    position = read_after(f"file://{lake}", PREFIX, None).position
    arrive(lake, "2025/10/15/09", "1", f"{PREFIX}too-late")
    arrive(lake, "2024/12/31/23", "1", f"{PREFIX}too-late")
    assert read_after(f"file://{lake}", PREFIX, position).object_keys == []


def test_the_position_remembers_no_more_than_the_stragglers_hours(lake: Path) -> None:
    for day in range(1, 10):
        arrive(lake, f"2025/10/0{day}/00", str(day), f"{PREFIX}{day}")
    position = read_after(f"file://{lake}", PREFIX, None).position
    assert position is not None
    assert len(position.recent) == 2
    assert Position.from_json(position.to_json()) == position


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [(15, 15, ["a", "b", "before midnight"]), (14, 15, ["a", "b", "before midnight", "old"]), (17, 18, [])],
)
def test_the_days_asked_for_are_read_again_whatever_was_read(
    lake: Path, first: int, last: int, names: list[str]
) -> None:
    arrive(lake, "2025/10/14/22", "0", f"{PREFIX}old")
    # A ledger object that begins before midnight names what came after.
    arrive(lake, "2025/10/14/23", "1", f"{PREFIX}before midnight")
    arrive(lake, "2025/10/15/00", "2", f"{PREFIX}a", "bronze/api_logs/x")
    arrive(lake, "2025/10/15/23", "3", f"{PREFIX}b", f"{PREFIX}a")
    arrive(lake, "2025/10/16/00", "4", f"{PREFIX}c")
    again = read_days(f"file://{lake}", PREFIX, date(2025, 10, first), date(2025, 10, last))
    assert again.object_keys == [f"{PREFIX}{name}" for name in names]
    assert again.position is None


class _CountingFileSystem:
    """Counts listings; the rest of a file system is not needed where nothing is unread."""

    def __init__(self) -> None:
        self.listings = 0

    def get_file_info(self, selector: pyarrow.fs.FileSelector) -> list[pyarrow.fs.FileInfo]:
        self.listings += 1
        found: list[pyarrow.fs.FileInfo] = pyarrow.fs.LocalFileSystem().get_file_info(selector)
        return found


def test_a_run_lists_as_much_after_years_as_after_days(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def listings() -> int:
        counting = _CountingFileSystem()
        with monkeypatch.context() as patched:
            patched.setattr(ledger, "open_filesystem", lambda _: (counting, str(lake)))
            read_after(f"file://{lake}", PREFIX, position)
        return counting.listings

    for hour in range(24):
        arrive(lake, f"2025/10/15/{hour:02}", str(hour), f"{PREFIX}{hour}")
    position = read_after(f"file://{lake}", PREFIX, None).position
    after_a_day = listings()
    for year, month in product(range(2020, 2025), range(1, 13)):
        arrive(lake, f"{year}/{month:02}/15/00", "0", f"{PREFIX}old")
    assert listings() == after_a_day <= 6
