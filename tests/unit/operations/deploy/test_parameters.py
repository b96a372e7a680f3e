import re
from typing import Any, cast

import pytest
import yaml
from typer.main import get_command

from infra.package import ROOT
from operations.cli import app
from operations.deploy.parameters import is_as_deployed, stack_parameters, typed_parameters
from operations.errors import OptionError
from operations.stack import Stack
from tests.unit.operations.fake_cloudformation import START

COMMANDS = cast(Any, get_command(app)).commands
TEMPLATE = ["Stage", "ArtifactVersion", "UserBuckets", "AlarmEmail"]


def deployed(**parameters: str) -> Stack:
    return Stack("s", "id", "CREATE_COMPLETE", parameters, {}, {"Stage": "dev"}, START)


def test_what_is_typed_is_given_by_the_templates_names() -> None:
    options = {"SOURCE_STREAM": "arn", "USER_BUCKETS": "64", "ALARM_EMAIL": "", "LOG_GROUPS": "/a, /b"}
    assert typed_parameters(options) == {
        "TaskStreamArn": "arn",
        "UserBuckets": "64",
        "AccessLogGroupName": "/a",
        "AppLogGroupName": "/b",
    }


def test_one_log_group_is_the_access_log_and_there_is_no_other() -> None:
    assert typed_parameters({"LOG_GROUPS": "/a"}) == {"AccessLogGroupName": "/a", "AppLogGroupName": ""}


def test_none_takes_back_what_was_deployed() -> None:
    options = {"SOURCE_STREAM": "none", "LOG_GROUPS": "none", "ALARM_EMAIL": "none"}
    assert set(typed_parameters(options).values()) == {""}


def test_a_third_log_group_is_refused() -> None:
    with pytest.raises(OptionError, match="LOG_GROUPS=/a,/b,/c names 3 groups"):
        typed_parameters({"LOG_GROUPS": "/a,/b,/c"})
    with pytest.raises(OptionError, match="LOG_GROUPS=/a,/a names a group twice"):
        typed_parameters({"LOG_GROUPS": "/a,/a"})


def test_what_is_not_typed_stays_as_deployed_and_what_is_new_has_its_default() -> None:
    before = deployed(Stage="dev", UserBuckets="8", Dropped="x")
    assert stack_parameters({"Stage": "dev", "ArtifactVersion": "2"}, before, TEMPLATE) == [
        {"ParameterKey": "ArtifactVersion", "ParameterValue": "2"},
        {"ParameterKey": "Stage", "ParameterValue": "dev"},
        {"ParameterKey": "UserBuckets", "UsePreviousValue": True},
    ]


def test_a_parameter_that_the_template_has_not_is_refused() -> None:
    with pytest.raises(OptionError, match="has no parameter MonthlyBudget"):
        stack_parameters({"MonthlyBudget": "5"}, None, TEMPLATE)


@pytest.mark.parametrize(
    ("typed", "tags", "template", "same"),
    [
        ({"ArtifactVersion": "1"}, {"Stage": "dev"}, ["ArtifactVersion", "UserBuckets"], True),
        ({"ArtifactVersion": "2"}, {"Stage": "dev"}, ["ArtifactVersion", "UserBuckets"], False),
        ({"UserBuckets": "9"}, {"Stage": "dev"}, ["ArtifactVersion", "UserBuckets"], False),
        ({"ArtifactVersion": "1"}, {"Stage": "dev", "Project": "p"}, ["ArtifactVersion", "UserBuckets"], False),
        ({"ArtifactVersion": "1"}, {"Stage": "dev"}, ["ArtifactVersion", "UserBuckets", "New"], False),
    ],
)
def test_nothing_changes_where_version_values_and_tags_are_those_deployed(
    typed: dict[str, str], tags: dict[str, str], template: list[str], same: bool
) -> None:
    assert is_as_deployed(typed, tags, deployed(ArtifactVersion="1", UserBuckets="8"), template) is same


def test_every_parameter_of_the_root_template_can_be_typed_and_no_other() -> None:
    text = (ROOT / "infra" / "template.yaml").read_text()
    parameters = yaml.safe_load(re.split(r"^(?:Conditions|Resources):", text, flags=re.MULTILINE)[0])["Parameters"]
    options = {str(option.envvar) for option in COMMANDS["deploy"].params}
    typed = typed_parameters(dict.fromkeys(options, "x"))
    assert set(parameters) == set(typed) | {"Stage", "ArtifactBucketName", "ArtifactVersion"}


def test_make_hands_every_option_of_the_three_commands_over() -> None:
    makefile = (ROOT / "Makefile").read_text()
    exported = set(re.split(r"[\s,\\]+", re.split(r"foreach name,|,\$\(if", makefile)[1]))
    options = {option.envvar for name in ("deploy", "status", "teardown") for option in COMMANDS[name].params}
    assert options - {None} <= exported
