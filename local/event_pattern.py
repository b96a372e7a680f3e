"""EventBridge patterns, for rules and for Lambda's filter criteria: docs/aws-semantics.md#s3-events-4."""

from collections.abc import Mapping
from typing import Any

from infra.cloudformation import Intrinsic


class UnknownOperatorError(ValueError):
    """The pattern uses an operator that the laptop does not evaluate."""


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Tell whether ``event`` satisfies every field of ``pattern``; a field's list holds alternatives, so does ``$or``.

    Fields that the pattern does not name are irrelevant. An array in the event matches if one element does.
    """
    return all(_field_matches(condition, event, field) for field, condition in pattern.items())


def _field_matches(condition: Any, event: Any, field: str) -> bool:
    if field == "$or":
        return any(matches(pattern, event) for pattern in condition)
    present = isinstance(event, dict) and field in event
    value = event[field] if present else None
    if isinstance(condition, dict):
        return matches(condition, value)
    values = value if isinstance(value, list) else [value]
    return any(_alternative_matches(alternative, one, present) for alternative in condition for one in values)


def _alternative_matches(alternative: Any, value: Any, present: bool) -> bool:
    if isinstance(alternative, Intrinsic):
        # The only names a deployment fills in are this lake's own bucket, and the laptop has no other.
        return present
    if not isinstance(alternative, dict):
        return present and type(value) is type(alternative) and bool(value == alternative)
    ((operator, operand),) = alternative.items()
    if operator == "exists":
        return present is operand
    if operator == "prefix":
        return isinstance(value, str) and value.startswith(operand)
    if operator == "suffix":
        return isinstance(value, str) and value.endswith(operand)
    if operator == "anything-but":
        return present and value not in (operand if isinstance(operand, list) else [operand])
    raise UnknownOperatorError(f"the laptop does not evaluate the pattern operator {operator!r}")
