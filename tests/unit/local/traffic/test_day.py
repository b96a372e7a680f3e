import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.logs.log_event import LogEvent, parse_log_line
from local.stream.stream_file import read_records, survey
from local.stream.stream_record import StreamRecord, parse_line
from local.traffic.day import MIDNIGHT, day, day_logs, generate_day
from local.traffic.todo_tasks import DAY

Record = dict[str, Any]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(day())


@pytest.fixture(scope="module")
def changes(records: list[Record]) -> list[Record]:
    return [record for record in records if record["dynamodb"]["Keys"]["PK"]["S"].startswith("TASK#")]


def test_the_day_is_always_the_same_and_every_line_a_stream_record(tmp_path: Path, records: list[Record]) -> None:
    path, logs_path = tmp_path / "new" / "day.jsonl.gz", tmp_path / "new" / "logs.jsonl.gz"
    generate_day(path, logs_path)
    assert [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()] == records
    items = [item for _, item in read_records(path, 0, survey(path).whole.lines, parse_line)]
    assert all(isinstance(item, StreamRecord) for item in items)
    assert [json.loads(line) for line in gzip.decompress(logs_path.read_bytes()).splitlines()] == day_logs(records)
    events = [item for _, item in read_records(logs_path, 0, survey(logs_path).whole.lines, parse_log_line)]
    assert all(isinstance(item, LogEvent) for item in events)


def test_it_is_one_day_of_some_users_who_are_not_equally_busy(changes: list[Record]) -> None:
    busy = Counter(record["dynamodb"]["Keys"]["PK"]["S"] for record in changes)
    assert 150 <= len(busy) <= 200
    assert max(busy.values()) > 20 * sorted(busy.values())[len(busy) // 2] / 2
    moments = [record["dynamodb"]["ApproximateCreationDateTime"] for record in changes]
    assert moments == sorted(moments)
    assert MIDNIGHT <= moments[0] <= moments[-1] < MIDNIGHT + DAY


def test_each_old_image_is_the_new_image_before_it(records: list[Record]) -> None:
    latest: dict[str, Record | None] = {}
    for record in records:
        key = json.dumps(record["dynamodb"]["Keys"])
        old, new = record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage")
        assert old == latest.get(key, old)
        assert record["eventName"] == ("REMOVE" if new is None else "MODIFY" if old else "INSERT")
        latest[key] = new


def test_sequence_numbers_grow_and_event_ids_are_unique(records: list[Record]) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert all(len(number) >= 21 for number in numbers)
    assert [int(number) for number in numbers] == sorted({int(number) for number in numbers})
    assert len({record["eventID"] for record in records}) == len(records)


def test_every_kind_of_change_happens(changes: list[Record]) -> None:
    def status(record: Record, image: str) -> Any:
        return record["dynamodb"].get(image, {}).get("status", {}).get("S")

    seen = {(status(record, "OldImage"), status(record, "NewImage")) for record in changes}
    assert seen >= {
        (None, "pending"),
        ("pending", "in_progress"),
        ("in_progress", "completed"),
        ("in_progress", "cancelled"),
        ("completed", "pending"),
        ("completed", None),
        ("pending", None),
    }
    assert sum("userIdentity" in record for record in changes) == 60


def test_tasks_of_earlier_days_are_worked_on(changes: list[Record]) -> None:
    created = [
        int(record["dynamodb"].get("NewImage", {}).get("created_at", {"N": MIDNIGHT})["N"]) for record in changes
    ]
    assert sum(moment < MIDNIGHT for moment in created) > 1_000


def test_optional_attributes_are_missing_now_and_then_and_others_are_not_modelled(
    changes: list[Record],
) -> None:
    images = [record["dynamodb"]["NewImage"] for record in changes if "NewImage" in record["dynamodb"]]
    for name in ("description", "priority", "category", "due_date", "tags", "estimate_minutes", "GSI4PK"):
        assert 0 < sum(name in image for image in images) < len(images), name


def test_other_entities_and_odd_user_ids_are_mixed_in(records: list[Record]) -> None:
    keys = {record["dynamodb"]["Keys"]["PK"]["S"] for record in records}
    assert {key.split("#")[0] for key in keys} == {"TASK", "USER", "IDEMPOTENCY"}
    assert {"TASK#ana+todo@example.org", "TASK#Siobhán O'Connor", "TASK#.hidden"} <= keys
