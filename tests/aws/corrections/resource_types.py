"""CloudFormation's resource types of services that ministack 1.5.33 has, and its CloudFormation does not know.

It refuses a template that names one of them (``engine.py``, "Unrecognized resource types"). And it finds a nested
template by its URL's path alone, where the bucket may stand in the host.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ministack.core.responses import get_account_id
from ministack.services import athena, budgets, glue
from ministack.services.cloudformation import helpers, provisioners

Properties = dict[str, Any]
_resolve = helpers._resolve_document


def apply() -> None:
    """Make the types known."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::Glue::SecurityConfiguration"] = _type(create_security_configuration, delete_security_configuration)
    handlers["AWS::Athena::NamedQuery"] = _type(create_named_query, delete_named_query)
    handlers["AWS::Budgets::Budget"] = _type(create_budget, delete_budget)
    helpers._resolve_document = resolve_document


def _type(create: Callable[..., Any], delete: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Any:
        delete(physical_id, old)
        return create(physical_id, new, stack)

    return {"create": create, "update": update, "delete": delete}


def _done(answer: tuple[int, Any, bytes | str]) -> Any:
    status, _, body = answer
    if status >= 400:
        raise ValueError(body)
    return json.loads(body or "{}")


def create_security_configuration(_logical_id: str, given: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    """Return its name, which is its id."""
    _done(glue._create_security_configuration(given))
    return given["Name"], {}


def delete_security_configuration(physical_id: str, _given: Properties) -> None:
    """Delete it."""
    _done(glue._delete_security_configuration({"Name": physical_id}))


def create_named_query(_logical_id: str, given: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    """Return its id, once more as its attribute."""
    created = _done(athena._create_named_query(given))["NamedQueryId"]
    return created, {"NamedQueryId": created}


def delete_named_query(physical_id: str, _given: Properties) -> None:
    """Delete it."""
    _done(athena._delete_named_query({"NamedQueryId": physical_id}))


def create_budget(_logical_id: str, given: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    """Return its name, which is its id."""
    _done(budgets._create_budget({"AccountId": get_account_id(), **given}))
    return given["Budget"]["BudgetName"], {}


def delete_budget(physical_id: str, _given: Properties) -> None:
    """Delete it."""
    _done(budgets._delete_budget({"AccountId": get_account_id(), "BudgetName": physical_id}))


def resolve_document(parameters: Mapping[str, Any], body_key: str, url_key: str, label: str) -> Any:
    """Return a template or a policy, inline or by its URL, where the bucket is the host's first part, or the path's."""
    url = helpers._p(parameters, url_key)
    address = urlsplit(url or "")
    bucket, is_virtual, _ = address.netloc.partition(".s3.")
    if is_virtual:
        moved = address._replace(netloc="s3.amazonaws.com", path=f"/{bucket}{address.path}").geturl()
        parameters = {**parameters, url_key: [moved]}
    return _resolve(parameters, body_key, url_key, label)
