"""The dashboard reads as the flow, and shows what is emitted."""

import json
from collections.abc import Iterator

import pytest

from tests.unit.infra.emitted import RESOURCES, Metric, check_is_emitted, of_type

WIDGETS = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"])["widgets"]
HEADERS = [one["properties"]["markdown"].split(":")[0] for one in WIDGETS if one["type"] == "text"]


def shown() -> Iterator[Metric]:
    for widget in WIDGETS:
        for namespace, name, *dimensions in widget["properties"].get("metrics", []):
            yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


def test_the_dashboard_reads_as_the_flow() -> None:
    assert HEADERS == ["## Source", "## Capture", "## Delivery", "## Bronze", "## Silver", "## Gold", "## Cost"]
    places = [(one["y"], one["x"]) for one in WIDGETS]
    assert places == sorted(places)


def test_no_widget_lies_on_another() -> None:
    cells = [
        (x, y)
        for one in WIDGETS
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_the_dashboard_shows_what_is_emitted_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    for metric in shown():
        check_is_emitted(metric, capsys)


def test_what_raises_an_alarm_is_seen_on_the_dashboard() -> None:
    seen = {name for _, name, _ in shown()}
    unseen = {alarm["MetricName"] for alarm in of_type("AWS::CloudWatch::Alarm").values()} - seen
    assert unseen == {"AsyncEventsDropped", "DestinationDeliveryFailures"}, "which are nothing as long as they are none"
