"""CloudFormation's YAML: short-form functions are kept, but for those that only name parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(?P<literal>!?)(?P<name>[^}]+)\}")


@dataclass(frozen=True)
class Intrinsic:
    """A CloudFormation short-form function (``!Ref``, ``!Sub`` …) that only a deployment can resolve."""

    tag: str
    argument: Any


class _Loader(yaml.CSafeLoader):
    """YAML as CloudFormation reads it: unknown tags are intrinsics."""


def _intrinsic(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> Intrinsic:
    if isinstance(node, yaml.MappingNode):
        return Intrinsic(suffix, loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Intrinsic(suffix, loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.ScalarNode)
    return Intrinsic(suffix, loader.construct_scalar(node))


_Loader.add_multi_constructor("!", _intrinsic)


def parse(text: str) -> dict[str, Any]:
    """Return a template as it is written."""
    document: dict[str, Any] = yaml.load(text, Loader=_Loader)
    return document


def resolved(value: Any, parameters: Mapping[str, str]) -> Any:
    """Return the value with each ``!Ref`` and ``!Sub`` replaced that names nothing else than ``parameters``."""
    if isinstance(value, Mapping):
        return {name: resolved(member, parameters) for name, member in value.items()}
    if isinstance(value, list):
        return [resolved(member, parameters) for member in value]
    if not isinstance(value, Intrinsic):
        return value
    match value.tag, value.argument:
        case "Ref", str(name) if name in parameters:
            return parameters[name]
        case "Sub", str(text) if _names(text) <= parameters.keys():
            return _substituted(text, parameters)
    return Intrinsic(value.tag, resolved(value.argument, parameters))


def _names(text: str) -> set[str]:
    return {found["name"] for found in _VARIABLE.finditer(text) if not found["literal"]}


def _substituted(text: str, parameters: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: f"${{{found['name']}}}" if found["literal"] else parameters[found["name"]], text)
