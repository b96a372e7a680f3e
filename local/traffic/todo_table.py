"""The to-do application's single table: what each write makes its stream say."""

import json
import random
from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
Record = dict[str, Any]

STREAM_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/todo-app-data/stream/2025-09-01T00:00:00.000"
_TTL_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_FIRST_SEQUENCE_NUMBER = 4_421_584_500_000_000_000_000


class TodoTable:
    """Items by key; each write returns its stream record, with both images and a number that only grows."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._items: dict[tuple[str, str], Item] = {}
        self._sequence_number = _FIRST_SEQUENCE_NUMBER

    def load(self, item: Item) -> None:
        """Add an item from before the stream began."""
        self._items[_key(item)] = item

    def put(self, item: Item, moment: int) -> Record:
        """Write an item whole: INSERT or MODIFY."""
        old = self._items.get(_key(item))
        self._items[_key(item)] = item
        return self._record("MODIFY" if old else "INSERT", moment, new=item, old=old)

    def delete(self, item: Item, moment: int, by_ttl: bool = False) -> Record:
        """Remove an item; DynamoDB marks what it expired itself."""
        record = self._record("REMOVE", moment, old=self._items.pop(_key(item)))
        return record | {"userIdentity": _TTL_SERVICE} if by_ttl else record

    def _record(self, event_name: str, moment: int, new: Item | None = None, old: Item | None = None) -> Record:
        self._sequence_number += self._rng.randint(1, 9_999)
        images = {name: image for name, image in (("NewImage", new), ("OldImage", old)) if image is not None}
        first = next(iter(images.values()))
        return {
            "eventID": f"{self._rng.getrandbits(128):032x}",
            "eventName": event_name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": float(moment),
                "Keys": {"PK": first["PK"], "SK": first["SK"]},
                **images,
                "SequenceNumber": str(self._sequence_number),
                "SizeBytes": sum(len(json.dumps(image)) for image in images.values()),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
            "eventSourceARN": STREAM_ARN,
        }


def _key(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]
