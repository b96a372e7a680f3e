"""From Bronze to an answer: Glue's jobs and crawls, Athena, the state machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from operations.cost.assumed import Assumed
from operations.cost.day import CHANGES, LOGS, Day
from operations.cost.line import Line
from operations.cost.prices import Prices
from operations.cost.scans import TB, Scans
from operations.cost.schedule import DAYS_A_MONTH
from operations.cost.settings import Job

LEAST_SECONDS = 60  # that a run of Glue's is billed for
# What each job reads, and which measured job took how long for it. Maintenance writes a week again.
_READS = {
    "silver_tasks": {"silver_tasks": CHANGES},
    "silver_api": {"silver_api": LOGS},
    "silver_maintenance": {"silver_tasks": CHANGES, "silver_api": LOGS},
}
JOBS = (*_READS, "gold")
_STATES_A_POLL = 3


def glue_lines(day: Day, scans: Scans, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what each job costs, and the crawls."""
    for name in JOBS:
        job, work = day.settings.jobs[name], job_work(name, day, scans, assumed)
        hours = job.runs * work.dpu_seconds(job, assumed["least_workers"]) / 3600
        workers = f"at most {job.workers} workers" if job.auto_scales else f"{job.workers} workers"
        note = f"{job.runs:,.0f} runs of {work.seconds(job):,.0f} s, {workers}"
        yield Line("Silver, Gold", f"job {name}", hours, prices["glue_job_dpu_hours"], "vmta", note)
    minutes = assumed["minutes_of_a_crawl"]
    hours = day.settings.crawls * assumed["dpu_of_a_crawl"] * minutes / 60
    note = f"{day.settings.crawls:,.0f} crawls, each billed for {minutes:.0f} minutes at least"
    yield Line("Silver, Gold", "crawls", hours, prices["glue_crawler_dpu_hours"], "ta", note)


@dataclass(frozen=True)
class Work:
    """One run: the seconds that no worker shortens, and those of one DPU that are divided among the executors."""

    fixed: float
    divided: float

    def seconds(self, job: Job) -> float:
        """Return how long the run takes; none is billed for less than a minute."""
        return max(self.fixed + self.divided / job.slots, LEAST_SECONDS)

    def dpu_seconds(self, job: Job, least_workers: float) -> float:
        """Return what is billed: all workers all the time, or with auto scaling those that work."""
        if not job.auto_scales:
            return self.seconds(job) * job.workers * job.dpu
        few = min(least_workers, job.workers)
        return max(self.fixed, LEAST_SECONDS) * few * job.dpu + self.divided * (1 + job.dpu / job.slots)


def job_work(name: str, day: Day, scans: Scans, assumed: Assumed) -> Work:
    """Return the work of one run: what the laptop took, what more rows and objects take, what S3 and pip add.

    What the laptop took is one day of 3,000 changes and 19,000 lines, and most of that is what any run takes.
    """
    start = assumed["seconds_to_start_a_job"]
    if name == "gold":
        statements = 0.0 if day.volume.is_nothing else len(scans.gold) * assumed["statements_of_a_gold_table"]
        waiting = statements * assumed["seconds_of_an_athena_statement"]
        return Work(start + day.measured.job_seconds["gold"] + waiting, 0.0)
    job, streams = day.settings.jobs[name], _READS[name]
    base = sum(day.measured.job_seconds[each] for each in streams)
    return Work(start + base, _seconds_of_rows(name, job, day, assumed))


def _seconds_of_rows(name: str, job: Job, day: Day, assumed: Assumed) -> float:
    """Return the seconds that one DPU takes for what is more than the measured day, and for opening objects in S3."""
    days, streams = DAYS_A_MONTH / job.runs, _READS[name].values()
    rows = sum(max(day.rows[stream] * days - day.flow(stream).records, 0) for stream in streams)
    objects = 0.0 if name == "silver_maintenance" else sum(day.objects[stream] for stream in streams) * days
    opening = objects * assumed["seconds_to_open_an_object"] / assumed["task_slots_of_a_dpu"]
    return rows * day.measured.row_seconds * assumed["laptop_seconds_on_a_dpu"] + opening


def glue_warnings(day: Day, scans: Scans, assumed: Assumed) -> Iterator[str]:
    """Yield a line for each job that will be stopped before it ends."""
    for name in JOBS:
        job = day.settings.jobs[name]
        minutes, most = job_work(name, day, scans, assumed).seconds(job) / 60, job.timeout_minutes
        if minutes > most:
            yield (
                f"{name}: a run of about {minutes:,.0f} minutes, and its Timeout is {most}: more workers, more runs, "
                "or fewer objects by USER_BUCKETS and a longer buffer"
            )


def athena_lines(day: Day, scans: Scans, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what Gold's builds and the analysts' questions scan, by the budgets of their files."""
    line = partial(Line, "Answers")
    build = 0.0 if day.volume.is_nothing else scans.of_gold(day, assumed["statements_of_a_gold_table"])
    question = scans.of_a_question(day)
    built, asked = build * day.settings.runs / TB, question * day.volume.queries * DAYS_A_MONTH / TB
    note = f"{len(scans.gold)} tables a run, by their budgets: {build / 1024**2:,.0f} MB"
    yield line("Athena, Gold's builds", built, prices["athena_scanned"], "vta", note)
    note = f"{day.volume.queries:,.0f} a day, by their budgets {question / 1024**2:,.0f} MB each"
    yield line("Athena, questions", asked, prices["athena_scanned"], "vta", note)


def orchestration_lines(day: Day, assumed: Assumed, prices: Prices) -> Iterator[Line]:
    """Yield what the schedules and the state machine cost."""
    line, runs = partial(Line, "Orchestration"), day.settings.runs
    transitions = runs * day.settings.states + day.settings.crawls * assumed["crawl_polls"] * _STATES_A_POLL
    yield line("schedules", runs, prices["scheduler_invocations"], "t")
    yield line("state transitions", transitions, prices["step_functions_transitions"], "ta")
