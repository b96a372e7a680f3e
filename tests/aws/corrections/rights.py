"""IAM as AWS asks it: the resources of Glue, Athena, Logs and streams, and the key of an encrypted bucket.

ministack 1.5.33 takes the database for a table, a table for the database, a log group for its stream, and ``*`` for a
query's workgroup or a table's stream (``extract_resource_arn``); it does not know which key an object is to have
(``_s3_object_context``), and does not ask KMS when S3 encrypts or decrypts.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import athena, s3

_logger = logging.getLogger("iam")
_resource, _enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce
_s3_context = iam_actions.s3_service_context

# What S3 asks of KMS, in the name of whoever asks S3: a part of an upload is decrypted when the upload is completed.
_KEY_ACTIONS = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt"}
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_KEY = re.compile(r"<KMSMasterKeyID>(.+?)</KMSMasterKeyID>")


def apply() -> None:
    """Put the corrections in the place of what they correct."""
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.s3_service_context = s3_context
    iam_evaluator.enforce = enforce


def resource_arn(  # the arguments are ministack's
    service: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query: Mapping[str, Any],
    region: str,
    account: str,
) -> str:
    """Return the resource that a request is about."""
    corrected = {"athena": _athena, "dynamodbstreams": _streams, "glue": _glue, "logs": _logs}.get(service)
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    name = corrected(action, json.loads(body or b"{}")) if corrected else None
    if name is None:
        asked: str = _resource(service, method, path, headers, body, query, region, account)
        return asked
    return name if name == "*" or name.startswith("arn:") else f"arn:aws:{service}:{region}:{account}:{name}"


def _glue(action: str, request: Mapping[str, Any]) -> str | None:
    name, database = request.get("Name"), request.get("DatabaseName")
    if action in ("GetTables", "BatchDeleteTable"):
        return f"table/{database}/*"
    if "Table" in action and database:
        return f"table/{database}/{request.get('TableInput', {}).get('Name') or request.get('TableName') or name}"
    if "JobRun" in action:
        return f"job/{request.get('JobName')}"
    if action.endswith("Database"):
        return f"database/{request.get('DatabaseInput', {}).get('Name') or name}"
    kinds = {"SecurityConfiguration": "*", "Databases": "catalog", "Crawler": f"crawler/{name}", "Job": f"job/{name}"}
    return next(
        (resource for kind, resource in kinds.items() if action.endswith(kind) and (name or "/" not in resource)), None
    )


def _athena(action: str, request: Mapping[str, Any]) -> str | None:
    query = athena._executions.get(request.get("QueryExecutionId", "")) or {}
    saved = athena._named_queries.get(request.get("NamedQueryId", "")) or {}
    group = request.get("WorkGroup") or query.get("WorkGroup") or saved.get("WorkGroup")
    if action in ("StartQueryExecution", "GetQueryExecution", "GetQueryResults", "StopQueryExecution", "GetNamedQuery"):
        return f"workgroup/{group or 'primary'}"
    return None


def _logs(action: str, request: Mapping[str, Any]) -> str | None:
    if action in ("CreateLogStream", "PutLogEvents", "GetLogEvents"):
        return f"log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}"
    return None


def _streams(action: str, request: Mapping[str, Any]) -> str | None:
    if action == "ListStreams":
        return f"arn:aws:dynamodb:{get_region()}:{get_account_id()}:table/{request.get('TableName', '*')}/stream/*"
    return request.get("StreamArn")


def s3_context(action: str, query: Any, path: str = "", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the condition keys of a request to S3, the key for an object's encryption among them."""
    context: dict[str, Any] = _s3_context(action, query, path, headers)
    if key := (headers or {}).get(_KEY_HEADER):
        context[f"s3:{_KEY_HEADER}"] = key
    return context


def enforce(
    access_key: str,
    action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Mapping[str, Any] | None = None,
) -> Any:
    """Return None if the request is allowed on its resource and on each that AWS asks about besides; log a denial."""
    asked = [(action, service, arn, service_context) for arn in (resource_arn, *_parents(service, resource_arn))]
    if service == "s3" and action in _KEY_ACTIONS and (key := _bucket_key(resource_arn)):
        asked.append((_KEY_ACTIONS[action], "kms", key, {"kms:viaservice": f"s3.{region}.amazonaws.com"}))
    for one, of, arn, context in asked:
        if denied := _enforce(access_key, one, of, region, arn, context):
            _logger.warning("%s on %s: %s", one, arn, denied)
            return denied
    return None


def _parents(service: str, arn: str) -> Iterator[str]:
    """Yield a table's database and catalog, a database's catalog: Glue wants the right on all of them."""
    if service != "glue":
        return
    account, _, kind = arn.rpartition(":")
    kind, _, name = kind.partition("/")
    if kind == "table":
        yield f"{account}:database/{name.partition('/')[0]}"
    if kind in ("table", "database"):
        yield f"{account}:catalog"


def _bucket_key(arn: str) -> str | None:
    """Return the key by which the object's bucket encrypts, if it is a customer's."""
    bucket = arn.rpartition(":")[2].partition("/")[0]
    found = _KEY.search(s3._bucket_encryption.get(bucket) or "")
    return found[1] if found else None
