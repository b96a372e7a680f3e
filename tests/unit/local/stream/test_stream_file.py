import gzip
import os
from pathlib import Path

import pytest

from local.logs.log_event import LOG_EVENTS
from local.stream import stream_file
from local.stream.json_line import Rejection
from local.stream.stream_file import InputError, KnownInput, check, read_records, survey
from local.stream.stream_record import STREAM_RECORDS, StreamRecord, parse_line
from tests.unit.local.stream_records import stream_record, write_lines


def _records(path: Path, after: int = 0) -> list[tuple[int, StreamRecord | Rejection]]:
    return list(read_records(path, after, survey(path).whole.lines, parse_line))


def test_gzip_is_known_by_its_content_and_not_its_name(tmp_path: Path) -> None:
    plain = write_lines(tmp_path / "plain.jsonl", [stream_record(1)])
    packed = tmp_path / "packed.jsonl"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    assert _records(packed) == _records(plain)


def test_blank_lines_count_as_lines_but_not_as_records(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", [stream_record(1), "", "  ", stream_record(2)])
    assert (survey(path).whole.lines, survey(path).records) == (4, 2)
    assert [number for number, _ in _records(path)] == [1, 4]


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", [stream_record(1), stream_record(2)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert all(isinstance(item, StreamRecord) for _, item in _records(path))


def test_the_longest_known_beginning_is_found(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", [stream_record(1)])
    one = survey(path).whole
    two = survey(write_lines(path, [stream_record(1), stream_record(2)])).whole
    write_lines(path, [stream_record(number) for number in (1, 2, 3)])
    found = survey(path, [one, two, KnownInput(3, "of another file")])
    assert (found.captured, found.captured_records, found.records) == (two, 2, 3)


def test_a_last_line_without_its_line_end_is_the_same_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", [stream_record(1)])
    whole = survey(path).whole
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert survey(path).whole == whole


def test_a_file_that_grows_is_read_as_far_as_it_was_surveyed(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", [stream_record(1)])
    lines = survey(path).whole.lines
    write_lines(path, [stream_record(1), stream_record(2)])
    assert [number for number, _ in read_records(path, 0, lines, parse_line)] == [1]


def test_a_line_longer_than_any_record_is_rejected_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_file, "MAX_LINE_BYTES", 1_000)
    path = write_lines(tmp_path / "f", ["x" * 5_000, stream_record(1)])
    (_, long), (_, good) = _records(path)
    assert isinstance(long, Rejection)
    assert "longer than 1000 bytes" in long.reason
    assert isinstance(good, StreamRecord)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.jsonl", b"", "is empty"),
        ("f.jsonl", b"\n \n", "is empty"),
        ("f.jsonl.gz", b"", "is empty"),
        ("f.jsonl.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("f.jsonl.gz", b"{}\n", "is named .gz but is not gzip"),
        ("f.jsonl.gz", gzip.compress(b"{}\n" * 1000, mtime=0)[:-9], "is a broken gzip file"),
        ("f.jsonl.gz", gzip.compress(b"{}\n" * 1000, mtime=0)[:-8] + b"\0" * 8, "is a broken gzip file"),
        ("f.jsonl.gz", gzip.compress(b"{}\n", mtime=0) + b"rubbish", "is a broken gzip file"),
    ],
)
def test_an_unusable_file_is_one_clear_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        survey(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_a_directory_and_a_pipe_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, message in (
        (tmp_path / "no", "does not exist"),
        (tmp_path, "directory"),
        (tmp_path / "pipe", "twice"),
    ):
        with pytest.raises(InputError, match=message):
            survey(path)


def test_a_file_with_one_line_of_its_kind_passes_the_check(tmp_path: Path) -> None:
    check(write_lines(tmp_path / "f", ["{oops", stream_record(1)]), STREAM_RECORDS)


def test_a_file_without_any_line_of_its_kind_is_told_what_to_give(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f", ["", "{oops", stream_record(1)])
    with pytest.raises(InputError) as error:
        check(path, LOG_EVENTS)
    assert str(error.value).startswith(f"{path} has no CloudWatch log event in 3 lines (line 2: not JSON: ")
    assert str(error.value).endswith("give one JSON object a line, with logGroup, logStream, id, timestamp and message")
