"""The templates of ``infra/`` and ``crawlers/`` as a cost estimate needs them: resources, with parameters' defaults."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from operations.errors import OptionError

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)\}")


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's tags: ``!Ref X`` becomes ``{"Ref": "X"}``, and so each."""


def _function(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        return {suffix: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {suffix: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _function)


@dataclass(frozen=True)
class Templates:
    """The resources of all stacks by logical id; a ``!Ref`` to a parameter is its default, where it has one."""

    resources: Mapping[str, Any]

    def of_type(self, type_: str) -> Iterator[tuple[str, Any]]:
        """Yield logical id and properties of each resource of a type, such as ``AWS::Glue::Job``."""
        for logical_id, resource in self.resources.items():
            if resource["Type"] == type_:
                yield logical_id, resource.get("Properties", {})

    def properties(self, logical_id: str) -> Any:
        """Return one resource's properties; raise OptionError where no template has it."""
        if logical_id not in self.resources:
            raise OptionError(f"no template of infra/ has the resource {logical_id}, which the cost depends on")
        return self.resources[logical_id].get("Properties", {})


def read_templates(root: Path = ROOT, given: Mapping[str, str] | None = None) -> Templates:
    """Return the templates of a checkout; parameters are as given, else as the root has them, else a nested one."""
    paths = sorted([*root.glob("infra/*.yaml"), *root.glob("crawlers/*.yaml")])
    documents = {path.name: yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) for path in paths}
    if "template.yaml" not in documents:
        raise OptionError(f"there are no templates in {root}/infra: type the command in a checkout of the repository")
    defaults: dict[str, Any] = {}
    for document in [*documents.values(), documents["template.yaml"]]:
        parameters = document.get("Parameters", {})
        defaults |= {name: str(one["Default"]) for name, one in parameters.items() if "Default" in one}
    resources: dict[str, Any] = {}
    mappings: dict[str, Any] = {}
    for document in documents.values():
        resources |= document.get("Resources", {})
        mappings |= document.get("Mappings", {})
    return Templates(_resolved(resources, _Known(defaults | dict(given or {}), mappings)))


@dataclass(frozen=True)
class _Known:
    parameters: Mapping[str, str]
    mappings: Mapping[str, Any]


def _resolved(value: Any, known: _Known) -> Any:
    if isinstance(value, list):
        return [_resolved(member, known) for member in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", str(name))] if name in known.parameters:
            return known.parameters[name]
        case [("Sub", str(text))] if _names(text) <= known.parameters.keys():
            return _VARIABLE.sub(lambda found: known.parameters[found[1]], text)
        case [("FindInMap", [str(name), key, column])] if name in known.mappings:
            return known.mappings[name][_resolved(key, known)][_resolved(column, known)]
    return {name: _resolved(member, known) for name, member in value.items()}


def _names(text: str) -> set[str]:
    return set(re.findall(r"\$\{([^!}][^}]*)\}", text))
