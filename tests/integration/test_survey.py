"""Ten packages of the survey: a zip answers what an installation answers."""

import pytest

from bench import survey

# Together they need metadata, data files, stubs, extensions and lazy imports.
TEN = (
    "attrs certifi click idna jinja2 lazy-loader markupsafe msgpack pyyaml python-dateutil"
).split()


def test_the_ten_are_in_the_list() -> None:
    """The survey has each package once, and these among them."""
    names = survey.PACKAGES.read_text().split()
    assert len(names) == len({*names}) > 200
    assert {*TEN} <= {*names}


def test_a_zip_answers_as_an_installation(capsys: pytest.CaptureFixture[str]) -> None:
    """Every module, every data file and all metadata are there, as they were installed."""
    assert survey.main(TEN) == 0, capsys.readouterr().out
