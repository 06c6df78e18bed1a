"""Both functions, sent a thousand random and mutated events each; `make fuzz` sends more."""

import random
import warnings
from pathlib import Path

import pytest

from shorts.sam.read import read_invocation
from tests.fuzz import trial

EVENTS = 1_000


@pytest.mark.parametrize("name", ["EchoFunction", "PlotFunction"])
def test_answers_what_nobody_would_send(
    built: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event is answered in time, whole, without a crash, and no memory is kept."""
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    monkeypatch.chdir(built)
    with warnings.catch_warnings(action="ignore"):  # samcli's own
        functions = read_invocation([]).functions
    (function,) = (one for one in functions if one.name == name)
    monkeypatch.chdir(tmp_path)  # an event that is answered wrongly is left here
    trial.run(function, EVENTS, seed, lambda line: None)
