"""What each role may do is named: no action and no resource is everything, unless a reason stands beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.template import Template, load_template

INFRA = Path(__file__).parents[3] / "infra"


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(INFRA)


def test_no_role_may_do_everything_or_touch_everything(template: Template) -> None:
    for statement in role_statements(template):
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        # A security configuration has no ARN that a policy could name.
        assert "*" not in resources or actions == ["glue:GetSecurityConfiguration"]


def role_statements(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template.resources.values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield from properties["PolicyDocument"]["Statement"]
