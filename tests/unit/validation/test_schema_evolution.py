"""What the validation of the schema stands on: an edited copy of the sources, other envelopes, and its own verdicts."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from glue_jobs.schemas.task import TASK_ATTRIBUTES
from local.options import Inputs
from local.traffic.day import day, day_logs
from tests.unit.local.stream_records import NOON, stream_record, write_lines
from validation import recount, schema_checks
from validation.day_parts import day_parts
from validation.edited_tree import edited_tree
from validation.envelopes import with_other_envelopes
from validation.lakes import StoppedError, captured, command, environment
from validation.layers import Layers, bronze_changes
from validation.schema_checks import NUMBER, REMOVED, promoted_checks
from validation.schema_evolution import without

CHANGES = recount.task_changes(day())


def test_a_line_in_a_copy_of_the_sources_declares_an_attribute_there_and_not_here(tmp_path: Path) -> None:
    line = 'Attribute("effort", "N", LongType()),'
    tree = edited_tree(tmp_path / "tree", line)
    asked = "from glue_jobs.schemas.task import TASK_ATTRIBUTES; print([a.name for a in TASK_ATTRIBUTES][-1])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=tree, capture_output=True, text=True, check=True)
    assert done.stdout == "effort\n"
    assert "effort" not in {attribute.name for attribute in TASK_ATTRIBUTES}
    assert (tree / "local" / "__main__.py").exists()
    assert not (tree / "tests").exists()


def test_objects_get_a_column_less_or_one_more_and_keep_their_rows(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    records = [stream_record(number, NOON + number, f"user-{number}") for number in range(50)]
    captured(lake, Inputs(write_lines(tmp_path / "e.jsonl", records)))
    assert with_other_envelopes(lake) == {"older": 20, "newer": 20}
    columns = [set(pq.read_schema(path).names) for path in sorted((lake / "bronze").rglob("*.parquet"))]
    assert sum("images_object" not in each for each in columns) == 20
    assert sum("schema_version" in each for each in columns) == 20
    assert len(bronze_changes(lake)) == 50


def test_a_value_that_is_missing_or_another_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"a": 15, "b": 30}
    rows = [{"event_id": "a", "value": 15}, {"event_id": "b", "value": 30}]
    assert schema_checks.same_values("x", wanted, rows).holds
    assert schema_checks.same_values("x", wanted, rows[:1]).found == "1 differ"
    assert schema_checks.same_values("x", wanted, [*rows, {"event_id": "c", "value": 1}]).found == "1 differ"
    assert schema_checks.same_values("x", wanted, [rows[0], {"event_id": "b", "value": 31}]).found == "1 differ"


def test_a_column_that_old_rows_lack_does_not_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    early, late = CHANGES[:1_000], CHANGES[1_000:2_000]
    through = recount.values(late, NUMBER)
    rows = [{"event_id": event_id, "value": int(value["N"])} for event_id, value in through.items()]
    monkeypatch.setattr(
        schema_checks, "asked", lambda _, sql: rows if "as value" in sql else [{"found": 0, "reason": ""}]
    )
    monkeypatch.setattr(schema_checks, "layers", lambda _: Layers(set(), set(), set(), set()))
    failed = [check.name for check in promoted_checks(tmp_path, early, late, set()) if not check.holds]
    assert f"declared: `{NUMBER}` of old rows and new ones" in failed
    assert "wrong type: all other rows went on" in failed


def test_an_attribute_that_was_given_up_is_in_no_image() -> None:
    record = next(
        one for one in day() if REMOVED in one["dynamodb"].get("NewImage", {}) and "OldImage" in one["dynamodb"]
    )
    given_up = without(REMOVED, record)
    images = [given_up["dynamodb"][name] for name in ("NewImage", "OldImage")]
    assert not any(REMOVED in image for image in images)
    assert REMOVED in record["dynamodb"]["NewImage"]
    assert all("title" in image for image in images)


def test_the_parts_of_a_day_are_all_of_it_in_order(tmp_path: Path) -> None:
    parts = day_parts(tmp_path, 11)
    counts = [sum(len(file.read_text().splitlines()) for file in (part.events, part.logs) if file) for part in parts]
    records = list(day())
    assert len(parts) == 11
    assert sum(counts) == len(records) + len(day_logs(records))
    assert min(counts) > 1_000


def test_a_command_that_fails_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match=r"`local rebuild --lake \S+` exits 2: there is no lake at"):
        command("rebuild", "--lake", str(tmp_path / "none"))


def test_what_make_exports_reaches_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE", ".lake")
    monkeypatch.setenv("FAULTS", "everything")
    assert not {"LAKE", "FAULTS"} & environment().keys()
