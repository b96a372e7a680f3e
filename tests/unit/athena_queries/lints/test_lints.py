from pathlib import Path

import pytest

from athena_queries.lints.run import lint
from tests.unit.athena_queries.lints.linted import fault, linted


def test_the_lakes_own_files_keep_every_rule() -> None:
    assert [str(finding) for finding in lint()] == []


def test_files_that_keep_the_rules_have_no_findings(tmp_path: Path) -> None:
    assert linted(tmp_path) == []


def test_a_finding_is_a_line_that_an_editor_can_jump_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [found] = linted(tmp_path, "analyst", "task_id,", "task,")
    assert str(found).startswith("analyst/changes_of_a_day.sql:11: column: ")


def test_sql_that_cannot_be_parsed_is_a_finding_at_its_line(tmp_path: Path) -> None:
    assert fault(tmp_path, "analyst", "order by", "order bye")[:2] == ("syntax", 19)


def test_a_folder_that_describes_no_table_is_a_finding(tmp_path: Path) -> None:
    rule, line, message = fault(tmp_path, "metadata.yaml", "owner: data engineering\n", "")
    assert (rule, line, message) == ("metadata", 1, "owner missing")


def test_faults_in_checks_have_the_lines_of_the_file(tmp_path: Path) -> None:
    found = fault(tmp_path, "checks.sql", "tasks_created > 1000", "tasks_created > random(9)")
    assert found[:2] == ("non-deterministic", 9)
    assert "random" in found[2]
