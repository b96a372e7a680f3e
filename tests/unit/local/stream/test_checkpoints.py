from pathlib import Path

import pytest

from local.stream.checkpoints import CheckpointError, Checkpoints, load_checkpoints, save_checkpoints
from local.stream.stream_file import KnownInput


def test_a_new_lake_has_captured_nothing(tmp_path: Path) -> None:
    assert load_checkpoints(tmp_path) == Checkpoints(0.0, ())


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = Checkpoints().after(1_760_529_600.25, [KnownInput(3, "abc")])
    save_checkpoints(tmp_path, saved, tmp_path / "staged")
    assert load_checkpoints(tmp_path) == saved
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoints.json"]


def test_an_input_is_remembered_once_beside_its_beginnings() -> None:
    one, two = KnownInput(1, "a"), KnownInput(2, "b")
    assert Checkpoints().after(1, [one]).after(2, [two]).after(3, [one, two]).inputs == (one, two)


def test_the_same_input_begins_again_where_its_interrupted_capture_began(tmp_path: Path) -> None:
    begun = Checkpoints(5.0).before(tmp_path, "in.jsonl")
    save_checkpoints(tmp_path, begun, tmp_path / "staged")
    (tmp_path / "bronze_ledger/2025/10/15/10").mkdir(parents=True)
    assert load_checkpoints(tmp_path).before(tmp_path, "in.jsonl") == begun


def test_another_input_begins_after_what_an_interrupted_capture_put_into_the_ledger(tmp_path: Path) -> None:
    interrupted = Checkpoints(5.0).before(tmp_path, "in.jsonl")
    (tmp_path / "bronze_ledger/2025/10/15/11").mkdir(parents=True)
    (tmp_path / "bronze_ledger/2025/10/14/23").mkdir(parents=True)
    assert interrupted.before(tmp_path, "other.jsonl").clock == 1_760_529_600  # 2025-10-15T12:00:00Z


def test_a_finished_capture_leaves_nothing_to_begin_again() -> None:
    assert Checkpoints().before(Path("/nowhere"), "in.jsonl").after(9.0).capturing is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"clock": "soon", "inputs": []}', '{"clock": null, "inputs": 1}'])
def test_damaged_checkpoints_are_an_error_and_not_a_new_beginning(tmp_path: Path, content: str) -> None:
    (tmp_path / "checkpoints.json").write_text(content)
    with pytest.raises(CheckpointError, match="not readable"):
        load_checkpoints(tmp_path)
