"""What `make replay STAGE=…` prints, by what lies in the failure stores."""

from types import SimpleNamespace
from typing import Any

import pytest

from operations.replay import command
from tests.unit.operations.replay.fakes import BUCKET, UNDELIVERED, Lake, error_lines


@pytest.fixture
def said(lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what a dry replay of the lake prints."""

    def dry() -> str:
        clients = {"s3": lake.s3, "firehose": lake.firehose}
        session = SimpleNamespace(client=lambda *_, **__: lake.lambda_)
        account = SimpleNamespace(client=clients.__getitem__, session=session, region="us-east-1")
        opened = SimpleNamespace(account=account, bucket=BUCKET, option=" STAGE=dev")
        monkeypatch.setattr(command, "open_deployed", lambda _: opened)
        command.replay_stage("dev", "", "", is_dry=True)
        return capsys.readouterr().out

    return dry


def test_a_dry_one_says_what_a_replay_would_hand_over(lake: Lake, said: Any) -> None:
    lake.put(UNDELIVERED.format(1), error_lines(["a", "b"]) + "{}\n")
    text = said()
    assert "would stay" in text
    assert "failed: 1 in errors/firehose/task_changes" in text
    assert "not a record as Firehose writes it (no rawData), see s3://" in text
    assert "Nothing was handed over; `make replay STAGE=dev` hands over 2 of 3." in text


def test_a_dry_one_of_what_nobody_can_hand_over_promises_nothing(lake: Lake, said: Any) -> None:
    lake.put(UNDELIVERED.format(1), "{}\n")
    text = said()
    assert "a replay could hand over none of it: look at the objects named above" in text
    assert "make replay" not in text
