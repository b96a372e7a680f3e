"""A bar a stage, on the terminal's standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column


class Bar:
    """The bar of one stage."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def reach(self, done: int, total: int) -> None:
        """Show how many of how many are done."""
        self._progress.update(self._task, completed=done, total=total)

    def step(self, line: str) -> None:
        """Show one more step done, and what it did."""
        self._progress.update(self._task, advance=1, said=line)

    def say(self, line: str) -> None:
        """Show what is going on, of which no step is done yet."""
        self._progress.update(self._task, said=line)


class Stages:
    """The stages of one run, one bar under the other."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}", style="dim", table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=console,
        )

    def __enter__(self) -> "Stages":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    @contextmanager
    def stage(self, description: str, total: int | None = None) -> Iterator[Bar]:
        """Give the bar of a stage that has so many steps; it is full when the stage ends well."""
        task = self._progress.add_task(description, total=total, said="")
        yield Bar(self._progress, task)
        steps = self._progress.tasks[task].total
        done = 1 if steps is None else steps
        self._progress.update(task, completed=done, total=done, said="")
