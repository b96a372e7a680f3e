from typing import Any

import pytest

from operations.replay.batch_response import first_failure


@pytest.mark.parametrize("response", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_response_is_success(response: Any) -> None:
    assert first_failure(response, ["5", "6"]) is None


@pytest.mark.parametrize(
    "item", [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"id": "6"}, {"itemIdentifier": "7"}, "6"]
)
def test_an_empty_or_unknown_identifier_fails_the_whole_batch(item: Any) -> None:
    assert first_failure({"batchItemFailures": [{"itemIdentifier": "6"}, item]}, ["5", "6"]) == 0


@pytest.mark.parametrize(
    "response", ["OK", 1, {"batchItemFailures": "no list"}, {"batchItemFailures": 5}, {"batchItemFailures": {"a": 1}}]
)
def test_a_response_that_means_nothing_fails_the_whole_batch(response: Any) -> None:
    assert first_failure(response, ["5", "6"]) == 0


def test_the_lowest_returned_number_is_the_checkpoint() -> None:
    failures = [{"itemIdentifier": "7"}, {"itemIdentifier": "6"}]
    assert first_failure({"batchItemFailures": failures}, ["5", "6", "7"]) == 1


def test_of_a_record_that_came_twice_the_first_is_retried() -> None:
    assert first_failure({"batchItemFailures": [{"itemIdentifier": "5"}]}, ["4", "5", "6", "5"]) == 1
