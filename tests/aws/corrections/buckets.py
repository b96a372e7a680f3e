"""A template's bucket is encrypted as the template says, and asks for its key.

ministack 1.5.33 leaves out ``BucketEncryption`` (``_s3_create`` in its CloudFormation).
"""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3
from ministack.services.cloudformation import provisioners

_HANDLER = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]


def apply() -> None:
    """Put the corrections in the place of what they correct."""
    _HANDLER["create"] = encrypted(_HANDLER["create"], given=1)
    _HANDLER["update"] = encrypted(_HANDLER["update"], given=2)


def encrypted(make: Callable[..., Any], given: int) -> Callable[..., Any]:
    """Return what makes a bucket, by the properties at position ``given``, and then encrypts it as they say."""

    def make_encrypted(*arguments: Any, **named: Any) -> Any:
        made = make(*arguments, **named)
        for rule in arguments[given].get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", []):
            s3._put_bucket_encryption(made[0], _document(rule["ServerSideEncryptionByDefault"]))
        return made

    return make_encrypted


def _document(default: dict[str, str]) -> bytes:
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in sorted(default.items(), reverse=True))
    rule = f"<Rule><ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault></Rule>"
    return f"<ServerSideEncryptionConfiguration>{rule}</ServerSideEncryptionConfiguration>".encode()
