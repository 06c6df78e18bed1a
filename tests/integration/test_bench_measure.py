"""Whole processes are timed, and ended where they have to be."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from bench import measure, tools
from bench.measure import TookTooLong, timed

PYTHON = [sys.executable, "-I", "-S", "-c"]


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """The alarm of this process is then as it was."""
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TookTooLong):
        timed(["sleep", "600"], cwd=tmp_path, env={}, within=0.1)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_an_interrupted_command_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt ends the running command too, politely, and is passed on."""
    script = (
        "import time\n"
        "try:\n"
        "    open('begun', 'w').close(); time.sleep(600)\n"
        "finally:\n"
        "    open('ended', 'w').close()"
    )
    monkeypatch.setattr(measure, "_PATIENCE", 600.0)
    done = threading.Event()

    def interrupt() -> None:
        while not done.wait(0.05):  # until this process is in its wait, however busy the machine
            if (tmp_path / "begun").exists():
                os.kill(os.getpid(), signal.SIGINT)
                return

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            timed([*PYTHON, script], cwd=tmp_path, env={})
    finally:
        done.set()
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "ended").exists()


def test_a_tool_without_its_interpreter_is_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment is kept, but not longer than the Python that it is for."""
    monkeypatch.setattr(tools, "_FOLDER", tmp_path)
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    said: list[str] = []
    for _ in range(2):
        programs = tools._environment("idna", "3.10", minor, said.append)
    assert said == ["installing idna 3.10"]
    (programs / "python").unlink()
    (programs / "python").symlink_to(tmp_path / "gone")
    assert tools._environment("idna", "3.10", minor, said.append) == programs
    assert said == ["installing idna 3.10"] * 2
    assert (programs / "python").exists()
