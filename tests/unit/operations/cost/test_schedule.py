import pytest

from operations.cost.schedule import DAYS_A_MONTH, ScheduleError, runs_a_month


@pytest.mark.parametrize(
    ("expression", "a_day"),
    [
        ("cron(15 2 * * ? *)", 1),
        ("cron(0 * * * ? *)", 24),
        ("cron(0/15 8-17 * * ? *)", 4 * 10),
        ("cron(0 6,18 ? * * *)", 2),
        ("cron(15 4 ? * SUN *)", 1 / 7),
        ("cron(15 4 ? * MON-FRI *)", 5 / 7),
        ("rate(1 hour)", 24),
        ("rate(2 days)", 0.5),
        ("rate(5 minutes)", 288),
    ],
)
def test_a_schedule_comes_up_so_often_a_day(expression: str, a_day: float) -> None:
    assert runs_a_month(expression) == pytest.approx(a_day * DAYS_A_MONTH)


def test_a_day_of_the_month_comes_up_once_a_month() -> None:
    assert runs_a_month("cron(0 3 1 * ? *)") == 1


@pytest.mark.parametrize("expression", ["cron(15 2 * *)", "every day", "cron(0 0 1 1 ? *)", "cron(0 0 L * ? *)"])
def test_what_nobody_can_count_is_refused_with_its_text(expression: str) -> None:
    with pytest.raises(ScheduleError, match=r"cron|every day"):
        runs_a_month(expression)
