"""What a job finds on Glue, as pip reads it: ``make lock`` writes both lists, by ``python -m infra.glue_requirements``.

``requirements/glue-base.in`` is what AWS installs, ``glue-added.in`` what the jobs ask for besides: versions.toml.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
_MADE = "# Made by `make lock` of versions.toml, [glue.{}]: change it there.\n"


def requirements() -> dict[str, str]:
    """Return the text of each list, by the name of its file; what a job asks for replaces what Glue has."""
    glue = tomllib.loads((ROOT / "versions.toml").read_text())["glue"]
    added: dict[str, str] = glue["additional_python_modules"]
    base = {name: version for name, version in glue["wheels"].items() if name not in added}
    return {
        "glue-base.in": _MADE.format("wheels") + _lines(base),
        "glue-added.in": _MADE.format("additional_python_modules") + _lines(added),
    }


def _lines(pins: dict[str, str]) -> str:
    return "".join(f"{name.replace('_', '-')}=={version}\n" for name, version in pins.items())


if __name__ == "__main__":
    for name, text in requirements().items():
        (REQUIREMENTS / name).write_text(text)
