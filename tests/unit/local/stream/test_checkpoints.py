from pathlib import Path

import pytest

from local.stream.checkpoints import CheckpointError, Checkpoints, load_checkpoints, save_checkpoints
from local.stream.stream_file import KnownInput


def test_a_new_lake_has_captured_nothing(tmp_path: Path) -> None:
    assert load_checkpoints(tmp_path) == Checkpoints(0.0, ())


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = Checkpoints().after(1_760_529_600.25, KnownInput(3, "abc"))
    save_checkpoints(tmp_path, saved, tmp_path / "staged")
    assert load_checkpoints(tmp_path) == saved
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoints.json"]


def test_an_input_is_remembered_once_beside_its_beginnings() -> None:
    one, two = KnownInput(1, "a"), KnownInput(2, "b")
    assert Checkpoints().after(1, one).after(2, two).after(3, two).inputs == (one, two)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"clock": "soon", "inputs": []}', '{"clock": null, "inputs": 1}'])
def test_damaged_checkpoints_are_an_error_and_not_a_new_beginning(tmp_path: Path, content: str) -> None:
    (tmp_path / "checkpoints.json").write_text(content)
    with pytest.raises(CheckpointError, match="not readable"):
        load_checkpoints(tmp_path)
