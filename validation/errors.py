"""A day in which everything goes wrong: after replay and rerun the lake is the one of the day in which nothing did."""

from pathlib import Path

from local.faults.profiles import FaultProfile
from local.options import Options
from validation.day_parts import day_parts
from validation.kills import KILLS, Kill, finish, kill
from validation.lakes import captured, run
from validation.registry import Note
from validation.result import Check, Figures, Result, at_least, equal, same_rows
from validation.scenarios import SCENARIOS, SEED, Disturbed, disturb
from validation.tables import Rows, tables

_STORY = """
The generated day comes twice: to one lake undisturbed, to the other in eleven parts, each with faults of its own on
its way to Bronze and a replay after it. Half of it is published before the rest comes; then the jobs that read the
rest are killed with SIGKILL, JVM and all, and run again. At the end both lakes have the same rows in every table of
Silver and Gold. `make test-crash` kills each job before each kind of its commits, besides. To its caller a time-out
of Lambda is what a kill is: a function error
([asynchronous-invocation-5](aws-semantics.md#asynchronous-invocation-5)).
"""
_DAY_AND_AN_HOUR = 90_000
Seen = tuple[Kill, Rows]


def validate(folder: Path, note: Note) -> Result:
    """Return what each fault did, and whether anything of it is left."""
    parts = day_parts(folder, len(SCENARIOS))
    calm, disturbed = folder / "calm", folder / "disturbed"
    note("a day without faults")
    for part in parts:
        captured(calm, part)
    run(calm, parts[-1])
    done: list[Disturbed] = []
    half = len(SCENARIOS) // 2
    for number, (scenario, part) in enumerate(zip(SCENARIOS, parts, strict=True), start=1):
        note(scenario.name)
        kept = sum(each.undecodable for each in done)
        done.append(disturb(disturbed, scenario, part, kept))
        if number == half:
            note("half of the day to Gold")
            run(disturbed, part)
    before = tables(disturbed)
    seen = _killed(disturbed, note)
    note("the next run")
    run(disturbed, parts[-1])
    after, expected = tables(disturbed), tables(calm)
    given_up = captured(folder / "outage", parts[0], Options(faults=FaultProfile(s3_outage_seconds=_DAY_AND_AN_HOUR)))
    lost = sum(source.account.missing for source in given_up.sources)
    return Result(
        _STORY,
        [_scenarios(done), _kills(seen, before, after), _outage(lost)],
        [
            *(scenario_check(each) for each in done),
            *(kill_check(one, rows, before, after) for one, rows in seen),
            *(
                same_rows(f"{name}, beside the day without faults", rows, after[name])
                for name, rows in expected.items()
            ),
            at_least("S3 away for 25 hours: records that Firehose gave up, and the run says so", 1, lost),
        ],
    )


def scenario_check(done: Disturbed) -> Check:
    """Return the check that the fault was met, and no record lost, nor left behind if it can be decoded."""
    met = "met" if done.met else "not met"
    name = f"{done.scenario.name}: records nowhere, good ones left after the replay"
    return equal(name, "met, 0, 0", f"{met}, {done.nowhere}, {done.left}")


def kill_check(one: Kill, seen: Rows, before: Rows, after: Rows) -> Check:
    """Return the check that readers of each table saw its former rows or its next ones, after the job was killed."""
    halves = [name for name, rows in seen.items() if rows not in (before[name], after[name])]
    return equal(f"{one.job} killed when {one.meaning}: tables seen half-way", "none", ", ".join(halves) or "none")


def _killed(lake: Path, note: Note) -> list[Seen]:
    """Return what readers saw after each kill; after the last kill of a job but Gold it runs again to its end."""
    seen = []
    for one in KILLS:
        note(f"{one.job} killed: {one.meaning}")
        kill(lake, one)
        seen.append((one, tables(lake)))
        if one.is_last and one.job != "gold":
            finish(lake, one.job)
    return seen


def _scenarios(done: list[Disturbed]) -> Figures:
    rows = [
        (
            each.scenario.name,
            each.sent,
            ", ".join(f"{count:,} {fault}" for fault, count in sorted(each.met.items())),
            each.scenario.dealt_with_by,
            each.failed,
            each.nowhere + each.left,
            each.undecodable,
        )
        for each in done
    ]
    columns = ["scenario", "records", "what was met", "dealt with by", "to `errors/`", "lost", "undecodable, kept"]
    return Figures(
        f"On the way to Bronze, seed {SEED}; what is in `errors/` comes back by `make replay`", columns, rows
    )


def _kills(seen: list[Seen], before: Rows, after: Rows) -> Figures:
    rows = []
    for one, rows_seen in seen:
        new = sum(rows_seen[name] != before[name] and rows_seen[name] == after[name] for name in after)
        readers = f"{new} tables as they will be, the others as they were" if new else "every table as it was"
        rows.append((f"`{one.job}`: {one.meaning}", readers, "the same command again"))
    return Figures("Jobs killed by SIGKILL", ["killed when", "readers see", "recovered by"], rows)


def _outage(lost: int) -> Figures:
    row = (
        "S3 takes nothing for 25 hours",
        lost,
        "nothing: Firehose keeps a record for 24 hours; the run exits 1 and names them",
    )
    return Figures("What no replay brings back", ["scenario", "lost", "recovered by"], [row])
