"""What stock SAM builds and what shorts builds answer the same."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from shorts import application, interpreters
from shorts.emulator import Emulator, unpacked
from shorts.invocation import environment
from tests.conftest import ROOT, copy_application


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application built by `sam build` with no option."""
    folder = copy_application(tmp_path_factory.mktemp("stock"))
    python = interpreters.find("3.13")
    assert python is not None, f"sam build needs it: {interpreters.how_to_get('3.13')}"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sam")), "build"],
        cwd=folder,
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def answers(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A built function's answer to each of its sample events, without the request's id."""
    monkeypatch.chdir(folder)
    with warnings.catch_warnings(action="ignore"):  # samcli's own
        read = application.for_invoke([])
    (function,) = (one for one in read.functions if one.name == name)
    prefix = name.removesuffix("Function").lower()
    found = {}
    lines: list[str] = []
    task = unpacked(Path(function.code_uri))
    with Emulator(function, task, environment(function, {}), lines.append) as emulator:
        for event in sorted((ROOT / "events").glob(f"{prefix}*.json")):
            lines.clear()
            reply = emulator.invoke(event.read_bytes())
            assert not reply.failure
            request = next(line.split()[2] for line in lines if line.startswith("START"))
            found[event.name] = reply.body.replace(request.encode(), b"REQUEST")
    return found


@pytest.mark.parametrize("name", ["EchoFunction", "PlotFunction"])
def test_the_same_answers(
    stock: Path, built: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sample event gets the same bytes from the stock artifact and from ours."""
    theirs, ours = (answers(folder, name, monkeypatch) for folder in (stock, built))
    assert theirs.keys() == ours.keys()
    assert len(ours) >= 5
    for event, answer in theirs.items():
        assert ours[event] == answer, event
