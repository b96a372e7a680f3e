"""How far a lake has captured which inputs, and its virtual time."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from local.stream.stream_file import KnownInput
from local.times import utc

FILE = "checkpoints.json"


class CheckpointError(ValueError):
    """The lake's checkpoints cannot be read: the lake is damaged, or of another version."""


@dataclass(frozen=True)
class Checkpoints:
    """The state between two runs; ``clock`` is in Unix seconds."""

    clock: float = 0.0
    inputs: tuple[KnownInput, ...] = ()

    def after(self, clock: float, whole: KnownInput) -> "Checkpoints":
        """Return the state once ``whole`` is captured; its beginnings stay known as inputs of their own."""
        return Checkpoints(clock, tuple(dict.fromkeys((*self.inputs, whole))))


def load_checkpoints(lake: Path) -> Checkpoints:
    """Return the lake's state, an empty one for a new lake."""
    path = lake / FILE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        inputs = tuple(KnownInput(int(known["lines"]), str(known["sha256"])) for known in state["inputs"])
        return Checkpoints(datetime.fromisoformat(state["clock"]).timestamp(), inputs)
    except FileNotFoundError:
        return Checkpoints()
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not readable: use another lake, or remove this one") from error


def save_checkpoints(lake: Path, checkpoints: Checkpoints, staged: Path) -> None:
    """Replace the lake's state in one step, on disk before it becomes visible."""
    inputs = [asdict(known) for known in checkpoints.inputs]
    state = {"clock": utc(checkpoints.clock).isoformat(), "inputs": inputs}
    with staged.open("w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(lake / FILE)
