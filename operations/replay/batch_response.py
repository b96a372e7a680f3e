"""What a function's answer says about its batch: docs/aws-semantics.md#event-source-mapping-3."""

from collections.abc import Mapping, Sequence
from typing import Any


def first_failure(response: Any, sequence_numbers: Sequence[str]) -> int | None:
    """Return the position to retry from, None if the response reports success.

    The lowest returned number is the checkpoint; an identifier that is empty or not of this batch fails all,
    and so does a response that is no object. Of a record that came twice the first is meant: nothing is passed over.
    """
    if response is None or response == {}:
        return None
    failures = response.get("batchItemFailures") if isinstance(response, Mapping) else [response]
    if failures and not isinstance(failures, list):
        failures = [failures]
    positions = {number: position for position, number in reversed(list(enumerate(sequence_numbers)))}
    return min((positions.get(_identifier(item), 0) for item in failures or ()), default=None)


def _identifier(item: Any) -> str:
    identifier = item.get("itemIdentifier") if isinstance(item, Mapping) else None
    return identifier if isinstance(identifier, str) else ""
