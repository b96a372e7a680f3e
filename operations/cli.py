"""The commands behind `make deploy`, `make status`, `make teardown` and the others that work on AWS.

A command imports what it needs when it runs: boto3 takes a while, and neither a typo nor `--help` needs it.
"""

from typing import Annotated, Any

import typer

from operations.mending import COMMANDS
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
    forwarder_concurrency: Annotated[
        str, _option("FORWARDER_CONCURRENCY", "Invocations of the log forwarder at once; 0: no bound.")
    ] = "",
    bronze_years: Annotated[str, _option("BRONZE_YEARS", "How long Bronze is kept: 1, 2, 3, 5, 7 or 10.")] = "",
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
        "FORWARDER_CONCURRENCY": forwarder_concurrency,
        "BRONZE_YEARS": bronze_years,
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
        named, account = stage_named(stage), open_account()
        check_can_ask(is_yes)
        deploy_stage(account, named, options, is_yes)


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
        named, account = stage_named(stage), open_account()
        check_can_ask(is_yes)
        tear_down(account, named, deletes_data, is_yes)


@app.command()
def status(stage: Stage = "") -> None:
    """Say how the lake does: fresh, running, failing, costing; exits 1 if something is red."""
    from operations.account import open_account  # noqa: PLC0415
    from operations.stage import stage_named  # noqa: PLC0415
    from operations.status.status import status as say_status  # noqa: PLC0415

    with one_line_errors():
        named = stage_named(stage)
        say_status(open_account(), named)


@app.command()
def cost(  # noqa: PLR0913, PLR0917 - each is an option of the command
    changes_per_day: Annotated[str, _option("CHANGES_PER_DAY", "Task changes a day; 3,000.")] = "",
    users: Annotated[str, _option("USERS", "Users who make them; 200.")] = "",
    log_lines: Annotated[str, _option("LOG_LINES", "Lines a day of the subscribed log groups; 20,000.")] = "",
    queries: Annotated[str, _option("QUERIES", "Analysts' questions a day; 20.")] = "",
    months: Annotated[str, _option("MONTHS", "For how many months the lake has stood; 12.")] = "",
    user_buckets: Annotated[str, _option("USER_BUCKETS", "Folders that share the users of a day; as deployed.")] = "",
    stage: Annotated[str, _option("STAGE", "A deployed lake: what it used and was billed, beside the estimate.")] = "",
    days: Annotated[str, _option("DAYS", "With STAGE: whole days before today; 30.")] = "",
    output_format: Annotated[str, typer.Option("--format", envvar="FORMAT", help="table, csv or json.")] = "table",
) -> None:
    """Say what the lake costs a month, line by line, what drives it and what each choice changes."""
    typed = {
        "CHANGES_PER_DAY": changes_per_day,
        "USERS": users,
        "LOG_LINES": log_lines,
        "QUERIES": queries,
        "MONTHS": months,
    }
    from operations.cost.command import check_format, print_estimate, print_usage, to_days, to_volume  # noqa: PLC0415

    with one_line_errors():
        check_format(output_format)
        volume = to_volume(typed)
        if not stage:
            print_estimate(volume, user_buckets, output_format)
            return
        from operations.account import open_account  # noqa: PLC0415
        from operations.stage import stage_named  # noqa: PLC0415

        named, span = stage_named(stage), to_days(days)
        print_usage(open_account(), named, volume, span, output_format)


for command in COMMANDS:
    app.command()(command)
