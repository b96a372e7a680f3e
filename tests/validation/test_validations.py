"""The five validations, run for real: each holds, and the committed page says what they find."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.java import ROOT
from validation.page import reproducible, sections
from validation.registry import Name


@pytest.mark.parametrize("name", Name)
def test_it_holds_and_the_committed_page_says_what_it_finds(name: Name, tmp_path: Path) -> None:
    page = tmp_path / "validation.md"
    # Of the tests' own JVMs.
    environment = {key: value for key, value in os.environ.items() if key != "JAVA_TOOL_OPTIONS"}
    typed = [sys.executable, "-m", "validation", name, "--page", str(page)]
    done = subprocess.run(typed, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    committed = sections(ROOT / "docs" / "validation.md")[name]
    again = f"make validate VALIDATION={name}"
    assert reproducible(sections(page)[name]) == reproducible(committed), f"docs/validation.md is out of step: {again}"
