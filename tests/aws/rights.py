"""What each role may do and what not, as calls on a deployed lake.

A call is allowed if AWS carries it out or misses what it is about; so most of them are about nothing that is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.aws.deployment import Deployment
from tests.aws.emulator import ACCOUNT, REGION

_DENIALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}


@dataclass(frozen=True)
class Call:
    """A call of AWS's API; ``{…}`` in an argument is an output or a resource of the deployment."""

    service: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = " ".join(str(value) for value in self.arguments.values() if isinstance(value, str))
        return f"{self.operation} {said}".replace("{LakeBucketName} ", "").strip()

    def is_allowed(self, deployed: Deployment, role: str) -> bool:
        """Whether the role may do it."""
        client = deployed.client(self.service, role)
        try:
            getattr(client, self.operation)(**_filled(self.arguments, {**deployed.resources, **deployed.outputs}))
        except ClientError as error:
            return error.response["Error"]["Code"] not in _DENIALS
        return True


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(known)
    if isinstance(value, Mapping):
        return {name: _filled(one, known) for name, one in value.items()}
    return [_filled(one, known) for one in value] if isinstance(value, list) else value


def get(key: str) -> Call:
    return Call("s3", "get_object", {"Bucket": "{LakeBucketName}", "Key": key})


def put(key: str) -> Call:
    return Call("s3", "put_object", {"Bucket": "{LakeBucketName}", "Key": key})


def delete(key: str) -> Call:
    return Call("s3", "delete_object", {"Bucket": "{LakeBucketName}", "Key": key})


def list_objects(prefix: str) -> Call:
    return Call("s3", "list_objects_v2", {"Bucket": "{LakeBucketName}", "Prefix": prefix})


def get_table(database: str, table: str) -> Call:
    return Call("glue", "get_table", {"DatabaseName": database, "Name": table})


def get_database(database: str) -> Call:
    return Call("glue", "get_database", {"Name": database})


def write_table(operation: str, database: str, table: str = "rights") -> Call:
    """Create or update a table."""
    return Call("glue", operation, {"DatabaseName": database, "TableInput": {"Name": table}})


def delete_table(database: str) -> Call:
    return Call("glue", "delete_table", {"DatabaseName": database, "Name": "rights"})


def start_job(job: str) -> Call:
    return Call("glue", "start_job_run", {"JobName": job})


def crawl(operation: str, crawler: str) -> Call:
    """Start or get a crawler."""
    return Call("glue", operation, {"Name": crawler})


def put_records(stream: str) -> Call:
    return Call("firehose", "put_record_batch", {"DeliveryStreamName": stream, "Records": [{"Data": b"{}"}]})


def new_log_stream(group: str) -> Call:
    return Call("logs", "create_log_stream", {"logGroupName": group, "logStreamName": "rights"})


def query(group: str) -> Call:
    return Call("athena", "start_query_execution", {"QueryString": "select 1", "WorkGroup": group})


def use_key(operation: str, **arguments: Any) -> Call:
    """Use the lake's key without a service in between."""
    return Call("kms", operation, {"KeyId": "{LakeKeyArn}", **arguments})


def start_execution(machine: str) -> Call:
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}"
    return Call("stepfunctions", "start_execution", {"stateMachineArn": arn, "name": "rights", "input": "[]"})


DATA_KEY = use_key("generate_data_key", KeySpec="AES_256")
