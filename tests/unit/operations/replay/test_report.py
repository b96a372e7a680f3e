from io import StringIO

from rich.console import Console

from operations.replay.report import REASONS_SHOWN, ReplayReport, print_report


def told(report: ReplayReport) -> list[str]:
    text = StringIO()
    print_report(Console(file=text, width=160), report)
    return text.getvalue().splitlines()


def test_of_many_reasons_the_most_frequent_are_told_and_the_others_counted() -> None:
    report = ReplayReport()
    for number in range(1000):
        report.before["s"] += 1
        report.leave("s", f"Task {number} timed out", 1, f"s3://b/{number}")
    report.before["s"] += 5
    report.leave("s", "undecodable", 5, "s3://b/poison")
    lines = told(report)
    reasons = [line for line in lines if line.startswith("left: ")]
    assert reasons[0] == "left: 5 in s: undecodable, see s3://b/poison"
    assert len(reasons) == REASONS_SHOWN + 1
    assert reasons[-1] == f"left: {1001 - REASONS_SHOWN:,} for {1001 - REASONS_SHOWN:,} other reasons"


def test_a_reason_that_is_a_page_long_is_cut() -> None:
    report = ReplayReport()
    report.before["s"] += 1
    report.leave("s", "x" * 5000, 1, "s3://b/o")
    assert max(map(len, told(report))) < 400
