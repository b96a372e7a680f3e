"""What checkov is told to pass over says why, wherever it is told."""

import re
from pathlib import Path

import pytest
import yaml

from tests.unit.infra.policies import ROOT, all_resources

CONFIG = ROOT / ".checkov.yaml"


def without_a_reason(config: str) -> list[str]:
    """Return the checks that a configuration skips without a comment beside them."""
    lines = re.findall(r"^\s+- (CKV\w+)(.*)$", config, re.MULTILINE)
    return [check for check, rest in lines if not re.match(r" # \w.+\.$", rest)]


def test_each_check_that_no_template_is_judged_by_has_its_reason() -> None:
    config = CONFIG.read_text(encoding="utf-8")
    assert len(re.findall(r"# \w.+\.$", config, re.MULTILINE)) >= len(yaml.safe_load(config)["skip-check"])
    assert without_a_reason(config) == []


def test_each_check_that_one_resource_is_not_judged_by_has_its_reason() -> None:
    skipped = {
        name: skip
        for name, resource in all_resources().items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }
    assert skipped
    assert all(re.match(r"CKV\w+$", skip["id"]) and len(skip["comment"].split()) > 3 for skip in skipped.values())


@pytest.mark.parametrize("line", ["  - CKV_AWS_1", "  - CKV_AWS_1 #", "  - CKV_AWS_1 # why"])
def test_a_check_without_a_reason_is_found(line: str) -> None:
    assert without_a_reason(f"skip-check:\n{line}\n") == ["CKV_AWS_1"]


def test_checkov_asks_nobody_and_reads_every_template() -> None:
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert (config["framework"], config["skip-download"]) == ("cloudformation", True)
    makefile = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    assert "checkov --config-file .checkov.yaml --file infra/*.yaml crawlers/*.yaml" in makefile
