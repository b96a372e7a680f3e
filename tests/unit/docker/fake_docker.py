"""A docker that does nothing but note how it was called."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "docker" / "glue"

# Each call is a line of JSON; FAILS names the subcommand that fails, SECURITY what `docker info` says of the engine.
_DOCKER = """#!{python}
import json, os, sys
with open({calls!r}, "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
if os.environ.get("FAILS") == sys.argv[1]:
    sys.exit(f"docker: {{sys.argv[1]}} failed")
if sys.argv[1] == "info":
    print(os.environ.get("SECURITY", "[name=seccomp]"))
if sys.argv[1] == "run":
    sys.exit(int(os.environ.get("EXITS", "0")))
"""
# What the script needs besides docker.
_TOOLS = ("bash", "dirname", "env", "grep", "id", "sed", "tr")


@dataclass(frozen=True)
class FakeDocker:
    """A machine of its own: what is on PATH, and a home."""

    folder: Path

    def install(self) -> None:
        """Put docker on PATH."""
        docker = self.folder / "bin" / "docker"
        docker.write_text(_DOCKER.format(python=sys.executable, calls=str(self._calls)))
        docker.chmod(0o755)

    def glue(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Return the finished ``docker/glue <words>``, with these variables and no others in its environment."""
        environment = {"PATH": str(self.folder / "bin"), "HOME": str(self.folder), **variables}
        return subprocess.run(
            [SCRIPT, *words], env=environment, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def calls(self, subcommand: str) -> list[list[str]]:
        """Return the arguments of each call of this subcommand."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return [call for call in map(json.loads, lines) if call[0] == subcommand]

    @property
    def _calls(self) -> Path:
        return self.folder / "calls.jsonl"


def machine(folder: Path) -> FakeDocker:
    """Return a machine with the tools of every Unix, and no docker."""
    (folder / "bin").mkdir()
    for tool in _TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / "bin" / tool).symlink_to(found)
    return FakeDocker(folder)


def options(call: list[str], name: str) -> list[str]:
    """Return each value that the option has in a call."""
    return [value for option, value in pairwise(call) if option == name]
