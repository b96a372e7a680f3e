import pytest

from local.firehose.prefix import PrefixError, expand, folder, object_name, strftime_pattern
from tests.unit.local.stream_records import NOON


def test_a_prefix_takes_its_keys_the_oldest_arrival_and_the_error_type() -> None:
    assert expand("b/!{partitionKeyFromQuery:user}/!{timestamp:yyyy/MM/dd/HH}/", NOON, {"user": "a%2Fb"}) == (
        "b/a%2Fb/2025/10/15/12/"
    )
    assert expand("e/!{firehose:error-output-type}/", NOON, {}, "processing-failed") == "e/processing-failed/"


@pytest.mark.parametrize("prefix", ["!{partitionKeyFromQuery:no}/", "!{firehose:random-string}/", "!{timestamp:EEE}/"])
def test_an_expression_that_is_not_expanded_is_an_error(prefix: str) -> None:
    with pytest.raises(PrefixError):
        expand(prefix, NOON, {"user": "ada"})


def test_the_folder_of_a_prefix_ends_before_its_first_expression() -> None:
    assert folder("bronze/task_changes/!{partitionKeyFromQuery:year}/x/!{timestamp:MM}/") == "bronze/task_changes"
    assert folder("plain/") == "plain"


def test_quoted_text_of_a_java_pattern_is_literal() -> None:
    assert strftime_pattern("yyyy-MM-dd'T'HH:mm:ss'Z'") == "%Y-%m-%dT%H:%M:%SZ"


def test_an_object_is_named_by_stream_time_and_content() -> None:
    name = object_name("task-changes", "p/", NOON, b"content")
    assert name.startswith("task-changes-1-2025-10-15-12-00-00-")
    assert object_name("task-changes", "p/", NOON, b"content") == name
    assert object_name("task-changes", "q/", NOON, b"content") != name
    assert object_name("task-changes", "p/", NOON, b"other") != name
