"""boto3's clients as the functions make them, for the endpoints of one lake on this machine."""

from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from cdc_lambda.environment import client_config
from local.lambda_functions.runtime import REGION


class Clients:
    """boto3's clients for one lake's endpoints, S3's made on first need as in Lambda."""

    def __init__(self, firehose_url: str, s3_url: str) -> None:
        self.firehose = client("firehose", firehose_url)
        self.s3 = cache(lambda: client("s3", s3_url))


def client(service: str, url: str) -> Any:
    """Return boto3's client for an endpoint; the user's profile, proxies and credentials play no part."""
    session = botocore.session.Session({"profile": (None, None, None, None), "config_file": (None, None, "", None)})
    # boto3 would compose a user agent of 16 parts, twice a call.
    config = client_config().merge(Config(proxies={}, s3={"addressing_style": "path"}, user_agent="task-lake"))
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    boto3_session: Any = boto3.Session(**credentials, region_name=REGION, botocore_session=session)
    return boto3_session.client(service, endpoint_url=url, config=config)
