import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from cdc_lambda.claim_check import (
    MAX_RECORD_BYTES,
    Claim,
    ClaimCheck,
    OversizeRowError,
    UnstoredTextsError,
    object_key,
    user_folder,
)
from cdc_lambda.delivery import CALL_SECONDS
from tests.unit.cdc_lambda.fakes import BUCKET, FakeS3, claim_check_in

LETTER = Claim("letters", "letter_id", ("front", "back"), "pages_object")
KEY = "claim_checks/letters/2025/10/15/ada/l%2F1.json"


def plenty() -> float:
    return 60.0


def letter(front: str | None, back: str | None = None) -> dict[str, Any]:
    return {
        "letter_id": "l/1",
        "user_id": "ada",
        "event_date": "2025-10-15",
        "front": front,
        "back": back,
        "pages_object": None,
    }


def letter_of(size: int) -> dict[str, Any]:
    """Return a letter whose payload has exactly this many bytes."""
    empty = len(json.dumps(letter(""), separators=(",", ":")))
    return letter("x" * (size - empty))


def test_what_firehose_takes_goes_as_it_is_and_no_client_is_made() -> None:
    def never() -> FakeS3:
        raise AssertionError

    payload, is_oversize = ClaimCheck(never, BUCKET).to_payload(letter_of(MAX_RECORD_BYTES), LETTER, plenty)
    assert (len(payload), is_oversize) == (MAX_RECORD_BYTES, False)


def test_one_byte_more_leaves_the_texts_in_an_object_that_the_row_names() -> None:
    s3 = FakeS3()
    row = letter_of(MAX_RECORD_BYTES + 1)
    payload, is_oversize = claim_check_in(s3).to_payload(row, LETTER, plenty)
    assert is_oversize
    assert json.loads(payload) == letter(None) | {"pages_object": KEY}
    assert list(json.loads(payload)) == list(row)
    assert list(s3.objects) == [KEY]


def test_the_object_is_one_line_of_json_with_the_id_and_the_texts_whole() -> None:
    s3 = FakeS3()
    front = 'é"\\\n' * MAX_RECORD_BYTES
    claim_check_in(s3).to_payload(letter(front), LETTER, plenty)
    body = s3.objects[KEY]
    assert body.endswith(b"\n")
    assert body.count(b"\n") == 1
    assert json.loads(body) == {"letter_id": "l/1", "front": front, "back": None}


def test_a_row_too_large_without_its_texts_is_refused_and_leaves_no_object() -> None:
    s3 = FakeS3()
    row = letter("front") | {"letter_id": "x" * MAX_RECORD_BYTES}
    with pytest.raises(OversizeRowError, match="without its texts"):
        claim_check_in(s3).to_payload(row, LETTER, plenty)
    assert not s3.objects


@pytest.mark.parametrize(("letter_id", "name"), [("_x", "%5Fx"), (".x", "%2Ex"), ("a/b*", "a%2Fb%2A")])
def test_no_object_has_a_name_that_spark_passes_over_or_takes_for_a_pattern(letter_id: str, name: str) -> None:
    assert object_key(letter("") | {"letter_id": letter_id}, LETTER).endswith(f"/ada/{name}.json")


def test_a_row_that_comes_again_overwrites_its_own_object() -> None:
    s3 = FakeS3()
    row = letter_of(MAX_RECORD_BYTES + 1)
    first, second = (claim_check_in(s3).to_payload(row, LETTER, plenty) for _ in range(2))
    assert first == second
    assert len(s3.objects) == 1


def test_without_its_object_the_row_is_not_sent() -> None:
    with pytest.raises(UnstoredTextsError, match=r"^S3 answered SlowDown$"):
        claim_check_in(FakeS3(is_down=True)).to_payload(letter_of(MAX_RECORD_BYTES + 1), LETTER, plenty)


def test_an_s3_that_cannot_be_reached_is_named_without_its_address() -> None:
    def unreachable() -> FakeS3:
        raise EndpointConnectionError(endpoint_url="https://lake")

    with pytest.raises(UnstoredTextsError, match=r"^S3 did not answer: EndpointConnectionError$"):
        ClaimCheck(unreachable, BUCKET).to_payload(letter_of(MAX_RECORD_BYTES + 1), LETTER, plenty)


def test_a_call_that_could_outlive_the_invocation_is_not_begun() -> None:
    s3 = FakeS3()
    with pytest.raises(UnstoredTextsError, match="no time"):
        claim_check_in(s3).to_payload(letter_of(MAX_RECORD_BYTES + 1), LETTER, lambda: CALL_SECONDS - 0.1)
    assert s3.objects == {}


def test_the_longest_ids_make_a_key_that_s3_takes() -> None:
    row = letter("") | {"user_id": "日" * 682, "letter_id": "0" * 56}
    assert len(object_key(row, LETTER).encode()) <= 1024
    assert len(user_folder("日" * 682)) == 200
