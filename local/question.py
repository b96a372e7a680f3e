"""What `make query` is asked: one SELECT with its parameters, from a file or as it was typed."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from athena_queries.analyst_file import AnalystFile, read_analyst_file
from athena_queries.engines.source_line import located
from athena_queries.sql import QueryError, with_parameters
from local.stream.stream_file import InputError

TYPED = "SQL"


@dataclass(frozen=True)
class Question:
    """One SELECT: where it came from, its text, its parameters as SQL literals, and what a reader must know of them."""

    place: str
    sql: str
    literals: list[str] = field(default_factory=list)
    note: str = ""

    def fault(self, error: QueryError) -> InputError:
        """Return the error as one line that begins with the file and its line."""
        found = located(error, self.sql)
        # In a file the line is enough; what was typed has but one.
        numbers = [found.line, found.column if self.place == TYPED else None]
        return InputError(f"{':'.join([self.place, *(str(number) for number in numbers if number)])}: {found.said}")


def question(file: str, sql: str, params: str) -> Question:
    """Return what is asked; raise InputError where it is not one file or one text, or its parameters do not fit."""
    if bool(file) == bool(sql):
        raise InputError('say FILE=<file with one SELECT>, or SQL="select …": one of the two')
    asked = Question(file or TYPED, _read(file) if file else sql)
    values = _words(params)
    try:
        header = read_analyst_file(Path(file).stem, asked.sql)
        literals = header.literals(values)
        with_parameters(asked.sql, literals)
    except QueryError as error:
        hint = ': say PARAMS="<a word for each ?>"' if "(?)" in error.said and not values else ""
        raise InputError(f"{asked.fault(error)}{hint}") from error
    return Question(asked.place, asked.sql, literals, "" if values else _note(header))


def _words(params: str) -> list[str]:
    try:
        return shlex.split(params)
    except ValueError as error:
        said = str(error).lower()
        raise InputError(f'PARAMS: {said}: put a word with a quote or a space in it between "…"') from error


def _note(header: AnalystFile) -> str:
    if not header.parameters:
        return ""
    named = ", ".join(f"{parameter.name} = {parameter.example}" for parameter in header.parameters)
    return f"Asked with the file's own examples: {named}"


def _read(file: str) -> str:
    try:
        content = Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{file}:{line}: this is no text in UTF-8") from error
