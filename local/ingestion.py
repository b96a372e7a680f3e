"""The template's ingestion on one machine: stream and logs → functions → delivery streams → Bronze → ledger."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

from cdc_lambda.circuit_breaker import CircuitBreaker
from cdc_lambda.claim_check import ClaimCheck
from cdc_lambda.delivery import Delivery
from cdc_lambda.handler import make_handler
from cdc_lambda.log_forwarder import make_forwarder
from local.accounting import Accounting
from local.clients import Clients
from local.clock import VirtualClock
from local.event_source_mapping.mapping import EventSourceMapping
from local.event_source_mapping.on_failure import OnFailureDestination
from local.faults.plan import FaultPlan
from local.firehose.delivery_stream import DeliveryStream
from local.firehose.endpoint import FirehoseEndpoint
from local.firehose.parquet import ParquetConverter
from local.lambda_functions.async_destination import AsyncDestination
from local.lambda_functions.async_invoker import AsyncInvoker
from local.lambda_functions.runtime import Handler, LambdaRuntime
from local.logs.subscription import LogSubscription
from local.options import API_LOGS, LEDGER, TASK_CHANGES, Options
from local.s3.bucket import NAME, LakeBucket
from local.s3.endpoint import S3Endpoint
from local.s3.event_rule import EventRule
from local.stream.stream_record import StreamRecord
from local.template import Template, load_template
from operations.replay.documents import log_event_ids

INFRA = Path(__file__).parent.parent / "infra"
_MAPPED, _FORWARDER = "CdcFunction", "LogForwarderFunction"
_REPLAY_SECONDS = 60.0


class Ingestion:
    """The composed parts of one lake; each can be asked afterwards what went through it."""

    def __init__(self, bucket: LakeBucket, clock: VirtualClock, options: Options, plan: FaultPlan) -> None:
        self.template = _template(options.user_buckets)
        self._bucket, self.clock, self.plan = bucket, clock, plan
        self.accounts = {
            TASK_CHANGES: Accounting("event_id", "bronze/task_changes"),
            API_LOGS: Accounting("log_event_id", "bronze/api_logs"),
            LEDGER: Accounting("object_key", "bronze_ledger"),
        }
        self.streams = {
            LEDGER: self._delivery_stream("LedgerDeliveryStream", "LedgerTable", LEDGER),
            TASK_CHANGES: self._delivery_stream("TaskChangesDeliveryStream", "TaskChangesTable", TASK_CHANGES),
            API_LOGS: self._delivery_stream("ApiLogsDeliveryStream", "ApiLogsTable", API_LOGS),
        }
        self.on_failure = OnFailureDestination(_MAPPED, bucket, clock, self._keep_records)
        self.async_failure = AsyncDestination(_FORWARDER, bucket, clock, self._keep_log_events)
        bucket.on_object_created(EventRule(self.template.rule_settings(), self._list_in_ledger))

    def function(self, name: str, handler: Any, delivery_stream: str, clients: Clients) -> LambdaRuntime:
        """Return the runtime of one deployable function; its cold start makes breaker and handler anew."""

        def cold_start() -> Handler:
            delivery = self.delivery(delivery_stream, clients)
            made: Handler = handler(delivery, ClaimCheck(clients.s3, NAME), name, self.clock.now)
            return made

        timeout = self.template.function_timeout_seconds(name)
        return LambdaRuntime(name, cold_start, timeout, self.clock, partial(self.plan.kill, name))

    def delivery(self, delivery_stream: str, clients: Clients) -> Delivery:
        """Return a delivery in this lake's time, its circuit closed."""
        breaker = CircuitBreaker(self.clock.now)
        return Delivery(clients.firehose, delivery_stream, breaker, self.clock.sleep, self.plan.jitter)

    @property
    def error_paths(self) -> list[Path]:
        """Return where what failed lies, store by store."""
        streams = (path for stream in self.streams.values() for path in stream.error_paths)
        return [*self.on_failure.paths, *self.async_failure.paths, *streams]

    def _list_in_ledger(self, entry: bytes) -> None:
        self.accounts[LEDGER].send(json.loads(entry)["object_key"])
        self.streams[LEDGER].put([entry])

    def _delivery_stream(self, logical_id: str, glue_table: str, table: str) -> DeliveryStream:
        settings = self.template.delivery_stream_settings(logical_id)
        converter = ParquetConverter(self.template.glue_columns(glue_table), settings.timestamp_formats)
        observe = self.accounts[table].keep_payloads
        quota = self.plan.profile.max_active_partitions
        return DeliveryStream(settings, converter, self._bucket, self.clock, observe, quota)

    def _keep_records(self, place: str, records: Sequence[StreamRecord]) -> None:
        self.accounts[TASK_CHANGES].keep(place, (str(record.body.get("eventID")) for record in records))

    def _keep_log_events(self, place: str, events: Sequence[Mapping[str, Any]]) -> None:
        self.accounts[API_LOGS].keep(place, chain.from_iterable(map(log_event_ids, events)))


@cache
def _template(user_buckets: int) -> Template:
    return load_template(INFRA, {"UserBuckets": str(user_buckets)})


@dataclass(frozen=True)
class Doors:
    """Where records enter a lake's ingestion, each kind by its own door."""

    ingestion: Ingestion
    mapping: EventSourceMapping
    forwarder: AsyncInvoker
    subscription: LogSubscription
    clients: Clients

    def put_again(self, table: str, payloads: Sequence[bytes]) -> bool:
        """Put records into a table's delivery stream once more, and return whether it has taken all of them.

        No more at a time than partitions may be active: the others would end where they came from.
        """
        clock, quota = self.ingestion.clock, self.ingestion.plan.profile.max_active_partitions
        delivery = self.ingestion.delivery(self.ingestion.streams[table].name, self.clients)
        left = 0
        for start in range(0, len(payloads), quota):
            if start:
                clock.run_until_idle()
            left += len(delivery.deliver(payloads[start : start + quota], lambda: _REPLAY_SECONDS).undelivered)
        return not left


@contextmanager
def open_ingestion(bucket: LakeBucket, clock: VirtualClock, options: Options, plan: FaultPlan) -> Iterator[Doors]:
    """Give the template's ingestion with its Firehose and S3 listening on loopback."""
    ingestion = Ingestion(bucket, clock, options, plan)
    with FirehoseEndpoint(ingestion.streams.values(), plan.outcome) as firehose, S3Endpoint(bucket) as s3:
        clients = Clients(firehose.url, s3.url)
        mapped = ingestion.function(_MAPPED, make_handler, ingestion.streams[TASK_CHANGES].name, clients)
        forwarding = ingestion.function(_FORWARDER, make_forwarder, ingestion.streams[API_LOGS].name, clients)
        template = ingestion.template
        forwarder = AsyncInvoker(
            forwarding, template.async_settings("LogForwarderInvokeConfig"), ingestion.async_failure, clock
        )
        mapping = EventSourceMapping(
            template.mapping_settings(), mapped.invoke, ingestion.on_failure, clock, options.shards
        )
        yield Doors(ingestion, mapping, forwarder, LogSubscription(forwarder.invoke, clock), clients)
