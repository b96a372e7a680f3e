"""`make replay STAGE=…`."""

from botocore.config import Config

from operations.deployed_lake import open_deployed
from operations.errors import OptionError
from operations.execution import parse_day
from operations.progress import Stages
from operations.replay.replay import replay
from operations.replay.report import ReplayReport, print_report
from operations.replay.stores import PREFIXES, FailureStores, open_doors
from operations.terminal import console

# An Invoke is answered when the function is done, which may take the minute that it has.
_PATIENT = Config(connect_timeout=10, read_timeout=90, retries={"mode": "standard", "total_max_attempts": 5})


def replay_stage(stage: str, since: str, store: str, is_dry: bool) -> None:
    """Replay a stage's failure stores and print what became of them; raise OperationError where that cannot be."""
    day = parse_day("SINCE", since) if since else None
    if store and not any(each.startswith(store) or store.startswith(each) for each in PREFIXES):
        raise OptionError(f"STORE={store} is in no failure store: they are {' and '.join(PREFIXES)}")
    lake = open_deployed(stage)
    account = lake.account
    invoking = account.session.client("lambda", region_name=account.region, config=_PATIENT)
    # Each attempt counts and is told of in Delivery, which also waits between two.
    doors = open_doors(invoking, account.client("firehose"))
    stores = FailureStores(account.client("s3"), lake.bucket, day, store)
    with Stages(console(stderr=True)) as stages, stages.stage("Replay  failure stores") as bar:
        report = replay(stores, doors, bar.reach, is_dry)
    if is_dry:
        print_report(console(), report, "would stay", "failed")
        if report.before:
            console().print(_outlook(report, lake.option), soft_wrap=True)
        return
    print_report(console(), report)
    if report.before.total() > report.after.total():
        console().print(
            "Taken. What Firehose cannot deliver comes back within minutes: "
            f"`make replay{lake.option} DRY_RUN=1` counts it. To bring the others to Silver and Gold: "
            f"`make start{lake.option}`.",
            soft_wrap=True,
        )


def _outlook(report: ReplayReport, option: str) -> str:
    """Return what a replay would do, after a dry one."""
    records, goes = report.before.total(), report.before.total() - report.after.total()
    if not goes:
        return "Nothing was handed over, and a replay could hand over none of it: look at the objects named above."
    return f"Nothing was handed over; `make replay{option}` hands over {goes:,} of {records:,}."
