"""The command line of a debugger, from shorts' options and from SAM's."""

from __future__ import annotations

from pathlib import Path

import pytest

from shorts.emulator.debugger import Debugger, arguments
from shorts.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("--log-to logs", ("--log-to", "logs")),
        ("-m debugpy --listen 0.0.0.0:5678 --wait-for-client", ()),
        ("-m debugpy --listen=5678 --log-to 'a b'", ("--log-to", "a b")),
        ("--configure-subProcess false", ("--configure-subProcess", "false")),
    ],
)
def test_takes_the_arguments_that_sam_takes(text: str, expected: tuple[str, ...]) -> None:
    """What SAM needs to start debugpy is known here; its other options are kept."""
    assert arguments(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-m ikp3db --ikpdb-port=5890", "shorts debugs with debugpy only."),
        ("'", "No closing quotation."),
    ],
)
def test_refuses_other_debuggers(text: str, why: str) -> None:
    """Another debugger, or a quote without an end, is refused."""
    with pytest.raises(UsageError) as caught:
        arguments(text)
    assert str(caught.value) == f"--debug-args {text!r}: {why}"


def test_listens_on_this_machine_alone() -> None:
    """Only this machine may attach; frozen modules are off where there are any."""
    listens = ["-m", "debugpy", "--listen", "127.0.0.1:5678", "--wait-for-client"]
    debugger = Debugger(5678, Path("debugger"), ("--log-to", "x"))
    assert debugger.options("3.10") == [*listens, "--log-to", "x"]
    assert debugger.options("3.11") == ["-X", "frozen_modules=off", *listens, "--log-to", "x"]
