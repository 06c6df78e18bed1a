"""What stock SAM builds and what shorts builds answer the same."""

from pathlib import Path

import pytest

from tests.e2e.answers import known


@pytest.mark.parametrize("name", ["EchoFunction", "PlotFunction"])
def test_the_same_answers(stock: Path, built: Path, name: str) -> None:
    """Each sample event gets the same bytes from the stock artifact and from ours."""
    theirs, ours = (known(folder)[name] for folder in (stock, built))
    assert theirs.keys() == ours.keys()
    assert len(ours) >= 5
    for event, answer in theirs.items():
        assert ours[event] == answer, event
