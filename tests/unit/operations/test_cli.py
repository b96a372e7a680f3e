"""The commands as a shell meets them: one line on standard error, and an exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from operations.cli import app
from tests.unit.operations.fake_account import FakeAccount
from tests.unit.operations.status.answers import deployed


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "STAGE", "YES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def typed(*words: str, **environment: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, words, env=environment, catch_exceptions=False)
    [line] = done.stderr.splitlines()
    return done.exit_code, line


@pytest.mark.parametrize("command", ["deploy", "status", "teardown"])
def test_a_command_wants_a_stage(command: str) -> None:
    assert typed(command) == (2, "say which stage: STAGE=<name>, such as STAGE=dev")


@pytest.mark.parametrize("command", ["deploy", "teardown"])
def test_a_command_that_changes_something_wants_somebody_to_ask(
    command: str, aws: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.account.open_account", lambda: aws)
    code, line = typed(command, STAGE="dev")
    assert code == 2
    assert "say YES=1 to go on unasked" in line


@pytest.mark.parametrize("yes", ["", "1"], ids=["before it looks for somebody to ask", "with YES=1"])
@pytest.mark.parametrize("command", ["deploy", "status", "teardown"])
def test_a_command_wants_a_region(command: str, yes: str) -> None:
    assert typed(command, STAGE="dev", YES=yes) == (
        2,
        "no AWS region is set: set AWS_REGION, such as AWS_REGION=eu-central-1",
    )


@pytest.mark.parametrize("command", ["status", "teardown"])
def test_a_stage_that_is_not_there_is_one_line(command: str, aws: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.account.open_account", lambda: aws)
    code, line = typed(command, STAGE="dev", YES="1")
    assert code == 2
    assert line.startswith("there is no stage dev in account 123456789012, eu-central-1; stages there: none")


def test_a_lake_that_does_not_well_ends_with_one(aws: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(aws, "UPDATE_ROLLBACK_FAILED")
    monkeypatch.setattr("operations.account.open_account", lambda: aws)
    code, line = typed("status", STAGE="dev")
    assert code == 1
    assert "docs/runbook.md" in line
