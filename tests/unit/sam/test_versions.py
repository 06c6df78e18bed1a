"""The releases of samcli: which are supported, and that all places agree on them."""

import re
import tomllib

import pytest
import samcli

from shorts.errors import ShortsError
from shorts.sam import versions
from tests.conftest import ROOT


@pytest.mark.parametrize("version", ["1.164.9", "1.171.0", "2.0.0"])
def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The message has the range and the command that installs one of them."""
    monkeypatch.setattr(samcli, "__version__", version)
    with pytest.raises(ShortsError) as caught:
        versions.check()
    assert str(caught.value) == (
        f"aws-sam-cli {version} is installed; shorts works with 1.165 to 1.170.\n"
        "Install one of them: pip install 'aws-sam-cli>=1.165,<1.171'"
    )


@pytest.mark.parametrize("version", ["1.165.0", "1.170.9"])
def test_the_ends_are_supported(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The oldest and the newest minor release work."""
    monkeypatch.setattr(samcli, "__version__", version)
    versions.check()


def test_the_package_asks_for_the_same() -> None:
    """`pyproject.toml` and the continuous integration have the same ends."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (asked,) = (line for line in project["dependencies"] if line.startswith("aws-sam-cli"))
    oldest, newest = versions.OLDEST, versions.NEWEST
    assert asked == f"aws-sam-cli>={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^SAM \?= {oldest[0]}\.{oldest[1]}\.\*$", makefile, re.MULTILINE)
