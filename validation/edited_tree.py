"""The sources as an engineer has edited them: a copy of the tree in which commands run, with declared attributes."""

import re
import shutil
from pathlib import Path

from local.java import ROOT

# What no command needs: their folders would only take time to copy.
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks", "docs", "build", "validation")
_SCHEMA = Path("glue_jobs/schemas/task.py")
_DECLARED = re.compile(r"(TASK_ATTRIBUTES = \(\n.*?)(\n\)\n)", re.DOTALL)
_IMPORTED = "from pyspark.sql.types import "


def edited_tree(folder: Path, *declarations: str) -> Path:
    """Return a copy of the sources with these lines at the end of ``TASK_ATTRIBUTES``, as docs/schema.md says."""
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT)
    (folder / ".jars").symlink_to(ROOT / ".jars")
    schema = (ROOT / _SCHEMA).read_text(encoding="utf-8")
    lines = "".join(f"\n    {line}" for line in declarations)
    declared, times = _DECLARED.subn(lambda found: f"{found[1]}{lines}{found[2]}", schema)
    assert times == 1, "TASK_ATTRIBUTES is declared otherwise"
    (folder / _SCHEMA).write_text(declared.replace(_IMPORTED, f"{_IMPORTED}LongType, "), encoding="utf-8")
    return folder
