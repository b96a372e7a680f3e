"""A service of AWS that acts under a role: ministack's own services ask no role."""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts


class NotTrustedError(Exception):
    """The role's trust policy does not let the service assume it."""


def client(api: str, role_arn: str, service: str, context: Mapping[str, str]) -> Any:
    """Return a client of ``api`` under the role, which trusts ``service``, e.g. firehose.amazonaws.com.

    ``context`` is what the service tells when it assumes the role, e.g. sts:ExternalId, in small letters.
    """
    if not _trusts(role_arn, service, context):
        raise NotTrustedError(f"{role_arn} does not trust {service} with {dict(context)}")
    return _client(api, role_arn, service)


def _trusts(role_arn: str, service: str, context: Mapping[str, str]) -> bool:
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    trust = role["AssumeRolePolicyDocument"] if role else "{}"
    statements = (trust if isinstance(trust, dict) else json.loads(trust)).get("Statement", [])
    of_services = [statement for statement in statements if service in _services(statement)]
    root = f"arn:aws:iam::{get_account_id()}:root"
    asked = EvalContext(root, "Root", get_account_id(), "sts:AssumeRole", role_arn, get_region())
    asked.service_context.update(context)
    trusted: bool = evaluate_trust_policy({"Statement": of_services}, root, asked)
    return trusted


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return [services] if isinstance(services, str) else services


@cache
def _client(api: str, role_arn: str, service: str) -> Any:
    role, session = role_arn.rsplit("/", 1)[-1], service.partition(".")[0]
    digest = hashlib.sha256(f"{role_arn} {service}".encode()).hexdigest()
    credentials = {"SecretAccessKey": digest, "SessionToken": digest[::-1]}
    arn = f"arn:aws:sts::{get_account_id()}:assumed-role/{role}/{session}"
    key = f"ASIA{digest[:16].upper()}"
    sts.register_session(key, {"Arn": arn, "UserId": f"{role}:{session}", **credentials})
    return boto3.client(
        api,  # type: ignore[call-overload]
        endpoint_url=f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        region_name=get_region(),
        aws_access_key_id=key,
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )
