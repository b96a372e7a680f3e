"""Where every record of a capture ended: in Bronze, in a failure store, or nowhere."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from local.firehose.delivery_stream import LOST

BRONZE = "bronze/"
_SHOWN = 20


@dataclass(frozen=True)
class Account:
    """One source's records, each counted once: in Bronze, else in one failure store, else missing.

    A record may be in several places, because delivery is at least once; Bronze counts first.
    """

    sent: int = 0
    bronze: int = 0
    failure_stores: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    missing_ids: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Return how many records are in a failure store and not in Bronze."""
        return sum(self.failure_stores.values())


class Accounting:
    """Follows the records of one source by their id, the one that Silver removes duplicates by."""

    def __init__(self, id_column: str) -> None:
        self._id_column = id_column
        self._sent: set[str] = set()
        self._places: dict[str, set[str]] = {}

    def send(self, record_id: str) -> None:
        """Note a record that was handed over."""
        self._sent.add(record_id)

    def keep(self, place: str, record_ids: Iterable[str]) -> None:
        """Note records that are now in a place, and may be in others as well."""
        self._places.setdefault(place, set()).update(record_ids)

    def keep_payloads(self, place: str, payloads: Sequence[bytes]) -> None:
        """Note envelopes that Firehose has put in a place."""
        self.keep(place, (json.loads(payload)[self._id_column] for payload in payloads))

    def account(self) -> Account:
        """Return the sum: ``sent`` is ``bronze``, the failure stores and ``missing`` together."""
        remaining = set(self._sent)
        counted = Counter[str]()
        for place in sorted(self._places.keys() - {LOST}):  # Bronze's name comes before those of the failure stores.
            counted[place] = len(remaining & self._places[place])
            remaining -= self._places[place]
        bronze = sum(count for place, count in counted.items() if place.startswith(BRONZE))
        stores = {place: count for place, count in counted.items() if count and not place.startswith(BRONZE)}
        return Account(len(self._sent), bronze, stores, len(remaining), tuple(sorted(remaining)[:_SHOWN]))
