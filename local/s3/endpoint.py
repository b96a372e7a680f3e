"""S3's HTTP API on loopback, PutObject in path style: docs/aws-semantics.md#s3-events-7."""

import hashlib
from urllib.parse import unquote

from local.loopback import LoopbackServer, Request, Response
from local.s3.bucket import NAME, LakeBucket, S3UnavailableError

# S3's own limit is 1,024 bytes for the whole key; a laptop's file system takes these for each of its names.
_MAX_NAME_BYTES = 255


class S3Endpoint(LoopbackServer):
    """The API of the lake's bucket while the context is open; ``url`` is for boto3's ``endpoint_url``."""

    def __init__(self, bucket: LakeBucket) -> None:
        super().__init__(self._answer)
        self._bucket = bucket

    def _answer(self, request: Request) -> Response:
        name, _, key = unquote(request.target).removeprefix("/").partition("/")
        if request.method != "PUT" or not key:
            return _error("501 Not Implemented", "NotImplemented", "the laptop's S3 knows PutObject only")
        if name != NAME:
            return _error("404 Not Found", "NoSuchBucket", "The specified bucket does not exist")
        if max(map(len, key.encode().split(b"/"))) > _MAX_NAME_BYTES:
            return _error("400 Bad Request", "KeyTooLongError", "Your key is too long")
        try:
            self._bucket.put(key, request.body)
        except S3UnavailableError:
            return _error("503 Slow Down", "SlowDown", "Please reduce your request rate.")
        return Response("200 OK", headers={"ETag": f'"{hashlib.md5(request.body, usedforsecurity=False).hexdigest()}"'})


def _error(status: str, code: str, message: str) -> Response:
    document = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'
    return Response(status, body.encode(), {"Content-Type": "application/xml"})
