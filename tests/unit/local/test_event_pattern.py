from typing import Any

import pytest

from infra.cloudformation import Intrinsic
from local.event_pattern import UnknownOperatorError, matches


@pytest.mark.parametrize(
    ("pattern", "event"),
    [
        ({"a": ["x", "y"]}, {"a": "y", "b": 1}),
        ({"a": {"b": [{"prefix": "TASK#"}]}}, {"a": {"b": "TASK#1"}}),
        ({"a": [{"suffix": ".gz"}]}, {"a": "f.gz"}),
        ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y", "c": "z"}),
        ({"a": [{"anything-but": ["x"]}]}, {"a": "y"}),
        ({"a": [{"exists": False}]}, {}),
        ({"a": [{"exists": True}]}, {"a": None}),
        ({"a": [None]}, {"a": None}),
        ({"a": ["x"]}, {"a": ["z", "x"]}),
        ({"bucket": [Intrinsic("Ref", "LakeBucket")]}, {"bucket": "any"}),
    ],
)
def test_a_fitting_event_matches(pattern: dict[str, Any], event: Any) -> None:
    assert matches(pattern, event)


@pytest.mark.parametrize(
    ("pattern", "event"),
    [
        ({"a": ["x"]}, {"a": "X"}),
        ({"a": ["x"], "b": ["y"]}, {"a": "x"}),
        ({"a": {"b": [{"prefix": "TASK#"}]}}, {"a": "TASK#"}),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y", "b": "x"}),
        ({"a": [{"prefix": "1"}]}, {"a": 1}),
        ({"a": [1]}, {"a": True}),
        ({"a": [{"anything-but": "x"}]}, {}),
        ({"a": [None]}, {}),
        ({"a": ["x"]}, None),
    ],
)
def test_another_event_does_not_match(pattern: dict[str, Any], event: Any) -> None:
    assert not matches(pattern, event)


def test_an_operator_that_is_not_evaluated_is_an_error_and_no_silent_mismatch() -> None:
    with pytest.raises(UnknownOperatorError, match="numeric"):
        matches({"a": [{"numeric": [">", 0]}]}, {"a": 1})
