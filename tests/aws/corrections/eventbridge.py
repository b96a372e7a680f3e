"""EventBridge as AWS runs it: a delivery stream is a target, put to under the target's role, and so is a log group.

ministack 1.5.33 takes such a target and then says "unsupported target type" (``_invoke_target``).
"""

import json
import logging
import threading
import time
import uuid
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch_logs as logs
from ministack.services import eventbridge

from tests.aws.corrections import acting

_invoke = eventbridge._invoke_target
_logger = logging.getLogger("events")


def apply() -> None:
    """Put the correction in the place of what it corrects."""
    eventbridge._invoke_target = invoke


def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
    """Hand an event over to a rule's target; to a delivery stream later, because EventBridge is asynchronous."""
    arn = target.get("Arn", "")
    if ":log-group:" in arn:
        _log(arn.partition(":log-group:")[2], view or eventbridge._pattern_event_view(event))
        return
    if ":deliverystream/" not in arn:
        _invoke(target, event, rule, view)
        return
    view = view or eventbridge._pattern_event_view(event)
    transformer = target.get("InputTransformer")
    whole = json.dumps(view.event_with_detail())
    payload = eventbridge._apply_input_transformer(transformer, rule, view) if transformer else whole
    threading.Thread(target=_put, args=(target, payload), daemon=True).start()


def _log(group: str, view: Any) -> None:
    """Write the event to a stream of its own, as EventBridge does; the group's resource policy is not asked."""
    stream, now = uuid.uuid4().hex, int(time.time() * 1000)
    logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    lines = [{"timestamp": now, "message": json.dumps(view.event_with_detail())}]
    logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": lines})


def _put(target: dict[str, Any], payload: str) -> None:
    try:
        context = {"aws:sourceaccount": get_account_id()}
        firehose = acting.client("firehose", target["RoleArn"], "events.amazonaws.com", context)
        name = target["Arn"].rsplit("/", 1)[-1]
        firehose.put_record(DeliveryStreamName=name, Record={"Data": payload.encode()})
    except Exception:
        _logger.exception("EventBridge: %s: FailedInvocation", target["Arn"])
