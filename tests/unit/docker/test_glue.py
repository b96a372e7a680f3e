"""`make glue-run` and the others: what they ask Docker for, and the one line they say where they cannot."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.docker.fake_docker import ROOT, FakeDocker, machine, options

IMAGE = "public.ecr.aws/glue/aws-glue-libs:5.1.0"
WORKSPACE = "/home/hadoop/workspace"


@pytest.fixture
def docker(tmp_path: Path) -> FakeDocker:
    fake = machine(tmp_path)
    fake.install()
    return fake


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake that `make run` has made."""
    folder = tmp_path / "my lake"
    folder.mkdir()
    (folder / "lake.json").write_text(json.dumps({"format": 1, "path": str(folder)}))
    return folder


def mounts(call: list[str]) -> set[str]:
    return {mount.removeprefix("type=bind,") for mount in options(call, "--mount")}


def inside(call: list[str]) -> list[str]:
    """Return what the container does: all behind its image."""
    assert call[call.index("--entrypoint") + 1] == "bash"
    return call[call.index("--entrypoint") + 3 :]


def test_a_job_runs_in_the_image_on_the_lake_that_lies_where_it_lies_here(docker: FakeDocker, lake: Path) -> None:
    assert docker.glue("run", JOB="silver_tasks", LAKE=str(lake), ARGS="--REBUILD true").returncode == 0
    (call,) = docker.calls("run")
    assert inside(call) == [
        *("-l", f"{WORKSPACE}/docker/inside", "run", "silver_tasks", f"file://{lake}", "--REBUILD", "true")
    ]
    assert {f"source={ROOT},target={WORKSPACE},readonly", f"source={lake},target={lake}"} <= mounts(call)
    assert "task-lake-glue:job" in call


def test_a_relative_lake_is_mounted_by_its_absolute_path(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=lake.name)
    assert inside(docker.calls("run")[0])[-1] == f"file://{lake}"


def test_what_reads_a_folders_catalog_lies_on_the_images_own_classpath(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake))
    (jar,) = (mount for mount in mounts(docker.calls("run")[0]) if "sqlite-jdbc" in mount)
    source, target, access = jar.split(",")
    assert Path(source.removeprefix("source=")).is_file()
    assert target.startswith("target=/opt/spark/jars/sqlite-jdbc-")
    assert access == "readonly"


def test_the_image_is_the_pinned_one_with_our_modules_and_the_user_that_you_are(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake))
    (build,) = docker.calls("build")
    assert f"GLUE_IMAGE={IMAGE}" in options(build, "--build-arg")
    assert {f"UID={os.getuid()}", f"GID={os.getgid()}"} <= set(options(build, "--build-arg"))
    assert build[-1] == str(ROOT / "requirements")
    assert options(docker.calls("run")[0], "--user") == [f"{os.getuid()}:{os.getgid()}"]


def test_a_digest_pins_the_image_beside_its_tag(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake), GLUE_IMAGE_DIGEST="sha256:abc")
    assert docker.calls("image") == [["image", "inspect", f"{IMAGE}@sha256:abc"]]
    assert f"GLUE_IMAGE={IMAGE}@sha256:abc" in options(docker.calls("build")[0], "--build-arg")


def test_a_rootless_engine_has_you_for_root(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake), SECURITY="[name=seccomp name=rootless]")
    assert options(docker.calls("run")[0], "--user") == ["0:0"]


def test_a_folder_needs_no_credentials_and_gets_none(docker: FakeDocker, lake: Path) -> None:
    (docker.folder / ".aws").mkdir()
    docker.glue("shell", LAKE=str(lake), AWS_PROFILE="me", AWS_SECRET_ACCESS_KEY="secret")
    (call,) = docker.calls("run")
    assert not [word for word in call if "AWS" in word or ".aws" in word]


def test_a_profile_runs_the_same_job_on_the_real_bucket_and_catalog(docker: FakeDocker) -> None:
    (docker.folder / ".aws").mkdir()
    docker.glue("run", JOB="gold", LAKE="s3://the-lake", AWS_PROFILE="me")
    (call,) = docker.calls("run")
    assert inside(call)[2:] == ["run", "gold", "s3://the-lake"]
    assert f"source={docker.folder}/.aws,target=/home/hadoop/.aws" in mounts(call)
    assert {"AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"} <= set(options(call, "--env"))
    assert not [mount for mount in mounts(call) if "sqlite" in mount]


def test_the_tests_run_beside_their_own_tools_and_without_a_lake(docker: FakeDocker) -> None:
    docker.glue("test", ARGS="-k suites")
    (call,) = docker.calls("run")
    assert inside(call)[2:] == ["test", "-k", "suites"]
    assert "task-lake-glue:tests" in call


