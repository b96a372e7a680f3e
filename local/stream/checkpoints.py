"""How far a lake has captured which inputs, and its virtual time."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.stream.stream_file import KnownInput
from local.times import utc

FILE = "checkpoints.json"


class CheckpointError(ValueError):
    """The lake's checkpoints cannot be read: the lake is damaged, or of another version."""


@dataclass(frozen=True)
class Checkpoints:
    """The state between two runs; ``clock`` is in Unix seconds.

    ``capturing`` names what began at ``clock`` and did not end, if the last capture or replay was interrupted.
    """

    clock: float = 0.0
    inputs: tuple[KnownInput, ...] = ()
    capturing: str | None = None

    def before(self, lake: Path, capturing: str) -> "Checkpoints":
        """Return the state as a capture of that name begins.

        After an interrupted capture the same one begins at the same moment, and so makes the same names again.
        Another one begins after everything in the ledger: a ledger object with an earlier name than one that
        Silver has read could be passed over.
        """
        if self.capturing is None or self.capturing == capturing:
            return replace(self, capturing=capturing)
        return replace(self, clock=max(self.clock, _end_of_ledger(lake)), capturing=capturing)

    def after(self, clock: float, captured: Iterable[KnownInput] = ()) -> "Checkpoints":
        """Return the state once the inputs are captured; their beginnings stay known as inputs of their own."""
        return Checkpoints(clock, tuple(dict.fromkeys((*self.inputs, *captured))))


def load_checkpoints(lake: Path) -> Checkpoints:
    """Return the lake's state, an empty one for a new lake."""
    path = lake / FILE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        inputs = tuple(_known(fields) for fields in state["inputs"])
        return Checkpoints(datetime.fromisoformat(state["clock"]).timestamp(), inputs, state.get("capturing"))
    except FileNotFoundError:
        return Checkpoints()
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not readable: use another lake, or remove this one") from error


def save_checkpoints(lake: Path, checkpoints: Checkpoints, staged: Path) -> None:
    """Replace the lake's state in one step, on disk before it becomes visible."""
    state = {**asdict(checkpoints), "clock": utc(checkpoints.clock).isoformat()}
    with staged.open("w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(lake / FILE)


def _known(fields: dict[str, Any]) -> KnownInput:
    return KnownInput(int(fields["lines"]), str(fields["sha256"]))


def _end_of_ledger(lake: Path) -> float:
    """Return the end of the newest hour that the ledger has objects of, in Unix seconds; 0 for an empty ledger."""
    hours = [hour.parts[-4:] for hour in (lake / "bronze_ledger").glob("*/*/*/*")]
    if not hours:
        return 0.0
    newest = datetime.strptime("/".join(max(hours)), "%Y/%m/%d/%H").replace(tzinfo=UTC)
    return (newest + timedelta(hours=1)).timestamp()
