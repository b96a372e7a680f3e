"""One line of an input file: JSON of the kind expected, or a plain reason why it is not."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that is not of its file's kind, kept whole for repair."""

    file: str
    line: int
    reason: str
    raw: bytes

    def document(self) -> dict[str, Any]:
        """Return what the failure store keeps; ``raw`` is base64 where the line is not UTF-8."""
        try:
            raw = {"raw": self.raw.decode()}
        except UnicodeDecodeError:
            raw = {"raw": base64.b64encode(self.raw).decode(), "raw_encoding": "base64"}
        return {"file": self.file, "line": self.line, "reason": self.reason, **raw}


Parse = Callable[[str, int, bytes], Item | Rejection]


@dataclass(frozen=True)
class LineKind(Generic[Item]):
    """What each line of a file should be: its name, what to do about a file of anything else, and how it is read."""

    name: str
    advice: str
    parse: Parse[Item]


class WrongLineError(ValueError):
    """The line is JSON but not of its kind; the message says why in plain words."""


def parse_json_line(
    file: str, number: int, line: bytes, to_item: Callable[[dict[str, Any], str], Item]
) -> Item | Rejection:
    """Return what ``to_item`` makes of the line's object and text, or its rejection; no content of a line raises."""
    line = line.strip(b"\r\n")
    try:
        text = line.decode()
        body = _DECODER.decode(text)
        require(isinstance(body, dict), "JSON, but not an object")
        return to_item(body, text)
    except UnicodeDecodeError:
        return Rejection(file, number, "not UTF-8 text", line)
    except WrongLineError as error:
        return Rejection(file, number, str(error), line)
    except RecursionError:
        return Rejection(file, number, "JSON nested too deeply", line)
    except ValueError as error:
        return Rejection(file, number, f"not JSON: {error}", line)


def require(condition: bool, otherwise: str) -> None:
    """Raise ``WrongLineError`` with the reason unless the condition holds."""
    if not condition:
        raise WrongLineError(otherwise)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
