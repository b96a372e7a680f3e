"""Athena itself, through its API; what this relies on stands in docs/aws-semantics.md, under Athena.

On Glue there is neither DuckDB nor PyIceberg, so nothing here imports them.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from sqlglot import exp

from athena_queries.engines.athena_calls import AthenaCalls, refusals
from athena_queries.engines.athena_leftovers import drop, remove_others
from athena_queries.engines.athena_rows import to_table
from athena_queries.engines.athena_statements import (
    conditions,
    create_table_as,
    distinct_values,
    partition_expressions,
    selected_table,
    storable,
)
from athena_queries.engines.engine import Answer, NewTable
from athena_queries.sql import QueryError, parse, with_parameters

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORKGROUP = "task-lake"


class AthenaEngine:
    """Runs Athena's SQL in a workgroup, which says where answers lie and how much a query may scan."""

    def __init__(
        self, athena: Any, glue: Any, s3: Any, workgroup: str = WORKGROUP, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._calls = AthenaCalls(athena, workgroup, sleep)
        self._glue = glue
        self._s3 = s3

    def run(self, sql: str, parameters: Sequence[str] = ()) -> Answer:
        """Return the answer to one SELECT, each ``?`` replaced by a SQL literal; raise QueryError if there is none.

        An interrupt stops the query. The rows are held in memory: an answer is for a person, or for a check.
        """
        started = time.monotonic()
        query, filled = parse(sql), with_parameters(sql, parameters)
        finished = self._calls.execute(sql, parameters) if _is_bindable(query) else self._calls.execute(filled)
        rows = to_table(self._calls.pages(finished.id))
        return Answer(rows, finished.bytes_scanned, time.monotonic() - started)

    def create_table_as(self, spark: "SparkSession", table: NewTable, select: str) -> int:
        """Make an Iceberg table of the SELECT's rows, which ``spark`` can read; return the bytes scanned.

        A time with a zone is stored as the same time in UTC, without one. Raises QueryError, and then leaves nothing
        behind.
        """
        try:
            return sum(self._create(spark, table, select.rstrip().removesuffix(";")))
        except BaseException as failure:
            self._clean_up(spark, table, failure)
            raise

    def drop_table(self, spark: "SparkSession", name: str, location: str) -> None:
        """Remove what there is of a table, of the rows gathered for it, and of the files at its location."""
        table = NewTable(name, location.rstrip("/"))
        drop(spark, self._s3, _gathered(table))
        drop(spark, self._s3, table)

    def remove_others(self, folder: str, kept: Collection[str]) -> None:
        """Remove the builds' folders in a folder that are none of these locations."""
        remove_others(self._s3, folder, kept)

    def view_target(self, view: str) -> str | None:
        """Return the table that a view ``gold.<name>`` selects from, or None where nothing is published."""
        namespace, _, name = view.partition(".")
        with refusals():
            try:
                found = self._glue.get_table(DatabaseName=namespace, Name=name)["Table"]
            except ClientError as error:
                if error.response["Error"]["Code"] == "EntityNotFoundException":
                    return None
                raise
        return selected_table(view, found)

    def replace_view(self, spark: "SparkSession", view: str, table: str) -> None:
        """Make the view select all of the table, in one atomic step.

        Athena keeps the star, and beside it the columns as they are now: a build never gets others.
        """
        self._calls.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {table}")

    def _create(self, spark: "SparkSession", table: NewTable, select: str) -> Iterator[int]:
        """Yield the bytes scanned by each statement that it takes to make the table."""
        expressions, most = partition_expressions(table.partitioning)
        # Athena scans nothing for no rows, and says each column's type, or the line of what is wrong.
        shape = self.run(f"SELECT * FROM ({select}\n) LIMIT 0")
        yield shape.bytes_scanned or 0
        rows = storable(select, shape.rows.schema)
        if expressions:
            # Reads no column that the partitions do not depend on.
            values = self.run(distinct_values(expressions, f"({rows}\n)"))
            yield values.bytes_scanned or 0
            if values.rows.num_rows > most:
                yield from self._create_in_parts(spark, table, rows, expressions, most)
                return
        yield self._calls.execute(create_table_as(table, rows)).bytes_scanned

    def _create_in_parts(
        self, spark: "SparkSession", table: NewTable, rows: str, expressions: Sequence[str], most: int
    ) -> Iterator[int]:
        """Yield the same where there are more partitions than one statement may write.

        The rows are gathered first, without partitions: a SELECT that runs once for each part would be billed as
        often, and its parts could be of several states of Silver.
        """
        gathered = _gathered(table)
        yield self._calls.execute(create_table_as(gathered, rows)).bytes_scanned
        values = self.run(distinct_values(expressions, gathered.name))
        yield values.bytes_scanned or 0
        parts = [f"SELECT * FROM {gathered.name} WHERE {each}" for each in conditions(expressions, values.rows, most)]
        yield self._calls.execute(create_table_as(table, parts[0])).bytes_scanned
        for part in parts[1:]:
            yield self._calls.execute(f"INSERT INTO {table.name} {part}").bytes_scanned
        drop(spark, self._s3, gathered)

    def _clean_up(self, spark: "SparkSession", table: NewTable, failure: BaseException) -> None:
        try:
            self.drop_table(spark, table.name, table.location)
        except Exception as error:
            why = f"{str(failure) or 'interrupted'}; and what was written to {table.location} is still there: {error}"
            raise QueryError(why) from failure


def connect(workgroup: str = WORKGROUP) -> AthenaEngine:
    """Return Athena as the environment's region, credentials and profile reach it."""
    # boto3 does not know the variable by which every other tool of AWS's is told the region.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    with refusals():
        athena, glue, s3 = (session.client(service) for service in ("athena", "glue", "s3"))
    return AthenaEngine(athena, glue, s3, workgroup)


def _is_bindable(query: exp.Query) -> bool:
    """Return whether Athena may be given the parameters: it takes them in a WHERE alone.

    docs/aws-semantics.md#athena-queries-3
    """
    places = query.find_all(exp.Placeholder)
    return all(isinstance(place.find_ancestor(exp.Where, exp.Select), exp.Where) for place in places)


def _gathered(table: NewTable) -> NewTable:
    return NewTable(f"{table.name}_rows", f"{table.location}_rows")