def test_a_notebook_is_reached_from_this_machine_alone_and_saves_into_the_workspace(
    docker: FakeDocker, lake: Path
) -> None:
    docker.glue("notebook", LAKE=str(lake))
    (call,) = docker.calls("run")
    assert options(call, "--publish") == ["127.0.0.1:8888:8888"]
    assert f"source={ROOT},target={WORKSPACE}" in mounts(call)
    assert "task-lake-glue:notebook" in call


def test_limits_and_proxies_reach_the_container(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake), MEMORY="6g", DRIVER_MEMORY="4g", https_proxy="http://proxy:3128")
    (call,), (build,) = docker.calls("run"), docker.calls("build")
    assert options(call, "--memory") == ["6g"]
    assert {"DRIVER_MEMORY", "https_proxy"} <= set(options(call, "--env"))
    assert "https_proxy" in options(build, "--build-arg")


def test_a_container_passes_ctrl_c_on_and_is_gone_when_it_ends(docker: FakeDocker, lake: Path) -> None:
    docker.glue("shell", LAKE=str(lake))
    assert {"--init", "--rm"} <= set(docker.calls("run")[0])


@pytest.mark.parametrize("code", ["1", "130"])
def test_a_jobs_exit_code_is_the_commands(docker: FakeDocker, lake: Path, code: str) -> None:
    assert docker.glue("run", JOB="silver_api", LAKE=str(lake), EXITS=code).returncode == int(code)


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the only line that a refused command wrote."""
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("job", ["", "brass"])
def test_a_job_that_there_is_not_is_said_before_docker_is_asked_for(tmp_path: Path, job: str) -> None:
    line = one_line(machine(tmp_path).glue("run", JOB=job))
    jobs = "JOB=<one of: gold silver_api silver_maintenance silver_tasks>"
    assert line == f"glue-run: {f'there is no job {job!r}' if job else 'say which job'}: {jobs}"


@pytest.mark.parametrize("command", ["run", "test", "shell", "notebook"])
def test_without_docker_one_line_says_what_to_install_and_that_a_laptop_needs_none(
    tmp_path: Path, command: str
) -> None:
    line = one_line(machine(tmp_path).glue(command, JOB="silver_tasks"))
    assert line.startswith(f"glue-{command}: Docker is not installed: install it")
    assert f"`docker pull {IMAGE}` (5.4 GB to download, 12.6 GB on disk); `make run` needs neither" in line


@pytest.mark.parametrize(
    ("fails", "said"),
    [("info", "Docker's engine does not answer: start it"), ("image", "AWS's image is not here: `docker pull ")],
)
def test_without_an_engine_or_the_image_one_line_says_what_to_do(docker: FakeDocker, fails: str, said: str) -> None:
    line = one_line(docker.glue("test", FAILS=fails))
    assert said in line
    assert line.endswith("(5.4 GB to download, 12.6 GB on disk); `make run` needs neither")


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker on this machine")
def test_the_real_client_without_an_engine_is_told_so() -> None:
    """The engine is one that cannot be there, whatever this machine has."""
    environment = {**os.environ, "DOCKER_HOST": "tcp://127.0.0.1:9"}
    script = [str(ROOT / "docker" / "glue"), "test"]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False)
    assert "Docker's engine does not answer" in one_line(done)


def test_a_build_that_fails_shows_why_and_says_so(docker: FakeDocker) -> None:
    done = docker.glue("test", FAILS="build")
    assert done.returncode == 2
    assert done.stderr == "docker: build failed\nglue-test: the image could not be built: the lines above say why\n"
    assert docker.calls("run") == []


@pytest.mark.parametrize(
    ("command", "variables", "said"),
    [
        ("walk", {}, "glue-image: run, test, shell or notebook, not 'walk'"),
        (
            "run",
            {"JOB": "brass"},
            "there is no job 'brass': JOB=<one of: gold silver_api silver_maintenance silver_tasks>",
        ),
        ("run", {}, "say which job: JOB=<one of: gold "),
        ("shell", {"LAKE": "/nowhere"}, "there is no lake at /nowhere yet: `make run` makes one"),
        ("shell", {"LAKE": "/a,b"}, "Docker cannot mount a path with a comma: choose another LAKE"),
        ("shell", {"LAKE": "s3://b"}, "s3://b is on AWS: name your profile, AWS_PROFILE=<profile>"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    docker: FakeDocker, command: str, variables: dict[str, str], said: str
) -> None:
    assert said in one_line(docker.glue(command, **variables))
    assert docker.calls("build") == []


def test_gold_of_a_folder_is_not_for_glue(docker: FakeDocker, lake: Path) -> None:
    assert "`make gold`, or LAKE=s3://<bucket>" in one_line(docker.glue("run", JOB="gold", LAKE=str(lake)))
