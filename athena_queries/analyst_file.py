"""An analyst's file: one SELECT, and a header that says what it answers, reads, scans and takes.

The header is the comment lines on top, each ``-- Field: text``; a line without a field goes on with the one before it::

    -- Question:  what did this task look like on that day?
    -- Answers:   the task's state at the end of the day; one row, or none where it was not there yet.
    -- Reads:     silver.task_changes
    -- Scans:     the months up to that day
    -- Budget:    50 MB
    -- Parameter: task_id varchar: the task; for example 'task_000017'
    -- Parameter: as_of_date date: the day, UTC; for example date '2025-10-15'
    -- Caveat:    …
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from athena_queries.literal import EXPECTED, literal, untyped_literal
from athena_queries.sql import QueryError

ANALYST = files("athena_queries") / "analyst"
REQUIRED = ("Question", "Answers", "Reads", "Scans", "Budget")
FIELDS = (*REQUIRED, "Parameter", "Caveat")
_PARAMETER = re.compile(r"(?P<name>[a-z][a-z0-9_]*) (?P<type>[a-z]+): (?P<meaning>.+); for example (?P<example>.+)")


class AnalystFileError(QueryError):
    """A file's header cannot be read, or a parameter's value is none of its type; one line, with the header's line."""


@dataclass(frozen=True)
class Parameter:
    """One positional ``?`` of a file: its name, type and meaning, a literal as an example, its line in the header."""

    name: str
    type: str
    meaning: str
    example: str
    line: int = 0

    def literal(self, value: str) -> str:
        """Return the value, as a person types it, as the SQL literal that Athena takes for this parameter."""
        try:
            return literal(self.type, value)
        except ValueError as error:
            raise AnalystFileError(
                f"parameter {self.name} is {EXPECTED[self.type]}, not {value!r}", self.line
            ) from error


@dataclass(frozen=True)
class AnalystFile:
    """One file: its name without ``.sql``, its text, and its header's fields."""

    name: str
    sql: str
    header: dict[str, str]
    parameters: tuple[Parameter, ...]

    def literals(self, values: Sequence[str]) -> list[str]:
        """Return the parameters as SQL literals: these values, or where none are given the header's examples.

        A text without a header says nothing of types: there a number stays one, and all else is quoted.
        """
        if not self.header and not self.parameters:
            return [untyped_literal(value) for value in values]
        if not values:
            return [parameter.example for parameter in self.parameters]
        if len(values) != len(self.parameters):
            raise self._miscounted(len(values))
        return [parameter.literal(value) for parameter, value in zip(self.parameters, values, strict=True)]

    def _miscounted(self, given: int) -> AnalystFileError:
        """Return the error at the line of the first parameter that has no value, or of the last one."""
        names = ", ".join(f"{parameter.name} ({parameter.type})" for parameter in self.parameters)
        line = self.parameters[min(given, len(self.parameters) - 1)].line if self.parameters else 1
        takes = f"the file's parameters are {names}" if names else "the file has no parameters"
        return AnalystFileError(f"{takes}; {'1 was' if given == 1 else f'{given} were'} given", line)


def read_analyst_files(folder: Traversable = ANALYST) -> list[AnalystFile]:
    """Return every analyst's file, by name."""
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda each: each.name)
    return [read_analyst_file(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8")) for entry in found]


def read_analyst_file(name: str, sql: str) -> AnalystFile:
    """Return the file of this name and text; a text without a header has no parameters."""
    fields = _header(sql)
    return AnalystFile(
        name=name,
        sql=sql,
        header={field: text for field, text, _ in fields if field != "Parameter"},
        parameters=tuple(_parameter(text, line) for field, text, line in fields if field == "Parameter"),
    )


def _header(sql: str) -> list[tuple[str, str, int]]:
    """Return each field of the comments on top, with its text and its line."""
    fields: list[tuple[str, str, int]] = []
    for number, line in enumerate(sql.splitlines(), start=1):
        if not line.startswith("--"):
            break
        said = line.removeprefix("--").strip()
        field, colon, text = said.partition(":")
        if colon and field in FIELDS:
            fields.append((field, text.strip(), number))
        elif fields:
            field, text, begun = fields[-1]
            fields[-1] = (field, f"{text} {said}", begun)
    return fields


def _parameter(text: str, line: int) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if not found:
        raise AnalystFileError(f"a parameter is '<name> <type>: <meaning>; for example <literal>', not {text!r}", line)
    if found["type"] not in EXPECTED:
        raise AnalystFileError(
            f"parameter {found['name']} has the type {found['type']}: choose one of {', '.join(EXPECTED)}", line
        )
    return Parameter(**found.groupdict(), line=line)
