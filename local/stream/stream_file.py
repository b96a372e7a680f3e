"""An input file, of stream records or of log events: checked whole before use, then read line by line."""

import gzip
import hashlib
import io
import itertools
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.stream.json_line import Item, LineKind, Parse, Rejection

GZIP_MAGIC = b"\x1f\x8b"
UTF8_BOM = b"\xef\xbb\xbf"
MAX_LINE_BYTES = 32 * 1024 * 1024
_KEPT_BYTES = 1024 * 1024


class InputError(ValueError):
    """The input file cannot be used at all; the message is one line that names the file and what to do."""


@dataclass(frozen=True)
class KnownInput:
    """A file's beginning that an earlier run captured: so many lines with this hash."""

    lines: int
    sha256: str


@dataclass(frozen=True)
class Survey:
    """What a first pass over the whole file found; ``captured`` is its longest known beginning."""

    whole: KnownInput
    records: int
    captured: KnownInput | None
    captured_records: int


def survey(path: Path, known: Collection[KnownInput] = ()) -> Survey:
    """Return what the file holds, or raise ``InputError``: of a file broken further on, nothing is used."""
    marks: dict[int, set[str]] = {}
    for beginning in known:
        marks.setdefault(beginning.lines, set()).add(beginning.sha256)
    digest = hashlib.sha256()
    lines = records = captured_records = 0
    captured: KnownInput | None = None
    with _opened(path) as file:
        for line in _lines(file):
            lines += 1
            records += not _is_blank(line)
            digest.update(line.rstrip(b"\r\n") + b"\n")
            if lines in marks and digest.hexdigest() in marks[lines]:
                captured, captured_records = KnownInput(lines, digest.hexdigest()), records
    if not records:
        raise InputError(f"{path} is empty: give a file with one JSON object a line")
    return Survey(KnownInput(lines, digest.hexdigest()), records, captured, captured_records)


def check(path: Path, kind: LineKind[Item]) -> None:
    """Raise ``InputError`` if the file cannot be read to its end, or if no line of it is of the kind expected."""
    whole = survey(path).whole
    first: Rejection | None = None
    for _, item in read_records(path, after=0, through=whole.lines, parse=kind.parse):
        if not isinstance(item, Rejection):
            return
        first = first or item
    assert first is not None, "a survey of no records raises"
    raise InputError(
        f"{path} has no {kind.name} in {whole.lines:,} lines (line {first.line}: {first.reason}): {kind.advice}"
    )


def read_records(path: Path, after: int, through: int, parse: Parse[Item]) -> Iterator[tuple[int, Item | Rejection]]:
    """Yield the lines ``after`` < n <= ``through``, each as what it holds or as the reason why it does not.

    Blank lines are passed over. ``through`` is what the survey saw: of a file that grows, no more is read.
    """
    with _opened(path) as file:
        for number, line in enumerate(itertools.islice(_lines(file), through), start=1):
            if number > after and not _is_blank(line):
                yield number, _parsed(path.name, number, line, parse)


def _parsed(file: str, number: int, line: bytes, parse: Parse[Item]) -> Item | Rejection:
    if len(line) > MAX_LINE_BYTES:
        return Rejection(file, number, f"longer than {MAX_LINE_BYTES} bytes; raw is its beginning", line[:_KEPT_BYTES])
    return parse(file, number, line.removeprefix(UTF8_BOM) if number == 1 else line)


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedIOBase]:
    """Open plain or gzip by content, and turn every way in which reading fails into an ``InputError``."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a directory: give one .jsonl or .jsonl.gz file")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} cannot be read twice: save it to a regular file first")
        with path.open("rb") as raw:
            beginning = raw.read(len(GZIP_MAGIC))
            raw.seek(0)
            if beginning == GZIP_MAGIC:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked
            elif beginning and path.suffix == ".gz":
                raise InputError(f"{path} is named .gz but is not gzip: rename it, or compress it with gzip")
            else:
                yield raw
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: check the path") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is a broken gzip file ({error}): copy it again") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the file and its permissions") from error


def _lines(file: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield lines; of one longer than a record can be, only its beginning, one byte more than the limit."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES + 1)
        yield line


def _is_blank(line: bytes) -> bool:
    return not line.removeprefix(UTF8_BOM).strip()
