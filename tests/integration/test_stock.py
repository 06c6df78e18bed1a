"""What stock SAM builds and what shorts builds answer the same."""

import warnings
from pathlib import Path

import pytest

from shorts import application
from shorts.emulator import Emulator, unpacked
from shorts.invocation import environment
from tests.conftest import ROOT


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
