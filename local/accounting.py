"""Where every record of a capture ended: where it belongs, in a failure store, or nowhere."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from local.firehose.delivery_stream import LOST

_SHOWN = 20


@dataclass(frozen=True)
class Account:
    """One source's records, each counted once: arrived, else in one failure store, else missing.

    A record may be in several places, because delivery is at least once; where it belongs counts first.
    """

    sent: int = 0
    arrived: int = 0
    failure_stores: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    missing_ids: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Return how many records are in a failure store and have not arrived."""
        return sum(self.failure_stores.values())


class Accounting:
    """Follows the records of one table by their id, as they come to lie in the table's folder or elsewhere.

    It counts what the services say they have stored; tests compare that with what lies there.
    """

    def __init__(self, id_column: str, home: str) -> None:
        self._id_column = id_column
        self._home = home
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
        """Return the sum: ``sent`` is ``arrived``, the failure stores and ``missing`` together."""
        arrived = self._sent & self._places.get(self._home, set())
        remaining, failed = self._sent - arrived, {}
        for store in sorted(self._places.keys() - {self._home, LOST}):
            if kept := remaining & self._places[store]:
                failed[store] = len(kept)
                remaining -= kept
        return Account(len(self._sent), len(arrived), failed, len(remaining), tuple(sorted(remaining)[:_SHOWN]))
