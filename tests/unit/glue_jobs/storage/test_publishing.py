from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.storage import iceberg, publishing
from glue_jobs.storage.publishing import PublishError
from tests.unit.glue_jobs.storage.published_tables import PREFIX, Job

COMMITS = ("_fast_forward", "_remove_branch")


class Killed(BaseException):
    """The end of a process, as far as a test can tell it."""


@pytest.fixture
def job(spark: SparkSession, lake: Path) -> Job:
    return Job(spark, lake)


def publish_killed_before(job: Job, branch: str, commit: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Publish up to the n-th commit; return whether there was one."""
    reached = count(1)

    def mortal(commits: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*given: Any) -> None:
            if next(reached) == commit:
                raise Killed
            commits(*given)

        return wrapped

    with monkeypatch.context() as patch:
        for name in COMMITS:
            patch.setattr(publishing, name, mortal(getattr(publishing, name)))
        try:
            job.publish(branch)
        except Killed:
            return True
    return False


def test_what_a_run_writes_is_unseen_until_it_is_published_and_then_no_branch_is_left(job: Job) -> None:
    branch = job.stage(1)
    assert job.published() == job.expected()
    assert iceberg.head(job.spark, job.lead) is None
    job.publish(branch)
    assert job.published() == job.expected(1)
    assert [job.branches(table) for table in job.tables] == [set(), set(), set()]


def test_a_run_killed_at_any_commit_of_its_publishing_is_published_by_the_next_or_never_was(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.run(1)
    done, killed_before = [1], count(1)
    while publish_killed_before(job, job.stage(done[-1] + 1), at := next(killed_before), monkeypatch):
        has_led = at > 1
        done += [done[-1] + 1] if has_led else []
        assert job.read(job.lead) == job.expected(*done)[0]
        publishing.roll_forward(job.spark, job.tables)
        assert job.published() == job.expected(*done), f"killed before commit {at}"
    assert at == 7, "two commits a table: one that publishes it, one that removes its branch"


def test_the_next_run_begins_on_what_a_killed_one_has_published(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_killed_before(job, job.stage(1), 2, monkeypatch)
    job.run(2)
    assert job.published() == job.expected(1, 2)


def test_a_run_that_was_killed_before_it_published_leaves_nothing(job: Job) -> None:
    job.stage(1)
    job.run(2)
    assert job.published() == job.expected(2)
    assert [job.branches(table) for table in job.tables] == [set(), set(), set()]


def test_of_two_runs_at_once_the_later_one_says_so_and_changes_nothing(job: Job) -> None:
    branch = job.stage(1)
    job.write_elsewhere(job.lead, ("quick", 2))
    with pytest.raises(PublishError, match="another run published first, and nothing of this one; run it again"):
        job.publish(branch)
    assert job.published() == [{("quick", 2)}, set(), set()]


def test_a_run_whose_branches_another_run_has_cleared_away_cannot_publish(job: Job) -> None:
    slow = job.stage(1)
    quick = job.stage(2)
    with pytest.raises(PublishError):
        job.publish(slow)
    assert job.published() == job.expected()
    job.publish(quick)
    assert job.published() == job.expected(2)


def test_a_run_that_begins_while_another_publishes_says_so(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = job.stage(1)

    def publish_meanwhile(*_: Any) -> list[str]:
        monkeypatch.undo()
        job.publish(branch)
        return []

    monkeypatch.setattr(publishing, "_branches", publish_meanwhile)
    with pytest.raises(PublishError):
        publishing.begin(job.spark, job.tables, f"{PREFIX}2", PREFIX)
    assert job.published() == job.expected(1)


def test_a_run_with_the_id_of_the_one_that_published_last_does_not_begin(job: Job) -> None:
    job.run(1)
    with pytest.raises(PublishError, match="a run of the same id has published"):
        job.stage(1)


def test_branches_of_other_jobs_are_let_alone(job: Job) -> None:
    for table in job.tables:
        publishing.open_branch(job.spark, table, "other_job_1")
    job.run(1)
    assert [job.branches(table) for table in job.tables] == [{"other_job_1"}] * 3


def test_what_was_one_append_is_added_to_a_main_that_moved_meanwhile(job: Job) -> None:
    job.run(1)
    branch = job.stage(2)
    job.write_elsewhere(job.added, ("elsewhere", 0))
    job.publish(branch)
    assert job.read(job.added) == {("r1", 1), ("r2", 2), ("elsewhere", 0)}
    assert job.branches(job.added) == set()


def test_what_was_the_first_append_is_added_to_a_main_that_another_job_began_meanwhile(job: Job) -> None:
    branch = job.stage(1)
    job.write_elsewhere(job.added, ("elsewhere", 0))
    job.publish(branch)
    assert job.read(job.added) == {("r1", 1), ("elsewhere", 0)}


def test_a_merged_table_whose_main_moved_is_left_for_the_next_run_to_make(job: Job) -> None:
    job.run(1)
    branch = job.stage(2)
    job.write_elsewhere(job.latest, ("elsewhere", 0))
    job.publish(branch)
    assert job.published() == [job.expected(1, 2)[0], {("latest", 1), ("elsewhere", 0)}, job.expected(1, 2)[2]]
    head = iceberg.head(job.spark, job.latest)
    assert head is not None
    assert head.read_through == "p1", "the next run sees that it is behind"


@pytest.mark.parametrize("moved", [False, True], ids=["fast-forwarded", "added to a main that had moved"])
def test_a_killed_run_is_not_published_twice_where_main_moves_before_the_next(
    job: Job, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    job.run(1)
    branch = job.stage(2)
    if moved:
        job.write_elsewhere(job.added, ("before", 0))
    with monkeypatch.context() as patch:
        real = publishing._remove_branch
        patch.setattr(publishing, "_remove_branch", lambda spark, table, name: _die_at(job, table, real, spark, name))
        with pytest.raises(Killed):
            job.publish(branch)
    job.write_elsewhere(job.added, ("after", 0))
    publishing.roll_forward(job.spark, job.tables)
    assert sorted(row.id for row in job.spark.table(iceberg.name(job.added)).collect()) == sorted(
        ["r1", "r2", "after", *(["before"] if moved else [])]
    )
    assert job.branches(job.added) == set()


def _die_at(job: Job, table: Any, remove: Callable[..., None], spark: SparkSession, name: str) -> None:
    if table is job.added:
        raise Killed
    remove(spark, table, name)


def test_two_runs_that_open_their_branches_at_once_both_do_or_one_says_so(job: Job) -> None:
    def opened(name: str) -> bool:
        try:
            publishing.open_branch(job.spark, job.added, name)
        except PublishError:
            return False
        return True

    names = [f"{PREFIX}{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        done = list(pool.map(opened, names))
    assert any(done)
    assert job.branches(job.added) == {name for name, was_opened in zip(names, done, strict=True) if was_opened}


class Handle:
    """Iceberg's handle of a table, where something else happens between the reading of its metadata and a commit."""

    def __init__(self, handle: Any, meanwhile: Callable[[], None]) -> None:
        self.handle, self.meanwhile = handle, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handle, name)

    def manageSnapshots(self) -> Any:  # noqa: N802
        manager = self.handle.manageSnapshots()
        self.meanwhile()
        return manager


