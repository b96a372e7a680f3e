"""Where a job runs in these tests: Python with just what Glue's has, its Spark's jars, a user who owns nothing."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.package import JOBS, JOBS_PACKAGE, build_package
from local.jars import FOLDER, aws_jars, jar_paths
from local.java import ROOT, java_home

GLUE = ROOT / ".glue"
_LOG_SETTINGS = ROOT / "local" / "log4j2.properties"
_NOBODY = 65534


@dataclass(frozen=True)
class LikeGlue:
    """What Glue gives a job: scripts in one folder, the archive in another, an empty one to be in, one to write to."""

    scripts: Path
    archive: Path
    cwd: Path
    home: Path
    environment: Mapping[str, str]

    def submit(self, job: str, lake: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Return the finished job, started with Glue's arguments."""
        given = ["--JOB_NAME", job, "--JOB_RUN_ID", f"jr_{job}", "--LAKE", lake, *arguments]
        return self.run(["spark-submit", "--py-files", str(self.archive), str(self.scripts / f"{job}.py"), *given])

    def run(self, command: Sequence[str], given: str = "") -> "subprocess.CompletedProcess[str]":
        """Return the finished command; ``given`` is its standard input."""
        user = _NOBODY if acts_as_nobody() else None
        return subprocess.run(
            command, cwd=self.cwd, env=self.environment, input=given, capture_output=True, text=True, check=False,
            user=user, group=user, extra_groups=None if user is None else [],
        )  # fmt: skip


def like_glue(
    folder: Path, settings: Mapping[str, str] | None = None, variables: Mapping[str, str] | None = None
) -> LikeGlue:
    """Return the place, with the archive of ``make package`` and each job's script, all of it read-only."""
    places = {name: folder / name for name in ("scripts", "packages", "spark", "cwd", "home")}
    for place in places.values():
        place.mkdir()
    archive = build_package(places["packages"] / JOBS_PACKAGE.name, JOBS)
    for script in (ROOT / "glue_jobs" / "jobs").glob("*.py"):
        shutil.copy(script, places["scripts"])
    (places["spark"] / "spark-defaults.conf").write_text(_defaults(settings or {}))
    for name in ("cwd", "home"):
        give(places[name])
    for name in ("scripts", "packages", "spark"):
        for path in (*places[name].rglob("*"), places[name]):
            path.chmod(0o555 if path.is_dir() else 0o444)
    environment = {
        "PATH": f"{GLUE / 'bin'}:{os.environ['PATH']}",
        "HOME": str(places["home"]),
        "TMPDIR": str(places["home"]),
        "JAVA_HOME": str(java_home()),
        "LC_ALL": "C.UTF-8",
        "SPARK_CONF_DIR": str(places["spark"]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GLUE_TESTS": str(GLUE / "tests"),
        "JAVA_TOOL_OPTIONS": os.environ.get("JAVA_TOOL_OPTIONS", ""),
        **(variables or {}),
    }
    return LikeGlue(places["scripts"], archive, places["cwd"], places["home"], environment)


def give(path: Path) -> None:
    """Make the jobs' user the owner of a folder and of all in it."""
    if acts_as_nobody():
        for one in (path, *path.rglob("*")):
            os.chown(one, _NOBODY, _NOBODY)


@cache
def acts_as_nobody() -> bool:
    """Whether root runs these tests, and a user who owns nothing can reach what they need; others run them as they are.

    A checkout or a Python in root's own home is out of that user's reach.
    """
    if os.getuid() != 0:
        return False
    needed = [GLUE / "bin" / "python", ROOT / "docker" / "inside", java_home() / "bin" / "java"]
    code = "import os, ssl, sys; sys.exit(not all(os.access(path, os.X_OK) for path in sys.argv[1:]))"
    probe: list[str | Path] = [GLUE / "bin" / "python", "-c", code, *needed]
    try:
        reached = subprocess.run(probe, user=_NOBODY, group=_NOBODY, extra_groups=[], check=False)
    except PermissionError:
        return False
    return reached.returncode == 0


def installed() -> dict[str, str]:
    """Return each library of the environment with its version."""
    code = "from importlib.metadata import distributions as d; print(*{f'{x.name}=={x.version}' for x in d()})"
    listed = subprocess.run([GLUE / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    pins = (word.partition("==") for word in listed.stdout.split())
    return {name.lower().replace("-", "_").replace(".", "_"): version for name, _, version in pins}


def _defaults(settings: Mapping[str, str]) -> str:
    """Return Spark's defaults; as in AWS's image the jars lie on Spark's own classpath."""
    jars = [*jar_paths(), *(FOLDER / jar.file_name for jar in aws_jars())]
    defaults = {
        "spark.master": "local[2]",
        "spark.driver.extraClassPath": ":".join(map(str, jars)),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        **settings,
    }
    return "".join(f"{key} {value}\n" for key, value in defaults.items())
