"""One query in Athena: started, waited for, stopped where nobody waits any longer, and its pages of rows."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_exception, retry_if_result, stop_after_attempt, wait_exponential

from athena_queries.sql import QueryError

_CONTEXT = {"Catalog": "AwsDataCatalog", "Database": "gold"}
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "LimitExceededException", "RequestLimitExceeded"}
# With these waits a query has about three minutes to get its turn among the account's others.
_ATTEMPTS = 15
_TURN = wait_exponential(multiplier=0.5, max=20)
_POLL = wait_exponential(multiplier=0.1, max=5)
# What Athena says after a failed CTAS: the engine removes those files itself.
_ADVICE = (" If a data manifest file was generated", " You may need to manually clean")


@dataclass(frozen=True)
class Finished:
    """A query that succeeded: its id, and the bytes that it scanned."""

    id: str
    bytes_scanned: int


class AthenaCalls:
    """Athena's client as the engine needs it: throttled calls are repeated, what is refused is a QueryError."""

    def __init__(self, client: Any, workgroup: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._workgroup = workgroup
        self._sleep = sleep

    def execute(self, sql: str, parameters: Sequence[str] = ()) -> Finished:
        """Return the statement's execution once it has succeeded; raise QueryError with Athena's reason if it does not.

        There is no time-out here: Athena ends a statement itself after 30 minutes.
        """
        query = self._start(sql, parameters)
        execution = self._wait(query)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise QueryError(_reason(execution["Status"]))
        return Finished(query, execution.get("Statistics", {}).get("DataScannedInBytes", 0))

    def pages(self, query: str) -> Iterator[Any]:
        """Yield the pages of a query's answer, 1,000 rows each."""
        more: dict[str, str] = {}
        while True:
            page = self._call("get_query_results", QueryExecutionId=query, **more)
            yield page
            if "NextToken" not in page:
                return
            more = {"NextToken": page["NextToken"]}

    def _start(self, sql: str, parameters: Sequence[str]) -> str:
        given = {"ExecutionParameters": list(parameters)} if parameters else {}
        started = self._call(
            "start_query_execution",
            QueryString=sql,
            WorkGroup=self._workgroup,
            QueryExecutionContext=_CONTEXT,
            # The lake may have changed since: an answer from before is none.
            ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {"Enabled": False}},
            # A call that timed out may have started the query: the same token starts no second one.
            ClientRequestToken=uuid4().hex,
            **given,
        )
        return str(started["QueryExecutionId"])

    def _wait(self, query: str) -> Any:
        polling = Retrying(retry=retry_if_result(_is_unfinished), wait=_POLL, sleep=self._sleep)
        try:
            return polling(lambda: self._call("get_query_execution", QueryExecutionId=query)["QueryExecution"])
        except BaseException:  # an interrupt above all: what nobody waits for would scan on, and be billed
            with suppress(QueryError):
                self._call("stop_query_execution", QueryExecutionId=query)
            raise

    def _call(self, operation: str, **parameters: Any) -> Any:
        retrying = Retrying(
            retry=retry_if_exception(_is_throttled),
            wait=_TURN,
            stop=stop_after_attempt(_ATTEMPTS),
            sleep=self._sleep,
            reraise=True,
        )
        with refusals():
            return retrying(getattr(self._client, operation), **parameters)


@contextmanager
def refusals() -> Iterator[None]:
    """Make what AWS refuses, or cannot be asked, a QueryError."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise QueryError(str(error)) from error


def _is_unfinished(execution: Any) -> bool:
    return execution["Status"]["State"] in {"QUEUED", "RUNNING"}


def _is_throttled(error: BaseException) -> bool:
    return isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in _THROTTLED


def _reason(status: Any) -> str:
    reason = status.get("StateChangeReason") or f"the query was {status['State'].lower()}, and Athena says no reason"
    for advice in _ADVICE:
        reason = reason.partition(advice)[0]
    if "Bytes scanned limit was exceeded" in reason:
        return f"{reason}: ask for fewer days or columns, or raise BytesScannedCutoff in infra/athena.yaml"
    return str(reason)
