"""The gate between what a run wrote and what anyone sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame

from data_quality.data_docs import context_config, write_data_docs
from data_quality.evidence import MOST_KINDS

_SAMPLES = 5


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold: where, how often, and some of the values that broke it."""

    expectation: str
    columns: str
    severity: str
    unexpected: int
    samples: list[Any]

    @property
    def stops(self) -> bool:
        """Whether this failure is a `fail`, not a `warn`."""
        return self.severity == "critical"

    def __str__(self) -> str:
        """Return the failure in one line."""
        found = f"{self.unexpected:,} unexpected, such as {', '.join(map(repr, self.samples))}" if self.samples else ""
        return f"{self.expectation}({self.columns}): {found or 'not met'}"


@dataclass(frozen=True)
class Verdict:
    """What a suite says of one table: `pass`, `warn` (published, reported) or `fail` (not published)."""

    table: str
    failures: list[Failure] = field(default_factory=list)

    @property
    def word(self) -> str:
        """Return `pass`, `warn` or `fail`."""
        if any(failure.stops for failure in self.failures):
            return "fail"
        return "warn" if self.failures else "pass"


class GateFailedError(Exception):
    """At least one table's suite says `fail`: none of the audited tables was published."""

    def __init__(self, verdicts: Sequence[Verdict], data_docs: str) -> None:
        self.verdicts = list(verdicts)
        self.data_docs = data_docs
        failed = [verdict for verdict in verdicts if verdict.word == "fail"]
        lines = [f"{verdict.table}: {failure}" for verdict in failed for failure in verdict.failures]
        super().__init__(
            "the gate stopped this run; what was published before stays. "
            + " | ".join(lines)
            + f" | Data Docs: {data_docs}"
        )


class Gate:
    """The suites of one run: each audit gives a verdict, all of them together one page of Data Docs."""

    def __init__(self, data_docs: str, run_id: str) -> None:
        # One identifier for the run: a suite that is run again for its sample values replaces its first result.
        self._run = RunIdentifier(run_name=run_id)
        self._data_docs = data_docs
        self._context = gx.get_context(mode="ephemeral", project_config=context_config())
        self.verdicts: list[Verdict] = []

    def audit(self, table: str, evidence: DataFrame, expectations: Sequence[Expectation]) -> Verdict:
        """Return the verdict of the table's suite on its evidence, which Spark makes and Great Expectations judges.

        ``evidence`` has one row per kind of row and their number in ``rows``: rows alike in everything that the suite
        looks at are judged once, so a verdict costs the same for a thousand rows and for a billion.
        """
        suite = self._context.suites.add(gx.ExpectationSuite(name=table, expectations=list(expectations)))
        asset = self._context.data_sources.add_pandas(table).add_dataframe_asset(table)
        batch = asset.add_batch_definition_whole_dataframe("evidence")
        definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
        validation = self._context.validation_definitions.add(definition)
        kinds: Any = evidence.limit(MOST_KINDS + 1).toPandas()
        result = validation.run(
            batch_parameters={"dataframe": kinds}, run_id=self._run, result_format={"result_format": "COMPLETE"}
        )
        failed = [outcome for outcome in result.results if not outcome.success]
        verdict = Verdict(table, [_failure(outcome, kinds["rows"]) for outcome in failed])
        if len(kinds) > MOST_KINDS:
            verdict.failures.append(Failure("evidence", f"over {MOST_KINDS:,} kinds of row", "critical", 0, []))
        self.verdicts.append(verdict)
        return verdict

    def close(self) -> str:
        """Write the Data Docs and return where they begin; raise GateFailedError if any suite said `fail`.

        The pages of a run that failed stay, under its id; those of the latest that passed are under `latest`.
        """
        has_failed = any(verdict.word == "fail" for verdict in self.verdicts)
        index = write_data_docs(self._context, f"{self._data_docs}/{self._run.run_name if has_failed else 'latest'}")
        if has_failed:
            raise GateFailedError(self.verdicts, index)
        return index


def _failure(outcome: Any, rows: Any) -> Failure:
    """Return what did not hold, with the number of rows behind the kinds that break it."""
    config, result = outcome.expectation_config, outcome.result or {}
    columns = [config.kwargs[key] for key in ("column", "column_A", "column_B") if key in config.kwargs]
    observed = [result["observed_value"]] if "observed_value" in result else []
    raised = [info["exception_message"] for info in _exceptions(outcome.exception_info)]
    return Failure(
        expectation=config.type,
        columns=", ".join(columns or config.kwargs.get("column_list", [])),
        severity=str(config.severity.value if hasattr(config.severity, "value") else config.severity),
        unexpected=int(rows.loc[result.get("unexpected_index_list") or []].sum()) or len(observed),
        samples=(result.get("partial_unexpected_list") or observed or raised)[:_SAMPLES],
    )


def _exceptions(info: Any) -> list[dict[str, Any]]:
    """Return the exceptions of one expectation, which come as one record or one a metric."""
    records = [info] if "raised_exception" in (info or {}) else list((info or {}).values())
    return [record for record in records if record.get("raised_exception")]
