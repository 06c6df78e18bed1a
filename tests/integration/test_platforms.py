"""What runs on other systems, each simulated: what Linux alone has is taken away."""

import json
from pathlib import Path

import pytest

from tests.conftest import as_process, require, write_wheel

# macOS has neither /proc nor a set of processors for each process; urllib asks _scproxy there.
MACOS = """
import builtins, os, platform, sys, sysconfig, types
sysconfig.get_config_vars()  # read once, from a file that is named by the platform
sys.platform = "darwin"
platform.system, platform.machine = lambda: "Darwin", lambda: "arm64"
del os.sched_getaffinity
sys.modules["_scproxy"] = types.SimpleNamespace(
    _get_proxy_settings=lambda: {}, _get_proxies=lambda: {}
)

def without_proc(function):
    def call(path=".", *arguments, **options):
        if isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith("/proc"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return function(path, *arguments, **options)
    return call

builtins.open, os.open = without_proc(builtins.open), without_proc(os.open)
os.listdir, os.readlink = without_proc(os.listdir), without_proc(os.readlink)
from shorts.cli.command import main
sys.exit(main())
"""


@pytest.mark.usefixtures("own_store")
def test_what_runs_on_macos(function: Path) -> None:
    """Build, check, why, size and lock need nothing that Linux alone has."""
    write_wheel(function / "wheels", "thing", {"thing.py": "WORD = 1\n"})
    require(function, "thing")
    (function / "fn" / "app.py").write_text("import thing\n\n\ndef handler(event, context): ...\n")
    done = as_process(["-c", MACOS, "build", "--output", "json"], function)
    assert done.returncode == 0, done.stderr
    (made,) = json.loads(done.stdout)["artifacts"]
    for command in (["check"], ["why", "F", "thing"], ["size", "F"], ["lock"]):
        done = as_process(["-c", MACOS, *command], function)
        assert done.returncode == 0, done.stderr
    (function / "fn" / "requirements.lock").unlink()
    done = as_process(["-m", "shorts", "build", "-b", "linux", "--output", "json"], function)
    (again,) = json.loads(done.stdout)["artifacts"]
    assert again["sha256"] == made["sha256"]  # the zip is the same from either system


@pytest.mark.parametrize("command", ["local invoke", "local start-api", "local start-lambda"])
def test_running_on_macos(function: Path, command: str) -> None:
    """Functions do not run there, and the message says what does instead."""
    done = as_process(["-c", MACOS, *command.split()], function)
    assert (done.returncode, done.stderr) == (
        1,
        f"shorts: `shorts {command}` cannot run on macOS: Lambda's runtime emulator needs Linux.\n"
        f"Use `sam {command}`, which needs Docker, or run shorts in a Linux container or on a "
        "Linux machine.\n",
    )


def test_on_windows(function: Path) -> None:
    """One line points to WSL."""
    windows = "import sys; sys.platform = 'win32'; import shorts.__main__"
    done = as_process(["-c", windows], function)
    assert (done.returncode, done.stderr) == (
        1,
        "shorts: Windows is not supported. Run shorts in WSL: "
        "https://learn.microsoft.com/windows/wsl/install\n",
    )
