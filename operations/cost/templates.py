"""The templates of ``infra/`` and ``crawlers/`` as a cost estimate needs them: resources, with parameters' defaults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cloudformation import Intrinsic, parse, resolved
from infra.package import ROOT
from operations.errors import OptionError


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
    documents = {path.name: parse(path.read_text(encoding="utf-8")) for path in paths}
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
    return Templates(_plain(resolved(resources, defaults | dict(given or {})), mappings))


def _plain(value: Any, mappings: Mapping[str, Any]) -> Any:
    """Return the value with each function that is left as ``{"Ref": …}``, and what a mapping has in its place."""
    if isinstance(value, list):
        return [_plain(member, mappings) for member in value]
    if isinstance(value, Mapping):
        return {name: _plain(member, mappings) for name, member in value.items()}
    if not isinstance(value, Intrinsic):
        return value
    match value.tag, value.argument:
        case "FindInMap", [str(name), str(key), str(column)] if name in mappings:
            return mappings[name][key][column]
    return {value.tag: _plain(value.argument, mappings)}
