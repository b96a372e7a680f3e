import json
from pathlib import Path

import pytest

from local.lake import LakeError, existing_lake, open_lake, queried_lake


def test_a_lake_is_made_where_there_is_none_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        with open_lake(tmp_path / "new" / "lake") as lake:
            assert lake == tmp_path / "new" / "lake"


def test_two_runs_on_one_lake_at_once_are_one_too_many(tmp_path: Path) -> None:
    with open_lake(tmp_path), pytest.raises(LakeError, match="in use by another run"), open_lake(tmp_path):
        pass


def test_a_run_that_fails_lets_go_of_the_lake(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match="mine"), open_lake(tmp_path):
        raise PermissionError("mine")
    with open_lake(tmp_path):
        pass


def test_a_lake_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lake.json").write_text(json.dumps({"format": 99, "path": str(tmp_path)}))
    with pytest.raises(LakeError, match="another version of Task Lake \\(format 99"), open_lake(tmp_path):
        pass


def test_a_lake_that_was_moved_says_where_it_belongs(tmp_path: Path) -> None:
    with open_lake(tmp_path / "here"):
        pass
    (tmp_path / "here").rename(tmp_path / "there")
    with pytest.raises(LakeError, match=r"was made at .*here.*move it back"), open_lake(tmp_path / "there"):
        pass


@pytest.mark.parametrize("label", ["", "{}", "[]", "{"])
def test_a_damaged_label_is_told(tmp_path: Path, label: str) -> None:
    (tmp_path / "lake.json").write_text(label)
    with pytest.raises(LakeError, match=r"lake\.json is damaged"), open_lake(tmp_path):
        pass


def test_a_folder_with_other_things_in_it_is_not_made_a_lake(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LakeError, match=r"is no lake, it holds 'thesis\.tex'"), open_lake(tmp_path):
        pass
    assert not (tmp_path / "lake.json").exists()


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "lake"):
        with pytest.raises(LakeError, match="is not a folder"), open_lake(path):
            pass


def test_a_path_that_spark_would_take_for_a_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="cannot use a path with"), open_lake(tmp_path / "la*ke"):
        pass


def test_a_query_needs_a_lake(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"no lake at .* `make run` makes one"):
        existing_lake(tmp_path)


def test_a_lake_whose_run_was_interrupted_can_be_replayed_and_not_yet_queried(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        pass
    assert existing_lake(lake) == lake
    with pytest.raises(LakeError, match=r"has no tables yet, its run was interrupted: `make run` goes on"):
        queried_lake(lake)