def test_a_change_of_metadata_that_moves_no_branch_does_not_stop_a_publish(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.run(1)
    branch, load, touched = job.stage(2), iceberg.load, list[str]()

    def stale(spark: SparkSession, table: Any) -> Any:
        def touch() -> None:
            if touched.count(table.name) < 3:
                touched.append(table.name)
                spark.sql(f"ALTER TABLE {iceberg.name(table)} SET TBLPROPERTIES ('touched'='{len(touched)}')")

        return Handle(load(spark, table), touch)

    monkeypatch.setattr(iceberg, "load", stale)
    job.publish(branch)
    assert len(touched) == 9
    assert job.published() == job.expected(1, 2)


def test_a_leading_branch_that_went_and_came_again_is_not_published(job: Job) -> None:
    branch = job.stage(1)
    publishing._remove_branch(job.spark, job.lead, branch)
    iceberg.commit_properties(job.spark, job.lead, branch, {iceberg.READ_THROUGH: "p1", publishing.BRANCH: branch})
    with pytest.raises(PublishError):
        job.publish(branch)
    assert job.published() == job.expected()


def test_a_run_that_begins_lets_the_branches_of_one_that_has_begun_meanwhile_alone(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reads = publishing._branches, count(1)

    def other_begins(spark: SparkSession, table: Any, prefix: str) -> list[str]:
        found = real(spark, table, prefix)
        if next(reads) == 1:  # The leading table's branches are known, and not yet those of the others.
            with monkeypatch.context() as patch:
                patch.setattr(publishing, "_branches", real)
                job.stage(1)
        return found

    monkeypatch.setattr(publishing, "_branches", other_begins)
    publishing.begin(job.spark, job.tables, f"{PREFIX}2", PREFIX)
    job.publish(f"{PREFIX}1")
    assert job.published() == job.expected(1)


def test_an_append_whose_parent_has_expired_is_still_added(job: Job) -> None:
    job.run(1)
    branch = job.stage(2)
    parent = iceberg.load(job.spark, job.added).snapshot(branch).parentId()
    job.write_elsewhere(job.added, ("elsewhere", 0))
    iceberg.load(job.spark, job.added).expireSnapshots().expireSnapshotId(parent).commit()
    job.publish(branch)
    assert job.read(job.added) == {("r1", 1), ("r2", 2), ("elsewhere", 0)}


def test_two_runs_that_finish_the_same_one_add_its_rows_once_and_neither_fails(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.run(1)
    branch = job.stage(2)
    job.write_elsewhere(job.added, ("elsewhere", 0))
    load, others = iceberg.load, [lambda: publishing.roll_forward(job.spark, job.tables)]

    def finished_meanwhile(spark: SparkSession, table: Any) -> Any:
        def finish() -> None:
            if table is job.added and others:
                monkeypatch.undo()
                others.pop()()

        return Handle(load(spark, table), finish)

    def pick(*given: Any) -> None:
        monkeypatch.setattr(iceberg, "load", finished_meanwhile)
        picked(*given)

    picked = publishing._pick
    monkeypatch.setattr(publishing, "_pick", pick)
    job.publish(branch)
    assert others == []
    assert sorted(row.id for row in job.spark.table(iceberg.name(job.added)).collect()) == ["elsewhere", "r1", "r2"]
