"""For random log lines: in whatever order, how often and in how many parts they come, the requests are the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.transforms.api_logs import keep_halves, parse_api_logs
from glue_jobs.transforms.api_requests import HALF, to_api_requests
from tests.unit.glue_jobs.log_lines import NOON, NOON_MS, access, application, bronze_logs

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Line:
    """A line of one of a few requests; ``number`` is its id, so that lines of one second have an order.

    An id is used on ``day`` 0 and again on day 8: those are two requests.
    """

    number: int
    request: str
    day: int
    is_access: bool
    second: int
    user: str | None
    code: int
    milliseconds: int
    error: str | None

    @property
    def order(self) -> tuple[int, str]:
        return self.second, f"log-{self.number:02}"

    def row(self) -> dict[str, Any]:
        ids = {"request_id": self.request, "user_id": self.user}
        if self.is_access:
            told = {"status_code": self.code, "latency_ms": self.milliseconds, "integration_error": self.error}
            message = access(**ids, **told, requested_at_ms=NOON_MS + self.day * DAY_MS + self.milliseconds)
        else:
            status = "error" if self.error else "success"
            message = application(**ids, duration_ms=self.milliseconds, status=status, message=self.error or "done")
        logged_at = NOON + timedelta(days=self.day, seconds=self.second)
        return {"log_event_id": self.order[1], "logged_at": logged_at, "message": message}


LINES = st.lists(
    st.builds(
        Line,
        number=st.just(0),
        request=st.sampled_from("abcdefghij"),
        day=st.sampled_from([0, 8]),
        is_access=st.booleans(),
        second=st.integers(0, 3),
        user=st.sampled_from([None, "-", "ada", "bob"]),
        code=st.sampled_from([200, 404, 502]),
        milliseconds=st.integers(1, 99),
        error=st.sampled_from([None, "x", "y"]),
    ),
    min_size=20,
    max_size=60,
).map(lambda lines: [Line(**{**vars(line), "number": number}) for number, line in enumerate(lines)])


def expected(lines: Sequence[Line]) -> tuple[Any, ...]:
    """Return what one request is by its definition, without Spark."""
    inside = sorted((line for line in lines if not line.is_access), key=lambda line: line.order)
    outside = min((line for line in lines if line.is_access), key=lambda line: line.order, default=None)
    users = [line.user for line in [*([outside] if outside else []), *inside] if line.user not in (None, "-")]
    errors = [line.error for line in [*inside, *([outside] if outside else [])] if line.error]
    at = timedelta(milliseconds=outside.milliseconds) if outside else timedelta(seconds=inside[0].second)
    return (
        users[0] if users else "anonymous",
        NOON + timedelta(days=lines[0].day) + at,
        outside.code if outside else None,
        outside.milliseconds if outside else None,
        max((float(line.milliseconds) for line in inside), default=None),
        errors[0] if errors else None,
    )


def told(spark: SparkSession, known: DataFrame | None, lines: Sequence[Line]) -> DataFrame:
    """Return the table after one more increment: what it knew of all requests, joined with the lines."""
    halves = keep_halves(parse_api_logs(bronze_logs(spark, *(line.row() for line in lines))))
    return to_api_requests(known.select(*HALF).unionByName(halves) if known else halves)


def by_use(requests: DataFrame | None) -> dict[tuple[str, int], Any]:
    """Return the rows by id and day."""
    rows = requests.collect() if requests else []
    return {(row.request_id, (row.requested_at.astimezone(UTC) - NOON).days): row for row in rows}


# Few examples of many requests each: a request knows nothing of the others, and Spark takes as long for one as for all.
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, data=st.data())
def test_no_order_no_repetition_and_no_cut_changes_a_request(
    spark: SparkSession, lines: list[Line], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(lines), max_size=20))
    arrivals = data.draw(st.permutations([*lines, *again]))
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(arrivals))] * 2)))
    requests: DataFrame | None = None
    for part in (arrivals[:first], arrivals[first:second], arrivals[second:]):
        requests = told(spark, requests, part) if part else requests
    found = by_use(requests)
    assert found == by_use(told(spark, None, lines))
    of = {use: [line for line in lines if (line.request, line.day) == use] for use in found}
    assert {use: told_of(row) for use, row in found.items()} == {use: expected(its) for use, its in of.items()}


def told_of(row: Any) -> tuple[Any, ...]:
    numbers = row.status_code, row.latency_ms, row.lambda_duration_ms
    return row.user_id, row.requested_at.astimezone(UTC), *numbers, row.error
