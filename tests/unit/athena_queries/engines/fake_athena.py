"""A stand-in for Athena's API: what it is asked must be what AWS's own description allows, and so must its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

_MODEL = botocore.session.Session().get_service_model("athena")
_PAGE = 1_000


@dataclass(frozen=True)
class Outcome:
    """What becomes of one statement: its states as it is asked for them, its reason, its answer."""

    states: tuple[str, ...] = ("QUEUED", "RUNNING", "SUCCEEDED")
    reason: str | None = None
    # Name and type as ColumnInfo has them.
    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[str | None]] = ()
    bytes_scanned: int = 0


def failed(reason: str) -> Outcome:
    """Return the outcome of a statement that Athena does not carry out."""
    return Outcome(("QUEUED", "RUNNING", "FAILED"), reason)


def refused(code: str, operation: str) -> ClientError:
    """Return the error of a call that AWS does not take."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@dataclass
class FakeAthena:
    """Plays the outcome that ``answer`` gives for each statement, and keeps what it was asked."""

    answer: Callable[[str], Outcome]
    # What the next calls of an operation raise, before they are taken.
    faults: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _played: dict[str, Outcome] = field(default_factory=dict)
    _states: dict[str, list[str]] = field(default_factory=dict)

    @property
    def started(self) -> list[dict[str, Any]]:
        """Return the parameters of each statement that was started, or was to be."""
        return [parameters for operation, parameters in self.asked if operation == "StartQueryExecution"]

    @property
    def statements(self) -> list[str]:
        """Return the text of each of them."""
        return [parameters["QueryString"] for parameters in self.started]

    @property
    def stopped(self) -> list[str]:
        """Return the ids of the executions that were stopped."""
        return [parameters["QueryExecutionId"] for name, parameters in self.asked if name == "StopQueryExecution"]

    def start_query_execution(self, **parameters: Any) -> Any:
        """Return the id of a new execution."""
        self._ask("StartQueryExecution", parameters)
        query = f"query-{len(self._played)}"
        self._played[query] = self.answer(parameters["QueryString"])
        self._states[query] = list(self._played[query].states)
        return _answer("StartQueryExecution", {"QueryExecutionId": query})

    def get_query_execution(self, **parameters: Any) -> Any:
        """Return the execution in its next state; the last one stays."""
        self._ask("GetQueryExecution", parameters)
        query = parameters["QueryExecutionId"]
        states, outcome = self._states[query], self._played[query]
        state = states.pop(0) if len(states) > 1 else states[0]
        status = {"State": state, "SubmissionDateTime": datetime(2025, 10, 15, tzinfo=UTC)}
        if state in {"FAILED", "CANCELLED"} and outcome.reason:
            status["StateChangeReason"] = outcome.reason
        statistics = {"DataScannedInBytes": outcome.bytes_scanned} if state == "SUCCEEDED" else {}
        execution = {"QueryExecutionId": query, "Status": status, "Statistics": statistics}
        return _answer("GetQueryExecution", {"QueryExecution": execution})

    def get_query_results(self, **parameters: Any) -> Any:
        """Return a page of the answer; its first row repeats the columns' names."""
        self._ask("GetQueryResults", parameters)
        outcome = self._played[parameters["QueryExecutionId"]]
        rows = [[name for name, _ in outcome.columns], *outcome.rows]
        begin = int(parameters.get("NextToken", 0))
        page = {
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in rows[begin : begin + _PAGE]],
                "ResultSetMetadata": {"ColumnInfo": [_column(name, type_) for name, type_ in outcome.columns]},
            }
        }
        more = {"NextToken": str(begin + _PAGE)} if begin + _PAGE < len(rows) else {}
        return _answer("GetQueryResults", page | more)

    def stop_query_execution(self, **parameters: Any) -> Any:
        """Cancel an execution."""
        self._ask("StopQueryExecution", parameters)
        self._states[parameters["QueryExecutionId"]] = ["CANCELLED"]
        return {}

    def _ask(self, operation: str, parameters: dict[str, Any]) -> None:
        _check(parameters, _MODEL.operation_model(operation).input_shape)
        self.asked.append((operation, parameters))
        if faults := self.faults.get(operation):
            raise faults.pop(0)


def _answer(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    _check(answer, _MODEL.operation_model(operation).output_shape)
    return answer


def _check(given: dict[str, Any], shape: Any) -> None:
    report = ParamValidator().validate(given, shape)
    assert not report.has_errors(), report.generate_report()


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _column(name: str, type_: str) -> dict[str, Any]:
    base, _, digits = type_.partition("(")
    if base != "decimal":
        return {"Name": name, "Type": type_}
    precision, scale = digits.removesuffix(")").split(",")
    return {"Name": name, "Type": base, "Precision": int(precision), "Scale": int(scale)}
