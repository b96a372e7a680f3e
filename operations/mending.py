"""The commands that start a run of a deployed lake by hand, and those that mend it: docs/runbook.md.

Each has the laptop's name and does what it does there; the Makefile brings it here where STAGE is given.
"""

from typing import Annotated, Any

import typer

from operations.terminal import console, one_line_errors, stopped

Stage = Annotated[str, typer.Option(envvar="STAGE", help="The lake's stage: its stack is task-lake-<stage>.")]


def _option(name: str, meaning: str) -> Any:
    return typer.Option(envvar=name, help=meaning)


def _switch(name: str, meaning: str) -> Any:
    return typer.Option(f"--{name.lower().replace('_', '-')}", envvar=name, help=meaning)


def replay(
    stage: Stage = "",
    since: Annotated[str, _option("SINCE", "Only what was written on this day of UTC or later.")] = "",
    store: Annotated[str, _option("STORE", "Only objects whose keys begin so: errors/firehose/api_logs/")] = "",
    is_dry: Annotated[bool, _switch("DRY_RUN", "Hand nothing over: only count, and say why it lies there.")] = False,
) -> None:
    """Hand over again what the lake's failure stores hold; what is left is listed with its reason."""
    from operations.replay.command import replay_stage  # noqa: PLC0415

    with one_line_errors():
        replay_stage(stage, since, store, is_dry)


def rebuild_ledger(stage: Stage = "") -> None:
    """List Bronze, and name in the ledger what it lacks: the next run reads that."""
    from operations.deployed_lake import open_deployed  # noqa: PLC0415
    from operations.ledger import rebuild_ledger_of  # noqa: PLC0415
    from operations.progress import Stages  # noqa: PLC0415

    with one_line_errors():
        lake = open_deployed(stage)
        with Stages(console(stderr=True)) as stages, stages.stage("Ledger  listing Bronze", 2) as bar:
            done = rebuild_ledger_of(lake, bar.step)
        console().print(f"{done.listed:,} objects in Bronze, {done.known:,} in the ledger, {done.added:,} added to it")
        if warning := done.warning(lake.root):
            console(stderr=True).print(warning, style="yellow", soft_wrap=True)
        if done.added:
            again = f"`make start{lake.option}` reads them, and so does `make rebuild{lake.option}`"
            console().print(f"{again}; what was read before changes nothing.", soft_wrap=True)


def start(
    stage: Stage = "",
    from_date: Annotated[str, _option("FROM_DATE", "Read again what arrived from this day of UTC on …")] = "",
    to_date: Annotated[str, _option("TO_DATE", "… to this one, YYYY-MM-DD, beside what is new.")] = "",
    is_maintenance: Annotated[bool, _switch("MAINTENANCE", "Compact Silver too, as once a week.")] = False,
    is_waited_for: Annotated[bool, _switch("WAIT", "Follow the run until it ends.")] = False,
) -> None:
    """Start the state machine: crawl, silver_tasks, silver_api, gold; a run without days reads what is new."""
    from operations import execution  # noqa: PLC0415
    from operations.deployed_lake import open_deployed  # noqa: PLC0415
    from operations.progress import Stages  # noqa: PLC0415

    with one_line_errors():
        given = execution.run_input(from_date, to_date, is_maintenance)
        lake = open_deployed(stage)
        arn = execution.start(lake, given)
        console().print(f"The run is started, watch it: {execution.watch(lake, arn)}", soft_wrap=True)
        if is_waited_for:
            with Stages(console(stderr=True)) as stages, stages.stage("Run     task-lake") as bar:
                execution.follow(lake, arn, bar)
            console().print("The run ended well.")


def rebuild(stage: Stage = "") -> None:
    """Make Silver from all of Bronze, from nothing; readers see the former tables until it has passed its suites."""
    _remake(stage, "--REBUILD")


def replay_quarantine(stage: Stage = "") -> None:
    """Send what lies in silver.quarantine through again, after whatever kept it there was mended."""
    _remake(stage, "--REPLAY_QUARANTINE")


def _remake(stage: str, argument: str) -> None:
    from operations.job_run import GOLD, SILVER  # noqa: PLC0415

    _run(stage, [*((job, {argument: "true"}) for job in SILVER), (GOLD, {})])


def maintain(
    stage: Stage = "",
    retention_days: Annotated[
        int, typer.Option(envvar="RETENTION_DAYS", min=1, max=9999, help="Days for which snapshots stay readable.")
    ] = 7,
) -> None:
    """Compact Silver's tables, expire their former snapshots, and remove files that no snapshot names."""
    from operations.job_run import MAINTENANCE  # noqa: PLC0415

    _run(stage, [(MAINTENANCE, {"--RETENTION_DAYS": str(retention_days)})])


def gold(
    stage: Stage = "",
    resume: Annotated[str, _option("RESUME", "A table held by a rollback, to be built again.")] = "",
) -> None:
    """Build and publish the Gold tables whose SELECT, or whose rows in Silver, changed since their last build."""
    from operations.job_run import GOLD  # noqa: PLC0415

    _run(stage, [(GOLD, {"--RESUME": resume.removeprefix("gold.")} if resume else {})])


def gold_rollback(
    stage: Stage = "",
    table: Annotated[str, _option("TABLE", "A Gold table, such as task_throughput_daily.")] = "",
    version: Annotated[str, _option("VERSION", "A version of `make gold-list`; by default the one before.")] = "",
) -> None:
    """Show readers of a Gold table a former version again; it stays until the table's files are edited."""
    from operations.job_run import GOLD  # noqa: PLC0415

    if not table:
        raise stopped(f"say TABLE=<Gold table>; `make gold-list STAGE={stage or '<stage>'}` lists them", code=2)
    arguments = {"--ROLLBACK": table.removeprefix("gold.")} | ({"--VERSION": version} if version else {})
    lake = _run(stage, [(GOLD, arguments)])
    console().print(f"Readers see the former version; `make gold-list{lake.option}` lists all of them.")


def gold_list(stage: Stage = "") -> None:
    """List the versions of each Gold table: rows, bytes, verdict, when, by which run, and which one readers see."""
    from operations.deployed_lake import open_deployed  # noqa: PLC0415
    from operations.gold_report import print_versions  # noqa: PLC0415
    from operations.gold_versions import list_versions  # noqa: PLC0415
    from operations.progress import Stages  # noqa: PLC0415

    with one_line_errors():
        lake = open_deployed(stage)
        with Stages(console(stderr=True)) as stages, stages.stage("Gold    versions") as bar:
            versions = list_versions(lake, bar.step)
        print_versions(console(), versions, lake.option, "make start")


def _run(stage: str, runs: list[tuple[str, dict[str, str]]]) -> Any:
    """Run jobs one after the other and return their lake; a job that fails is the last."""
    from operations.deployed_lake import open_deployed  # noqa: PLC0415
    from operations.job_run import run_job  # noqa: PLC0415
    from operations.progress import Stages  # noqa: PLC0415

    with one_line_errors():
        lake = open_deployed(stage)
        done = []
        with Stages(console(stderr=True)) as stages:
            for job, arguments in runs:
                done.append(f"{job} {run_job(lake, stages, job, arguments):,} s")
        console().print(f"Done: {', '.join(done)}.")
        return lake


COMMANDS = (replay, rebuild_ledger, start, rebuild, replay_quarantine, maintain, gold, gold_rollback, gold_list)
