"""What the templates' roles may do, as plain statements."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.cloudformation import Intrinsic
from local.template import load_template

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "infra", ROOT / "crawlers")


def all_resources() -> dict[str, Any]:
    """Return the resources of every template by their logical ids, which no two templates share."""
    return {name: one for folder in FOLDERS for name, one in load_template(folder).resources.items()}


def listed(one_or_more: Any) -> list[Any]:
    """Return what a policy may write as one or as a list, as a list."""
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def statements_of(role: str, resources: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a role may do, by its own policies and by those that it is given."""
    properties = resources[role]["Properties"]
    managed = [resources[policy.argument]["Properties"] for policy in properties.get("ManagedPolicyArns", [])]
    policies = [*properties.get("Policies", []), *managed]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def places(statements: list[dict[str, Any]], *actions: str) -> set[str]:
    """Return the ends of the ARNs for which one of the actions is allowed; of the lake bucket, the key alone."""
    allowed = [one for one in statements if set(actions) & set(listed(one["Action"]))]
    arns = [arn.argument if isinstance(arn, Intrinsic) else arn for one in allowed for arn in listed(one["Resource"])]
    return {str(arn).removeprefix("arn:${AWS::Partition}:s3:::${LakeBucketName}/").rpartition(":")[2] for arn in arns}


def actions_of(statements: list[dict[str, Any]], service: str) -> Iterator[str]:
    """Return the actions of one service that are allowed."""
    for statement in statements:
        yield from (action for action in listed(statement["Action"]) if action.startswith(f"{service}:"))
