from typing import Any

import pytest

from infra.cloudformation import Intrinsic, parse, resolved

PARAMETERS = {"Buckets": "16", "Name": "lake"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Buckets", "16"),
        ("!Sub 'n % ${Buckets} == ${Buckets}'", "n % 16 == 16"),
        ("!Sub 'arn:${Name}/${!Literal}'", "arn:lake/${Literal}"),
        ("[!Ref Name, {x: !Ref Name}]", ["lake", {"x": "lake"}]),
        (
            "!If [Condition, !Ref Name, !Ref AWS::NoValue]",
            Intrinsic("If", ["Condition", "lake", Intrinsic("Ref", "AWS::NoValue")]),
        ),
        ("!Ref TaskTable", Intrinsic("Ref", "TaskTable")),
        ("!Sub ${Name}-${AWS::Region}", Intrinsic("Sub", "${Name}-${AWS::Region}")),
        ("!GetAtt Name.Arn", Intrinsic("GetAtt", "Name.Arn")),
        ("'${Name}'", "${Name}"),
    ],
)
def test_only_what_names_nothing_but_parameters_is_resolved(text: str, expected: Any) -> None:
    assert resolved(parse(f"value: {text}"), PARAMETERS)["value"] == expected
