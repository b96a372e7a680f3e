"""Typed values against what the root template says of its parameters: CloudFormation would say so after the upload."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.cloudformation import parse
from infra.package import ROOT
from operations.deploy.artifacts import ROOT_TEMPLATE
from operations.deploy.parameters import as_typed
from operations.errors import OptionError

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# operations/deploy/source.py asks more of it than its pattern does, and says how to find the right one.
_LOOKED_AT_ELSEWHERE = {"TaskStreamArn"}


def check_values(typed: Mapping[str, str], root: Path = ROOT) -> None:
    """Raise OptionError if the root template does not take a value, in the words it was typed with."""
    document = parse((root / ROOT_TEMPLATE).read_text(encoding="utf-8"))
    for name, value in typed.items():
        if name not in _LOOKED_AT_ELSEWHERE and (wrong := _wrong(document["Parameters"].get(name, {}), value)):
            raise OptionError(f"{as_typed(name, value)} {wrong}")


def _wrong(parameter: Mapping[str, Any], value: str) -> str:
    """Return what is wrong with the value, or nothing."""
    if parameter.get("Type") == "Number":
        if not _NUMBER.fullmatch(value):
            return f"is not a number: write digits, such as {parameter.get('Default', 1)}"
        if "MinValue" in parameter and Decimal(value) < Decimal(str(parameter["MinValue"])):
            return f"is too small: {parameter['MinValue']} is the least"
        if "MaxValue" in parameter and Decimal(value) > Decimal(str(parameter["MaxValue"])):
            return f"is too large: {parameter['MaxValue']} is the most"
    allowed = [str(one) for one in parameter.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"is not one of {', '.join(allowed)}"
    pattern = str(parameter.get("AllowedPattern", ""))
    if pattern and not re.fullmatch(pattern, value):
        return f"does not match {pattern}: {parameter.get('Description', '')}"
    return ""
