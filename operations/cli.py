"""The commands behind `make deploy`, `make status`, `make teardown` and the others that work on AWS.

A command imports what it needs when it runs: boto3 takes a while, and neither a typo nor `--help` needs it.
"""

from typing import Annotated, Any

import typer

from operations.terminal import one_line_errors

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Stage = Annotated[str, typer.Option(envvar="STAGE", help="The lake's stage: its stack is task-lake-<stage>.")]
Yes = Annotated[bool, typer.Option("--yes", envvar="YES", help="Ask nothing, take yes for the answer.")]


def _option(name: str, meaning: str) -> Any:
    return typer.Option(envvar=name, help=meaning)


@app.callback()
def operations() -> None:
    """Deploy, watch, feed and remove the lake on AWS."""


@app.command()
def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the command
    stage: Stage = "",
    source_stream: Annotated[str, _option("SOURCE_STREAM", "The table's stream, an ARN; none: a demo table.")] = "",
    log_groups: Annotated[str, _option("LOG_GROUPS", "The groups of the API: <access log>[,<app log>]; none.")] = "",
    user_buckets: Annotated[str, _option("USER_BUCKETS", "Folders that share the users of a day; 0: one each.")] = "",
    alarm_email: Annotated[str, _option("ALARM_EMAIL", "Who is told of alarms; none.")] = "",
    monthly_budget: Annotated[str, _option("MONTHLY_BUDGET", "US dollars a month that raise an alarm.")] = "",
    bytes_scanned_cutoff: Annotated[str, _option("BYTES_SCANNED_CUTOFF", "What one query may scan.")] = "",
    run_schedule: Annotated[str, _option("RUN_SCHEDULE", "When Silver and Gold are made: cron(…), UTC.")] = "",
    maintenance_schedule: Annotated[str, _option("MAINTENANCE_SCHEDULE", "When Silver is compacted: cron(…).")] = "",
    is_yes: Yes = False,
) -> None:
    """Deploy the lake, or bring it to this commit; what is not given stays as it was deployed."""
    options = {
        "SOURCE_STREAM": source_stream,
        "LOG_GROUPS": log_groups,
        "USER_BUCKETS": user_buckets,
        "ALARM_EMAIL": alarm_email,
        "MONTHLY_BUDGET": monthly_budget,
        "BYTES_SCANNED_CUTOFF": bytes_scanned_cutoff,
        "RUN_SCHEDULE": run_schedule,
        "MAINTENANCE_SCHEDULE": maintenance_schedule,
    }
    from operations.account import open_account  # noqa: PLC0415
    from operations.deploy.deploy import deploy as deploy_stage  # noqa: PLC0415
    from operations.question import check_can_ask  # noqa: PLC0415
    from operations.stage import stage_named  # noqa: PLC0415

    with one_line_errors():
        named = stage_named(stage)
        check_can_ask(is_yes)
        deploy_stage(open_account(), named, options, is_yes)


@app.command()
def teardown(
    stage: Stage = "",
    deletes_data: Annotated[
        bool, typer.Option("--delete-data", envvar="DELETE_DATA", help="Delete the bucket and its key as well.")
    ] = False,
    is_yes: Yes = False,
) -> None:
    """Take the lake down; its bucket and key stay unless DELETE_DATA=1."""
    from operations.account import open_account  # noqa: PLC0415
    from operations.question import check_can_ask  # noqa: PLC0415
    from operations.stage import stage_named  # noqa: PLC0415
    from operations.teardown.teardown import teardown as tear_down  # noqa: PLC0415

    with one_line_errors():
        named = stage_named(stage)
        check_can_ask(is_yes)
        tear_down(open_account(), named, deletes_data, is_yes)


@app.command()
def status(stage: Stage = "") -> None:
    """Say how the lake does: fresh, running, failing, costing; exits 1 if something is red."""
    from operations.account import open_account  # noqa: PLC0415
    from operations.stage import stage_named  # noqa: PLC0415
    from operations.status.status import status as say_status  # noqa: PLC0415

    with one_line_errors():
        say_status(open_account(), stage_named(stage))
