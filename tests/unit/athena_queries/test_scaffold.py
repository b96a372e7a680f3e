import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from typer.testing import CliRunner

from athena_queries import __main__ as commands
from athena_queries.analyst_file import ANALYST, read_analyst_file
from athena_queries.engines.duckdb_engine import answer, connect
from athena_queries.gold_table import GOLD
from athena_queries.lints.run import lint
from athena_queries.scaffold import ScaffoldError, new_gold, new_query
from athena_queries.sql import parse, tables_of, with_parameters
from tests.unit.athena_queries.cases import schema_of
from tests.unit.athena_queries.difference import difference
from tests.unit.athena_queries.typed_values import typed

ROOT = Path(__file__).parents[3]


def case_difference(sql: str, case: Path) -> str:
    """Return how the SELECT's answer differs from what the case expects."""
    with connect() as connection:
        for name in tables_of(parse(sql)):
            rows = read(case / f"{name}.yaml")
            columns = [typed(field, [row.get(field.name) for row in rows]) for field in schema_of(name)]
            namespace = name.partition(".")[0]
            connection.register("rows", pa.table(columns, schema=schema_of(name)))
            connection.execute(f"CREATE SCHEMA {namespace}; CREATE TABLE {name} AS SELECT * FROM rows")
        found: str = difference(read(case / "expected.yaml"), answer(connection, parse(sql)), is_ordered=False)
        return found


def read(file: Path) -> list[Any]:
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))) if file.exists() else []


def test_a_new_gold_table_has_no_findings_and_its_cases_pass(tmp_path: Path) -> None:
    made = new_gold(tmp_path, "tasks_by_day")
    (tmp_path / "analyst").mkdir()
    assert lint(tmp_path / "athena_queries" / "gold", tmp_path / "analyst") == []
    cases = sorted((tmp_path / "tests" / "athena_queries" / "tasks_by_day").iterdir())
    assert len(cases) == 2
    assert [case_difference(made[0].read_text(encoding="utf-8"), case) for case in cases] == ["", ""]


def test_a_new_query_has_no_findings_and_its_cases_pass(tmp_path: Path) -> None:
    made = new_query(tmp_path, "tasks_of_days")
    assert lint(GOLD, made[0].parent) == lint(GOLD, tmp_path / "tests")
    file = read_analyst_file("tasks_of_days", made[0].read_text(encoding="utf-8"))
    cases = sorted((tmp_path / "tests" / "athena_queries" / "tasks_of_days").iterdir())
    assert len(cases) == 2
    for case in cases:
        literals = file.literals(read(case / "parameters.yaml"))
        assert case_difference(with_parameters(file.sql, literals), case) == ""


def test_a_new_tables_suite_has_expectations_and_a_test(tmp_path: Path) -> None:
    made = {path.name: path for path in new_gold(tmp_path, "tasks_by_day")}
    spec = importlib.util.spec_from_file_location("tasks_by_day", made["tasks_by_day.py"])
    assert spec
    assert spec.loader
    suite = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(suite)
    assert len(suite.expectations()) == 3
    assert "from data_quality.suites.tasks_by_day import" in made["test_tasks_by_day.py"].read_text(encoding="utf-8")


def test_what_is_made_keeps_the_style(tmp_path: Path) -> None:
    made = [*new_gold(tmp_path, "tasks_by_day"), *new_query(tmp_path, "tasks_of_days")]
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    python, sql = ([str(path) for path in made if path.suffix == suffix] for suffix in (".py", ".sql"))
    # What is made imports what is here already: both are the project's own.
    config = ["--no-cache", "--config", f"src = ['.', '{ROOT}']"]
    for command in (
        ["ruff", "check", *config, *python],
        ["ruff", "format", "--check", *config, *python],
        ["sqlfluff", "lint", "--disable-progress-bar", *sql],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", ["", "Tasks", "tasks by day", "../tasks", "1st", "tasks-by-day", "tasks;x", "class", "order"]
)
def test_a_name_that_cannot_be_one_is_refused_in_a_line_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScaffoldError) as error:
        new_gold(tmp_path, name)
    assert f"NAME={name}" in str(error.value).replace("'", "")
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused_whoever_has_it(tmp_path: Path) -> None:
    new_gold(tmp_path, "tasks_by_day")
    new_query(tmp_path, "tasks_of_days")
    (tmp_path / "athena_queries" / "gold" / "older_v3").mkdir()
    for name in ("tasks_by_day", "tasks_of_days", "older"):
        for make in (new_gold, new_query):
            with pytest.raises(ScaffoldError, match=f"NAME={name} is taken by .*{name}"):
                make(tmp_path, name)


def test_a_table_of_silver_has_its_name_for_itself() -> None:
    with pytest.raises(ScaffoldError, match=r"NAME=tasks is taken by data_quality/suites/tasks.py"):
        new_gold(ROOT, "tasks")


def test_the_command_says_what_to_edit_and_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    said = CliRunner().invoke(commands.app, ["new-gold"], env={"NAME": "tasks_by_day"})
    assert said.exit_code == 0
    assert "  athena_queries/gold/tasks_by_day_v1/query.sql\n" in said.stdout
    assert "  make test-cases\n  .venv/bin/pytest tests/unit/data_quality/suites/test_tasks_by_day.py\n" in said.stdout
    again = CliRunner().invoke(commands.app, ["new-query", "tasks_by_day"])
    assert again.exit_code == 1
    assert again.stderr == (
        "NAME=tasks_by_day is taken by athena_queries/gold/tasks_by_day_v1/query.sql: choose another name\n"
    )


def test_the_command_lint_fails_with_findings_and_says_so_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "lint_all", lambda: ["a.sql:1: header: wrong"])
    found = CliRunner().invoke(commands.app, ["lint"])
    assert (found.exit_code, found.stdout) == (1, "a.sql:1: header: wrong\n")
    monkeypatch.setattr(commands, "lint_all", list)
    none = CliRunner().invoke(commands.app, ["lint"])
    assert (none.exit_code, none.stdout) == (0, "No fault in the SQL of Gold and of the analysts.\n")


def test_the_folders_that_are_scaffolded_are_the_lakes() -> None:
    assert (Path(str(GOLD)), Path(str(ANALYST))) == (ROOT / "athena_queries/gold", ROOT / "athena_queries/analyst")
