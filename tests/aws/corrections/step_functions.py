"""Step Functions as AWS runs it: a task calls under the state machine's role, and ``glue:startJobRun.sync`` waits.

ministack 1.5.33 asks no role, and does not know that integration (``_invoke_resource``, "not yet implemented").
"""

import json
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from ministack.core.responses import get_account_id
from ministack.services import glue, stepfunctions

from tests.aws.corrections import acting

_execute, _invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
_role: ContextVar[str] = ContextVar("role")
_INTEGRATION = "arn:aws:states:::"
_APIS = {"sfn": "stepfunctions"}


def apply() -> None:
    """Put the corrections in the place of what they correct."""
    stepfunctions._execute_task = execute
    stepfunctions._invoke_resource = invoke
    glue.CRAWLER_RUN_SECONDS = 1  # of five, in each of the lane's runs


def execute(state: Mapping[str, Any], given: Any, execution: Mapping[str, Any], context: Any) -> Any:
    """Run a task state under the role of its state machine."""
    _role.set(stepfunctions._state_machines[execution["stateMachineArn"]]["roleArn"])
    return _execute(state, given, execution, context)


def invoke(resource: str, arguments: dict[str, Any]) -> Any:
    """Return what a task's call answers, as Step Functions hands it on."""
    call = resource.removeprefix(f"{_INTEGRATION}aws-sdk:").removeprefix(_INTEGRATION)
    service, _, action = call.partition(":")
    if action == "startJobRun.sync":
        return _run_job(arguments)
    if service in {"sfn", "glue", "sns"}:
        return _answer(service, action)(**arguments)
    return _invoke(resource, arguments)


def _run_job(arguments: dict[str, Any]) -> Any:
    """Return the run of a job once it has ended; one that did not succeed fails with itself as the cause."""
    started = _answer("glue", "startJobRun")(**arguments)
    look = {"JobName": arguments["JobName"], "RunId": started["JobRunId"]}
    while (run := _answer("glue", "getJobRun")(**look)["JobRun"])["JobRunState"] in {"STARTING", "RUNNING", "STOPPING"}:
        time.sleep(0.05)
    if run["JobRunState"] != "SUCCEEDED":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(run))
    return run


def _answer(service: str, action: str) -> Callable[..., Any]:
    """Return a call under the role: names begin with a capital in it and in its answer, whatever the API's own do."""
    context = {"aws:sourceaccount": get_account_id()}
    client = acting.client(_APIS.get(service, service), _role.get(), "states.amazonaws.com", context)
    operation = action[0].upper() + action[1:]
    members = {name.lower(): name for name in client.meta.service_model.operation_model(operation).input_shape.members}

    def call(**arguments: Any) -> Any:
        given = {members[name.lower()]: value for name, value in arguments.items()}
        try:
            answer = getattr(client, xform_name(operation))(**given)
        except ClientError as error:
            code = f"{service.capitalize()}.{error.response['Error']['Code']}"
            raise stepfunctions._ExecutionError(code, error.response["Error"]["Message"]) from error
        return _as_json({name: value for name, value in answer.items() if name != "ResponseMetadata"})

    return call


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {_capitalized(name): _as_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_json(member) for member in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _capitalized(name: str) -> str:
    return name if name.startswith("-") else name[0].upper() + name[1:]
