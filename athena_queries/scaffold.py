"""New files that keep the rules as they are: a Gold table or an analyst's question, its cases, and a table's suite.

They answer something already, so that lints and cases pass before the first edit; what is the author's says TODO.
"""

import keyword
from importlib.resources import files
from pathlib import Path
from string import Template

from sqlglot.dialects.trino import Trino

from athena_queries.lints.names import SNAKE

_CASES = "tests/athena_queries/$name"
# Where each template goes, in the order in which its author takes them up.
_GOLD = {
    "athena_queries/gold/${name}_v1/query.sql": "gold_query.sql",
    "athena_queries/gold/${name}_v1/metadata.yaml": "gold_metadata.yaml",
    "athena_queries/gold/${name}_v1/checks.sql": "gold_checks.sql",
    "data_quality/suites/$name.py": "suite.py",
    "tests/unit/data_quality/suites/test_$name.py": "test_suite.py",
    f"{_CASES}/a_day_adds_up_its_users/silver.tasks_per_user_daily.yaml": "gold_case_source.yaml",
    f"{_CASES}/a_day_adds_up_its_users/expected.yaml": "gold_case_expected.yaml",
    f"{_CASES}/an_empty_lake/expected.yaml": "nothing.yaml",
}
_QUESTION = {
    "athena_queries/analyst/$name.sql": "question.sql",
    f"{_CASES}/only_the_days_asked_for/gold.task_throughput_daily.yaml": "question_case_source.yaml",
    f"{_CASES}/only_the_days_asked_for/parameters.yaml": "question_case_parameters.yaml",
    f"{_CASES}/only_the_days_asked_for/expected.yaml": "question_case_expected.yaml",
    f"{_CASES}/an_empty_lake/expected.yaml": "nothing.yaml",
}


class ScaffoldError(Exception):
    """The name cannot be used; the message is one line."""


def new_gold(root: Path, name: str) -> list[Path]:
    """Make a Gold table of this name in the repository ``root``, and return its files; raise ScaffoldError."""
    return _make(root, name, _GOLD)


def new_query(root: Path, name: str) -> list[Path]:
    """Make an analyst's file of this name in the repository ``root``, and return its files; raise ScaffoldError."""
    return _make(root, name, _QUESTION)


def _make(root: Path, name: str, templates: dict[str, str]) -> list[Path]:
    _check(root, name)
    made = [root / Template(place).substitute(name=name) for place in templates]
    for path, template in zip(made, templates.values(), strict=True):
        text = (files("athena_queries") / "scaffolds" / f"{template}.txt").read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(name=name), encoding="utf-8")
    return made


def _check(root: Path, name: str) -> None:
    if not SNAKE.fullmatch(name):
        raise ScaffoldError(f"NAME={name!r} is no name: write lower_snake_case, as in NAME=tasks_by_hour")
    if keyword.iskeyword(name) or name in Trino.generator_class.RESERVED_KEYWORDS:
        raise ScaffoldError(f"NAME={name} is a word of SQL or Python: choose another name")
    # A table and a question of one name would share their cases.
    places = [*_GOLD, *_QUESTION, "athena_queries/gold/${name}_v[0-9]*", _CASES]
    taken = [found for place in places for found in root.glob(Template(place).substitute(name=name))]
    if taken:
        raise ScaffoldError(f"NAME={name} is taken by {taken[0].relative_to(root)}: choose another name")
