"""A call to AWS that failed, as one line that says what to do next."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from operations.errors import AccountError, OperationError

_LOG_IN = "log in (`aws sso login`, `aws configure`), or set AWS_PROFILE, and type the same command again"
NO_REGION = "no AWS region is set: set AWS_REGION, such as AWS_REGION=eu-central-1"

_FAULTS: list[tuple[tuple[type[Exception], ...], str]] = [
    ((NoCredentialsError, PartialCredentialsError), f"no AWS credentials are found: {_LOG_IN}"),
    ((SSOError, TokenRetrievalError, CredentialRetrievalError), f"no AWS credentials can be had ({{}}): {_LOG_IN}"),
    ((ProfileNotFound,), "AWS_PROFILE is unknown ({}): `aws configure list-profiles` names those there are"),
    ((NoRegionError,), NO_REGION),
    ((InvalidRegionError,), "AWS_REGION is no region's name ({}): set one such as AWS_REGION=eu-central-1"),
    (
        (AwsConnectionError, HTTPClientError),
        "AWS cannot be reached ({}): check the network, AWS_REGION, proxies and AWS_ENDPOINT_URL",
    ),
]
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}


def error_code(error: ClientError) -> str:
    """Return AWS's own code of the refusal, such as ``NoSuchBucket``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """Return AWS's own words in one line."""
    return " ".join(error.response.get("Error", {}).get("Message", "").split())


def operation_error(error: BotoCoreError | ClientError) -> OperationError:
    """Return the error that a command ends with: an AccountError where the account is at fault."""
    if isinstance(error, ClientError):
        return _refusal(error)
    said = " ".join(str(error).split()).rstrip(".")
    for kinds, line in _FAULTS:
        if isinstance(error, kinds):
            return AccountError(line.format(said))
    return OperationError(f"AWS cannot be asked: {said}")


def _refusal(error: ClientError) -> OperationError:
    code, said = error_code(error), error_message(error)
    if code in _EXPIRED:
        return AccountError(f"the AWS credentials have expired: {_LOG_IN}")
    if code in _UNKNOWN:
        return AccountError(f"AWS does not know the credentials ({code}): {_LOG_IN}")
    if code in DENIED:
        return AccountError(f"not allowed to call {error.operation_name} ({said}): ask for it, or set AWS_PROFILE")
    return OperationError(f"AWS refused {error.operation_name}: {code}: {said}")
