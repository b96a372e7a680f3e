import pytest

from operations.errors import OptionError
from operations.stack import stages
from operations.stage import stage_named
from tests.unit.operations.fake_cloudformation import FakeCloudFormation, FakeStack


def test_a_stage_names_its_stacks_and_its_tags() -> None:
    stage = stage_named("dev")
    assert (stage.stack_name, stage.artifact_stack_name) == ("task-lake-dev", "task-lake-dev-artifacts")
    assert stage.tags == {"Project": "task-lake", "Stage": "dev"}


@pytest.mark.parametrize("name", ["Dev", "1st", "a_b", "x" * 21, "dev-artifacts", "dév"])
def test_a_name_that_no_stack_can_have_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=f"STAGE={name} is no stage's name"):
        stage_named(name)


def test_a_stage_must_be_said() -> None:
    with pytest.raises(OptionError, match="say which stage: STAGE=<name>"):
        stage_named("")


def test_the_stages_of_an_account_are_their_stacks_without_what_is_nested_or_beside_them() -> None:
    cloudformation, dev = FakeCloudFormation(), stage_named("dev")
    for name in ("task-lake-dev", "task-lake-dev-Lake-1X", "task-lake-dev-artifacts"):
        cloudformation.add(FakeStack(name, "CREATE_COMPLETE", tags=dev.tags))
    cloudformation.add(FakeStack("task-lake-old", "DELETE_COMPLETE", tags=stage_named("old").tags))
    cloudformation.add(FakeStack("another", "CREATE_COMPLETE"))
    assert {name: stack.name for name, stack in stages(cloudformation).items()} == {"dev": "task-lake-dev"}
