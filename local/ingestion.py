"""The template's ingestion on one machine: mapping → function → delivery stream → Bronze → ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from cdc_lambda.delivery import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS
from cdc_lambda.handler import make_handler
from local.clock import VirtualClock
from local.event_source_mapping.lambda_runtime import REGION, LambdaRuntime
from local.event_source_mapping.mapping import EventSourceMapping
from local.event_source_mapping.on_failure import OnFailureDestination
from local.firehose.delivery_stream import DeliveryStream
from local.firehose.endpoint import FirehoseEndpoint
from local.firehose.parquet import ParquetConverter
from local.s3.bucket import LakeBucket
from local.s3.event_rule import EventRule
from local.template import Template, load_template

INFRA = Path(__file__).parent.parent / "infra"


class Ingestion:
    """The composed parts of one lake; each can be asked afterwards what went through it."""

    def __init__(self, template: Template, bucket: LakeBucket, clock: VirtualClock) -> None:
        self._template = template
        self._bucket = bucket
        self._clock = clock
        self.ledger = self._delivery_stream("LedgerDeliveryStream", "LedgerTable")
        self.task_changes = self._delivery_stream("TaskChangesDeliveryStream", "TaskChangesTable")
        self.on_failure = OnFailureDestination("CdcFunction", bucket, clock)
        bucket.on_object_created(EventRule(template.rule_settings(), lambda record: self.ledger.put([record])))

    def mapping(self, firehose: Any) -> EventSourceMapping:
        """Return the event source mapping that feeds the deployable handler, which talks to ``firehose``."""
        handler = make_handler(firehose, self.task_changes.name, self._clock.now, self._clock.sleep)
        timeout = self._template.function_timeout_seconds("CdcFunction")
        runtime = LambdaRuntime("CdcFunction", handler, timeout, self._clock)
        return EventSourceMapping(self._template.mapping_settings(), runtime.invoke, self.on_failure, self._clock)

    def _delivery_stream(self, logical_id: str, table: str) -> DeliveryStream:
        settings = self._template.delivery_stream_settings(logical_id)
        converter = ParquetConverter(self._template.glue_columns(table), settings.timestamp_formats)
        return DeliveryStream(settings, converter, self._bucket, self._clock)


@contextmanager
def open_ingestion(bucket: LakeBucket, clock: VirtualClock) -> Iterator[tuple[Ingestion, EventSourceMapping]]:
    """Give the template's ingestion with its Firehose listening on loopback."""
    ingestion = Ingestion(load_template(INFRA), bucket, clock)
    with FirehoseEndpoint([ingestion.task_changes]) as endpoint:
        firehose = firehose_client(endpoint.url)
        try:
            yield ingestion, ingestion.mapping(firehose)
        finally:
            firehose.close()


def firehose_client(url: str) -> Any:
    """Return boto3's client for the endpoint; the user's profile, proxies and credentials play no part."""
    session = botocore.session.Session({"profile": (None, None, None, None), "config_file": (None, None, "", None)})
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        proxies={},
        # boto3 would compose its own, of 16 parts, twice a call.
        user_agent="task-lake",
    )
    return boto3.Session(
        aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION, botocore_session=session
    ).client("firehose", endpoint_url=url, config=config)
