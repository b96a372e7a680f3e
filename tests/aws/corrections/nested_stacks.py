"""CloudFormation keeps what a nested template says to keep, as AWS does.

ministack 1.5.33 deletes all that a nested stack holds, whatever its DeletionPolicy (``_cfn_nested_stack_delete``); of
the root it asks. A first deployment that is rolled back leaves nothing: `make deploy` asks for RetainExceptOnCreate.
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_delete = provisioners._cfn_nested_stack_delete


def apply() -> None:
    """Put the correction in the place of what it corrects."""
    provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]["delete"] = delete


def delete(physical_id: str, properties: dict[str, Any]) -> None:
    """Delete a nested stack, but for the resources that are kept."""
    child = cloudformation._stacks.get(provisioners._nested_stack_lookup_name(physical_id))
    if child and "ROLLBACK" not in _status(child["ParentId"]):
        definitions = child["_template"].get("Resources", {})
        for name in [name for name in child["_resources"] if _is_kept(definitions.get(name, {}))]:
            del child["_resources"][name]
    _delete(physical_id, properties)


def _status(stack_id: str) -> str:
    return next((str(one["StackStatus"]) for one in cloudformation._stacks.values() if one["StackId"] == stack_id), "")


def _is_kept(definition: dict[str, Any]) -> bool:
    return definition.get("DeletionPolicy") in provisioners._RETAINING_POLICIES
