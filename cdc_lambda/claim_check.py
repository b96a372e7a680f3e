"""What is too large for a Firehose record: its texts go to an object of the lake, and the row names it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from cdc_lambda.delivery import CALL_SECONDS

MAX_RECORD_BYTES: Final = 1_024_000  # docs/aws-semantics.md#firehose-1
MAX_FOLDER_LENGTH: Final = 200  # an S3 key as a whole may have 1,024 bytes


class S3Client(Protocol):
    """The one call of boto3's S3 client that is used."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> Any:  # noqa: N803 - boto3's names
        """Store the object, or raise."""


class OversizeRowError(Exception):
    """The row is too large even without its texts. It is logged, so it names the fault and never a value."""


class UnstoredTextsError(Exception):
    """The object was not stored, so its row must not be sent. It is logged, so it names the fault and never a value."""


@dataclass(frozen=True)
class Claim:
    """Which columns of a Bronze table may be left in an object, and which column then names it."""

    table: str
    id_column: str
    text_columns: tuple[str, ...]
    object_column: str


@dataclass(frozen=True)
class ClaimCheck:
    """The bucket that keeps the objects; its client is made when the first is needed, which few invocations do."""

    s3: Callable[[], S3Client]
    bucket: str

    def to_payload(self, row: Mapping[str, Any], claim: Claim, seconds_left: Callable[[], float]) -> tuple[bytes, bool]:
        """Return the bytes that Firehose gets, without a line end, and whether the row's texts had to stay behind.

        Raises ``OversizeRowError``, ``UnstoredTextsError``, and ``orjson.JSONEncodeError`` for text beyond Unicode.
        """
        payload = orjson.dumps(row)
        if len(payload) <= MAX_RECORD_BYTES:
            return payload, False
        key = object_key(row, claim)
        rest = orjson.dumps({**row, **dict.fromkeys(claim.text_columns), claim.object_column: key})
        if len(rest) > MAX_RECORD_BYTES:
            raise OversizeRowError(f"the row passes {MAX_RECORD_BYTES:,} bytes without its texts")
        texts = {column: row[column] for column in (claim.id_column, *claim.text_columns)}
        self._store(key, orjson.dumps(texts, option=orjson.OPT_APPEND_NEWLINE), seconds_left)
        return rest, True

    def _store(self, key: str, body: bytes, seconds_left: Callable[[], float]) -> None:
        if seconds_left() < CALL_SECONDS:
            raise UnstoredTextsError("no time was left to store what is too large for Firehose")
        try:
            self.s3().put_object(Bucket=self.bucket, Key=key, Body=body)
        except ClientError as error:
            raise UnstoredTextsError(f"S3 answered {error.response['Error']['Code']}") from None
        except BotoCoreError as error:
            raise UnstoredTextsError(f"S3 did not answer: {type(error).__name__}") from None


def object_key(row: Mapping[str, Any], claim: Claim) -> str:
    """Return the key: the same for each delivery of a row, in folders as those of Bronze."""
    day = row["event_date"].replace("-", "/")
    return f"claim_checks/{claim.table}/{day}/{user_folder(row['user_id'])}/{visible_name(row[claim.id_column])}.json"


def user_folder(user_id: str) -> str:
    """Return the user's folder as the JQ query of infra/delivery.yaml names it for a folder a user."""
    return visible_name(user_id)[:MAX_FOLDER_LENGTH]


def visible_name(text: str) -> str:
    """Return the text percent-encoded for a key, its first character too if Spark would take the name for hidden."""
    name = quote(text, safe="!'()")
    return f"%{ord(name[0]):02X}{name[1:]}" if name.startswith((".", "_")) else name
