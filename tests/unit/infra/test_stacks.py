"""The templates are one whole: each is nested once, given what it asks for, and names what no other names."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.cloudformation import Intrinsic, parse

ROOT = Path(__file__).parents[3]
FILES = sorted([*(ROOT / "infra").glob("*.yaml"), *(ROOT / "crawlers").glob("*.yaml")])
TEMPLATES = {path.relative_to(ROOT).as_posix(): parse(path.read_text(encoding="utf-8")) for path in FILES}
DEPLOYED_BY_ITSELF = {"infra/template.yaml", "infra/artifacts.yaml"}
GENERATED = "infra/named_queries.yaml"
IN_ONE_SITTING = 420
UPLOADED = "https://${ArtifactBucketName}.s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactVersion}/"


def stacks() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return each nested stack: whose it is, the file of its template, and its resource."""
    for parent, template in TEMPLATES.items():
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == "AWS::CloudFormation::Stack":
                url = resource["Properties"]["TemplateURL"].argument
                assert url.startswith(UPLOADED), f"{logical_id}: uploaded elsewhere"
                yield parent, url.removeprefix(UPLOADED), resource


STACKS = {file: (parent, resource) for parent, file, resource in stacks()}
each_stack = pytest.mark.parametrize("file", STACKS)


def inside(value: Any) -> Iterator[Any]:
    """Return a value and all that is in it."""
    yield value
    if isinstance(value, Intrinsic):
        yield from inside(value.argument)
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from inside(member)


def test_every_template_is_nested_once_but_those_that_are_deployed_by_themselves() -> None:
    assert len(list(stacks())) == len(STACKS)
    assert TEMPLATES.keys() - STACKS.keys() == DEPLOYED_BY_ITSELF


@each_stack
def test_a_stack_is_given_exactly_the_parameters_that_its_template_declares(file: str) -> None:
    _, resource = STACKS[file]
    given = resource["Properties"].get("Parameters", {}).keys()
    assert given == TEMPLATES[file].get("Parameters", {}).keys()


def test_the_demo_sources_names_are_the_ones_that_the_root_says() -> None:
    made = [one["Properties"] for one in TEMPLATES["infra/source.yaml"]["Resources"].values()]
    names = {one.get("LogGroupName", one.get("TableName")) for one in made}
    given = TEMPLATES["infra/template.yaml"]["Resources"]["Capture"]["Properties"]["Parameters"]
    said = {given[name].argument[1] for name in ("AccessLogGroupName", "AppLogGroupName", "TaskTableName")}
    assert said == names


@each_stack
def test_a_parameter_with_a_pattern_is_given_no_output(file: str) -> None:
    """A change set does not know an output that is not there yet: what stands for it fits no pattern."""
    _, resource = STACKS[file]
    for name, given in resource["Properties"].get("Parameters", {}).items():
        if "AllowedPattern" in TEMPLATES[file]["Parameters"][name]:
            assert not [one for one in inside(given) if isinstance(one, Intrinsic) and ".Outputs." in str(one.argument)]


@each_stack
def test_what_is_taken_of_a_stack_is_an_output_of_its_template(file: str) -> None:
    parent, resource = STACKS[file]
    (logical_id,) = (name for name, one in TEMPLATES[parent]["Resources"].items() if one is resource)
    attributes = [one.argument for one in inside(TEMPLATES[parent]) if isinstance(one, Intrinsic)]
    taken = {text.rpartition(".")[2] for text in attributes if str(text).startswith(f"{logical_id}.Outputs.")}
    assert taken <= TEMPLATES[file].get("Outputs", {}).keys()


@pytest.mark.parametrize("file", sorted(TEMPLATES.keys() - {GENERATED}))
def test_a_template_is_read_in_one_sitting_and_says_what_it_is(file: str) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= IN_ONE_SITTING
    assert TEMPLATES[file]["Description"]


def test_a_logical_id_names_one_resource_whichever_the_stack() -> None:
    counted = Counter(logical_id for template in TEMPLATES.values() for logical_id in template["Resources"])
    assert [logical_id for logical_id, times in counted.items() if times > 1] == []


def test_no_two_resources_of_a_type_have_the_same_name() -> None:
    counted = Counter(name for template in TEMPLATES.values() for name in names_of(template))
    assert len(counted) > 20
    assert [name for name, times in counted.items() if times > 1] == []


def names_of(template: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the type and the name of each resource that has a fixed one: AWS refuses a second of both."""
    for resource in template["Resources"].values():
        kind, properties = resource["Type"], resource.get("Properties", {})
        for described in (properties, properties.get("TableInput", {}), properties.get("DatabaseInput", {})):
            for key in ("Name", f"{kind.rpartition('::')[2]}Name"):
                if isinstance(described.get(key), str):
                    yield kind, described[key]
