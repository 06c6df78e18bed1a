"""No engine, one that dies, no image: each ends in words that say so, with nothing half-built."""

import re
from pathlib import Path

import pytest

from tests.conftest import Shorts, as_process
from tests.e2e.conftest import Sam
from tests.e2e.dying import dying
from tests.e2e.images import engine as docker_engine

NO_ENGINE = (
    "Error: Running AWS SAM projects locally requires a container runtime. "
    "Do you have Docker or Finch installed and running?"
)
NO_IMAGE = "localhost:1/none:1"  # where no registry is
COMMANDS = {"build": ("build", "--use-container"), "invoke": ("local", "invoke", "F")}


@pytest.fixture
def nowhere(tmp_path: Path) -> str:
    """Where no engine listens."""
    return f"unix://{tmp_path}/docker.sock"


def built(folder: Path) -> dict[str, bytes]:
    """What lies in an application's build folder."""
    place = folder / ".aws-sam" / "build"
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def made_by_make(function: Path) -> None:
    """Have a Makefile build a function, so that shorts leaves it to `sam build`."""
    template = function / "template.yaml"
    template.write_text(
        template.read_text().replace(
            "    Properties:", "    Metadata: {BuildMethod: makefile}\n    Properties:"
        )
    )
    (function / "fn" / "Makefile").write_text("build-F:\n\tcp app.py $(ARTIFACTS_DIR)\n")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_engine(sam: Sam, function: Path, nowhere: str, command: tuple[str, ...]) -> None:
    """SAM says that it needs an engine, and builds nothing."""
    done = sam(*command, cwd=function, DOCKER_HOST=nowhere)
    assert done.returncode == 1
    assert NO_ENGINE in done.stderr
    assert built(function) == {}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("command", "option", "message"),
    [
        (
            COMMANDS["build"],
            "--build-image",
            f"Error: Could not find {NO_IMAGE} image locally and failed to pull it from docker.",
        ),
        (COMMANDS["invoke"], "--invoke-image", "Error: Error building docker image: "),
    ],
    ids=COMMANDS,
)
def test_no_image(
    sam: Sam, function: Path, command: tuple[str, ...], option: str, message: str
) -> None:
    """SAM says that an image can be neither found nor pulled, and builds nothing."""
    done = sam(*command, option, NO_IMAGE, cwd=function)
    assert done.returncode == 1
    assert message in done.stderr
    assert built(function) == {}


@pytest.mark.usefixtures("engine")
def test_dying_engine(sam: Sam, function: Path, tmp_path: Path) -> None:
    """Where an engine dies as a build begins in it, nothing is built; the next build is whole."""
    with dying(tmp_path) as (engine, unstarted):
        done = sam(*COMMANDS["build"], cwd=function, DOCKER_HOST=engine)
    assert len(unstarted) == 1
    assert done.returncode == 1
    assert "Error: ('Connection aborted.'" in done.stderr
    assert built(function) == {}
    assert sam(*COMMANDS["build"], cwd=function).returncode == 0
    assert built(function).keys() == {"template.yaml", "F/app.py"}


@pytest.mark.usefixtures("engine")
def test_dying_under_shorts(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """What shorts leaves to `sam build` fails in SAM's words, and the build before it stands."""
    made_by_make(function)
    assert shorts(["build"], function).returncode == 0
    before = built(function)
    assert before
    (function / "fn" / "app.py").write_text("def handler(event, context): ...\n")
    with dying(tmp_path) as (engine, unstarted):
        done = shorts(["build", "--use-container"], function, DOCKER_HOST=engine)
    assert len(unstarted) == 1
    assert done.returncode == 1
    assert "`sam build` could not build F: ('Connection aborted.'" in done.stderr
    assert "Traceback" not in done.stderr
    assert built(function) == before


def test_no_engine_under_shorts(function: Path, shorts: Shorts, nowhere: str) -> None:
    """What shorts leaves to `sam build` says that it needs an engine, and nothing is built."""
    made_by_make(function)
    done = shorts(["build", "--use-container"], function, DOCKER_HOST=nowhere)
    assert done.returncode == 1
    assert f"`sam build` could not build F: {NO_ENGINE.removeprefix('Error: ')}" in done.stderr
    assert built(function) == {}


def test_no_engine_for_the_images(tmp_path: Path, nowhere: str) -> None:
    """`make images` says on one line that no engine answers."""
    done = as_process(["-m", "tests.e2e.images"], Path.cwd(), DOCKER_HOST=nowhere)
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"error: no Docker engine answers: .*\n", done.stderr)


@pytest.mark.usefixtures("engine")
def test_what_is_missing(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    """The tests that need containers say on one line what they lack."""
    assert docker_engine.missing() == ""
    monkeypatch.setattr(docker_engine, "IMAGES", (NO_IMAGE, docker_engine.BUILD))
    assert docker_engine.missing() == f"no image {NO_IMAGE}: make images"
    monkeypatch.setenv("DOCKER_HOST", nowhere)
    assert re.fullmatch("no Docker engine answers: .+", docker_engine.missing())
    monkeypatch.setenv("PATH", "")
    assert docker_engine.missing() == "no docker command is here: install Docker"
