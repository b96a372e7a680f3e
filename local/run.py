"""One run of the whole lake: records in at one end, an analyst's answer out at the other."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from athena_queries.builds.build import HELD
from athena_queries.engines.duckdb_engine import DuckDbEngine
from athena_queries.engines.engine import Answer, Engine
from athena_queries.gold_table import read_gold_tables
from data_quality.gate import GateFailedError
from glue_jobs.jobs import gold, silver_api, silver_tasks
from glue_jobs.jobs.outcome import UNCHANGED, TableOutcome
from glue_jobs.schemas.silver import QUARANTINE
from local.capture import CaptureReport, SourceReport, capture
from local.options import LEDGER, Inputs, Options, Remake
from local.receipt import Receipt
from local.spark import start_spark
from operations.progress import Stages

ANALYST_FILE = Path(__file__).parent.parent / "athena_queries" / "analyst" / "busiest_days.sql"


@dataclass(frozen=True)
class RunReport:
    """One finished run: its receipt, what the capture saw, and the analyst's answer."""

    receipt: Receipt
    captured: CaptureReport
    answer: Answer


def run_lake(lake: Path, inputs: Inputs, options: Options, stages: Stages, faults: str | None = None) -> RunReport:
    """Return the report of a run after which every layer holds what the inputs say.

    Idempotent: killed anywhere, the next run with the same inputs goes on. Whatever happens, a receipt is written.
    ``faults`` is the name of the options' profile. Raises GateFailedError where nothing was published.
    """
    events, logs = (str(file) if file else None for file in (inputs.events, inputs.logs))
    receipt = Receipt(_new_run_id(), str(lake), events, logs, faults, options.seed if faults else None)
    with _written(receipt), ThreadPoolExecutor(1) as starter:
        # The JVM takes seconds to start, and the capture does not need it.
        starting = starter.submit(start_spark, lake)
        captured = _run_bronze(lake, inputs, options, receipt, stages)
        starting.result()
        _run_silver(lake, receipt, stages)
        _run_gold(lake, receipt, stages)
        return RunReport(receipt, captured, DuckDbEngine(lake).run(ANALYST_FILE.read_text()))


def remake_silver(lake: Path, remake: Remake, stages: Stages) -> Receipt:
    """Return the receipt of a run that reads no input: Silver as ``remake`` asks for it, and Gold after it."""
    receipt = Receipt(_new_run_id(), str(lake), events=None)
    with _written(receipt):
        start_spark(lake)
        _run_silver(lake, receipt, stages, remake)
        _run_gold(lake, receipt, stages)
    return receipt


def build_gold(lake: Path, engine: Engine, stages: Stages, resume: str = "") -> Receipt:
    """Return the receipt of a run that builds Gold, on this engine, from Silver as it is.

    ``resume`` is a table that a rollback holds, and that is built again.
    """
    receipt = Receipt(_new_run_id(), str(lake), events=None)
    with _written(receipt):
        start_spark(lake)
        _run_gold(lake, receipt, stages, engine, resume)
    return receipt


def _run_bronze(lake: Path, inputs: Inputs, options: Options, receipt: Receipt, stages: Stages) -> CaptureReport:
    started = time.monotonic()
    with stages.stage("Bronze  cdc_lambda, Firehose") as bar:
        captured = capture(inputs, lake, bar.reach, options)
    seconds = _since(started)
    receipt.error_paths = [str(path) for path in captured.error_paths]
    receipt.faults_met = captured.faults_met
    receipt.accounts = {source.table: source.account for source in captured.sources} | {LEDGER: captured.ledger}
    receipt.tables += [_bronze_outcome(source, seconds) for source in captured.sources]
    return captured


def _bronze_outcome(source: SourceReport, seconds: float) -> TableOutcome:
    """Return what the capture did to one Bronze table; the seconds are those of all, which are captured together."""
    kept_aside = source.account.failed + source.account.missing
    return TableOutcome(
        table=f"bronze.{source.table}",
        rows_in=source.records,
        rows_out=source.bronze_rows,
        rejected=kept_aside,
        bytes_written=source.bronze_bytes,
        verdict=_word(source.records, kept_aside),
        seconds=seconds,
    )


def _run_silver(lake: Path, receipt: Receipt, stages: Stages, remake: Remake | None = None) -> None:
    for job in (silver_tasks, silver_api):
        name = job.__name__.rpartition(".")[2]
        options = {"--JOB_NAME": name, "--JOB_RUN_ID": receipt.run_id, "--LAKE": f"file://{lake}"}
        options |= {f"--{remake}": "true"} if remake else {}
        with stages.stage(f"Silver  {name}", 2 * len(job.TABLES)) as bar:
            outcome = job.main([name, *chain.from_iterable(options.items())], bar.step)
        changed = {done.table: done for done in outcome.tables}
        # Both jobs have a quarantine: it is listed for the one that put something there.
        tables = [table.full_name for table in job.TABLES if table != QUARANTINE or table.full_name in changed]
        receipt.tables += [changed.get(table, TableOutcome(table)) for table in tables]
        receipt.data_docs += [outcome.data_docs] if outcome.data_docs else []
        receipt.newest_at |= {name: outcome.newest_at.isoformat()} if outcome.newest_at else {}


def _run_gold(lake: Path, receipt: Receipt, stages: Stages, engine: Engine | None = None, resume: str = "") -> None:
    tables = read_gold_tables()
    options = {"--JOB_NAME": "gold", "--JOB_RUN_ID": receipt.run_id, "--LAKE": f"file://{lake}"}
    options |= {"--RESUME": resume} if resume else {}
    with stages.stage("Gold    gold", len(tables) * gold.STEPS) as bar:
        outcome = gold.main(["gold", *chain.from_iterable(options.items())], bar.step, engine)
    receipt.tables += outcome.tables
    receipt.warnings += outcome.warnings
    receipt.data_docs += [outcome.data_docs] if outcome.data_docs else []


@contextmanager
def _written(receipt: Receipt) -> Iterator[None]:
    """Time the run and write its receipt, however it ends."""
    started = time.monotonic()
    try:
        yield
        changed = any(table.verdict not in {UNCHANGED, HELD} for table in receipt.tables)
        receipt.verdict = "pass" if changed else UNCHANGED
    except GateFailedError as error:
        receipt.verdict = "fail"
        receipt.data_docs.append(error.data_docs)
        receipt.failures = [f"{verdict.table}: {each}" for verdict in error.verdicts for each in verdict.failures]
        raise
    finally:
        receipt.seconds = _since(started)
        receipt.write()


def _new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}_{uuid.uuid4().hex[:6]}"


def _word(records: int, rejected: int) -> str:
    if not records:
        return UNCHANGED
    return "warn" if rejected else "pass"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)
