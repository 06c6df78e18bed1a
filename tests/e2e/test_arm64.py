"""The application built for arm64, run: under qemu, by Lambda's own client and emulator."""

from pathlib import Path

import pytest

from shorts.system import process
from tests.conftest import Shorts, copy_application
from tests.e2e.answers import emulated, events, functions
from tests.e2e.images import arm64

pytestmark = pytest.mark.usefixtures("arm64_root")
_PATIENCE = 600  # seconds for one event: qemu takes about forty times as long


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, shorts: Shorts) -> Path:
    """The application built by shorts for arm64."""
    folder = copy_application(tmp_path_factory.mktemp("arm64"))
    done = shorts(["build", "--parameter-overrides", "Architecture=arm64"], folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_root_is_another_processors(tmp_path: Path) -> None:
    """What runs the functions below is a Python for arm64, and of the runtime's version."""
    said = process.run(
        [
            str(arm64.python(tmp_path)),
            "-c",
            "import platform as p; print(p.machine(), p.python_version())",
        ]
    )
    assert said.startswith("aarch64 3.13.")


@pytest.mark.parametrize("name", ["EchoFunction", "PlotFunction"])
def test_every_event(application: Path, built: Path, tmp_path: Path, name: str) -> None:
    """A function built for arm64 answers each of its sample events as the one for x86_64 does."""
    command, sent = arm64.python(tmp_path), events(name)
    # The built template says x86_64 to whoever gives no parameter; what counts is what runs it.
    theirs = functions(application)[name]
    answers = emulated(theirs, sent, lambda python: command, timeout=_PATIENCE)
    assert answers == emulated(functions(built)[name], sent)
