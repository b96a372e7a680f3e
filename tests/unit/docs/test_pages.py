"""The pages name commands, files and arguments that are there."""

import re
from pathlib import Path

import pytest

from glue_jobs.jobs.arguments import ARGUMENTS, Argument

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]

each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def anchors(page: Path) -> set[str]:
    text = page.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([\w-]+)">', text))


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
        linked = (page.parent / target) if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


@each_page
def test_every_command_is_one_of_makes(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)", page.read_text()):
        assert f"\n{target}:" in makefile, target


def test_the_code_cites_facts_that_are_there() -> None:
    sources = [
        path
        for folder in ("cdc_lambda", "glue_jobs", "infra", "local", "operations")
        for path in (ROOT / folder).rglob("*.*")
    ]
    cited = [path.read_text() for path in sources if path.suffix in {".py", ".yaml"}]
    facts = {fact for text in cited for fact in re.findall(r"docs/aws-semantics\.md#([\w-]+)", text)}
    assert facts <= anchors(ROOT / "docs" / "aws-semantics.md")


def row(argument: Argument) -> str:
    default = "required" if argument.default is None else f"`{argument.default}`"
    jobs = ", ".join(f"`{job}`" for job in argument.jobs)
    return f"| `--{argument.name}` | {default} | {argument.meaning} | {jobs} |"


def test_the_runbook_lists_the_arguments_as_the_jobs_take_them() -> None:
    page = (ROOT / "docs" / "runbook.md").read_text()
    assert re.findall(r"^\| `--.*$", page, re.MULTILINE) == [row(argument) for argument in ARGUMENTS]
