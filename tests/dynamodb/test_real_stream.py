"""What a real table's stream says reaches Bronze: real writes, the deployed settings, the deployable handler."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from local.clock import VirtualClock
from local.faults.plan import FaultPlan
from local.faults.profiles import NO_FAULTS
from local.ingestion import open_ingestion
from local.options import Options
from local.s3.bucket import LakeBucket
from local.stream.stream_record import StreamRecord, parse_line
from tests.dynamodb.dynamodb_local import TABLE, client, create_table, dynamodb, read_stream

SETS = ("SS", "NS", "BS")


def key(user: str, task: str) -> dict[str, Any]:
    return {"PK": {"S": f"TASK#{user}"}, "SK": {"S": f"TASK#{task}"}}


EVERY_TYPE: dict[str, Any] = {
    **key("josé/maría", "every-type"),
    "created_at": {"N": "1760518800"},
    "title": {"S": 'naïve 日本語 🚲 "quoted" \\ back\tslash\u2028\u0000'},
    "description": {"S": ""},
    "largest": {"N": "99999999999999999999999999999999999999"},
    "most_precise": {"N": "-0.12345678901234567890123456789012345678"},
    "binary": {"B": b"\x00\xff\xfe"},
    "empty_binary": {"B": b""},
    "strings": {"SS": ["é", "a", " "]},
    "numbers": {"NS": ["3.14", "-42", "12345678901234567890123456789012345678"]},
    "binaries": {"BS": [b"\x00", b"\xff"]},
    "nothing": {"NULL": True},
    "flag": {"BOOL": False},
    "list": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}, {"NULL": True}, {"B": b"y"}]},
    # No empty map: DynamoDB Local's stream writes {} for it, which is no attribute value.
    "map": {"M": {"in": {"M": {"deep": {"SS": ["1", "2"]}, "none": {"L": []}}}}},
}
# DynamoDB's largest item is 400 KB; both images of it as JSON are more than a Firehose record may be.
LARGEST: dict[str, Any] = {**key("ada", "largest"), "attachment": {"B": b"\xfb" * 409_000}}
EPHEMERAL: dict[str, Any] = {**key("ada", "ephemeral"), "created_at": {"N": "1760518800"}, "status": {"S": "pending"}}
PERSONAL: dict[str, Any] = {"PK": {"S": "USER#ada"}, "SK": {"S": "METADATA"}, "email": {"S": "ada@example.org"}}
IDEMPOTENCY: dict[str, Any] = {"PK": {"S": "IDEMPOTENCY#r1"}, "SK": {"S": "IDEMPOTENCY#r1"}}


@dataclass(frozen=True)
class Captured:
    """The stream's records, and the Bronze rows they became, in the same order."""

    stream: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    lake: Path

    def changes(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        return [row for row in self.rows if f"TASK#{row['task_id']}" == item["SK"]["S"]]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captured]:
    folder = tmp_path_factory.mktemp("dynamodb")
    with dynamodb(folder / "server.log") as url:
        arn = create_table(url)
        write(client("dynamodb", url))
        records = read_stream(url, arn)
    capture(records, folder / "lake")
    rows = pq.read_table(folder / "lake" / "bronze" / "task_changes").to_pylist()
    yield Captured(records, sorted(rows, key=lambda row: row["sequence_number"]), folder / "lake")


def write(table: Any) -> None:
    """Write as the application does: puts, updates, a transaction, deletions, other entities in between."""
    table.put_item(TableName=TABLE, Item=EVERY_TYPE)
    table.put_item(TableName=TABLE, Item=PERSONAL)
    table.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": item}} for item in (EPHEMERAL, IDEMPOTENCY)]
    )
    for item in (EVERY_TYPE, EPHEMERAL):
        complete(table, item)
    table.delete_item(TableName=TABLE, Key=key("ada", "ephemeral"))
    table.put_item(TableName=TABLE, Item=LARGEST)
    complete(table, LARGEST)


def complete(table: Any, item: dict[str, Any]) -> None:
    table.update_item(
        TableName=TABLE,
        Key={name: item[name] for name in ("PK", "SK")},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": "completed"}},
    )


def capture(records: list[dict[str, Any]], lake: Path) -> None:
    clock = VirtualClock()
    with open_ingestion(LakeBucket(lake, clock), clock, Options(), FaultPlan(NO_FAULTS, 0)) as doors:
        for number, record in enumerate(records):
            parsed = parse_line("stream", number, json.dumps(record, ensure_ascii=False).encode())
            assert isinstance(parsed, StreamRecord)
            clock.advance_to(parsed.created_at)
            doors.mapping.offer(parsed)
        clock.run_until_idle()


def as_written(item: dict[str, Any]) -> str:
    """Return an item in DynamoDB-JSON."""
    return json.dumps(item, default=lambda binary: base64.b64encode(binary).decode())


def compact(image: dict[str, Any] | None) -> str | None:
    """Return an image as the handler writes it: no spaces, no escapes that JSON does not ask for."""
    return None if image is None else json.dumps(image, ensure_ascii=False, separators=(",", ":"))


def unordered(text: str) -> Any:
    """Return an image whose sets and members compare in any order: DynamoDB keeps none."""
    return json.loads(text, object_hook=lambda value: {n: sorted(v) if n in SETS else v for n, v in value.items()})


def test_each_write_to_a_task_is_one_row_and_no_other_entity_is_any(captured: Captured) -> None:
    assert [(row["task_id"], row["event_name"]) for row in captured.rows] == [
        ("every-type", "INSERT"),
        ("ephemeral", "INSERT"),
        ("every-type", "MODIFY"),
        ("ephemeral", "MODIFY"),
        ("ephemeral", "REMOVE"),
        ("largest", "INSERT"),
        ("largest", "MODIFY"),
    ]
    assert len({row["event_id"] for row in captured.rows}) == 7


def test_every_attribute_type_arrives_as_it_was_written(captured: Captured) -> None:
    inserted, completed = captured.changes(EVERY_TYPE)
    assert inserted["user_id"] == "josé/maría"
    assert unordered(inserted["new_image"]) == unordered(as_written(EVERY_TYPE))
    assert unordered(completed["new_image"]) == unordered(as_written(EVERY_TYPE | {"status": {"S": "completed"}}))


def test_every_image_is_the_streams_own_byte_for_byte(captured: Captured) -> None:
    told = {record["eventID"]: record["dynamodb"] for record in captured.stream}
    images = [
        (row["event_id"], row["new_image"], row["old_image"]) for row in captured.rows if not row["images_object"]
    ]
    assert len(images) == 6
    for event_id, new_image, old_image in images:
        assert new_image == compact(told[event_id].get("NewImage"))
        assert old_image == compact(told[event_id].get("OldImage"))


def test_a_deletion_keeps_the_item_it_removed(captured: Captured) -> None:
    *_, removed = captured.changes(EPHEMERAL)
    assert removed["new_image"] is None
    assert unordered(removed["old_image"]) == unordered(as_written(EPHEMERAL | {"status": {"S": "completed"}}))
    assert not removed["is_ttl_delete"]


def test_the_largest_item_leaves_both_its_images_by_claim_check(captured: Captured) -> None:
    inserted, completed = captured.changes(LARGEST)
    assert unordered(inserted["new_image"]) == unordered(as_written(LARGEST))
    assert (completed["new_image"], completed["old_image"]) == (None, None)
    kept = json.loads((captured.lake / completed["images_object"]).read_text())
    assert unordered(kept["old_image"]) == unordered(as_written(LARGEST))
    assert kept["new_image"] == compact(captured.stream[-1]["dynamodb"]["NewImage"])
