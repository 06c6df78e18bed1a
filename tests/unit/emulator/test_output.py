"""What a terminal and a log file show of a function's lines."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from shorts.emulator.output import FunctionOutput, Log, SourcePaths
from shorts.model import Function, Settings
from tests import records

ID = "84aa67aa-2aad-41df-8aee-c0f25c232d0b"
RAPID = "30 Nov 2026 17:28:19,435 [INFO] (rapid) INIT START(type: on-demand, phase: init)"
START, END = f"START RequestId: {ID} Version: $LATEST", f"END RequestId: {ID}"
REPORT = f"REPORT RequestId: {ID}\tInit Duration: 0.03 ms\tDuration: 49.73 ms\t"


class Shown:
    """A terminal and a log file."""

    def __init__(self, paths: SourcePaths, *, reports: bool = True, prefix: str = "") -> None:
        self.terminal: list[str] = []
        self.file: list[str] = []
        log = Log(say=self._say, record=self.file.append)
        self.write = FunctionOutput(log, paths, prefix, reports=reports)

    def _say(self, line: str) -> None:
        self.terminal.append(line)
        self.file.append(line)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an application, which is the working folder."""
    for name in ("task/echo", "echo", "roots/shared"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "echo" / "app.py").touch()
    (tmp_path / "roots" / "shared" / "log.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source(project: Path, package: str = "") -> Function:
    return records.function(
        code_uri=str(project / "echo"),
        package=package,
        settings=Settings(source_roots=["roots"]),
        folder=str(project),
    )


def test_shows_what_sam_shows(project: Path) -> None:
    """The emulator's own lines are in the log file alone."""
    shown = Shown(SourcePaths(project, None))
    for line in (START, RAPID, "hello", "", END, REPORT):
        shown.write(line)
    assert shown.terminal == [START, "hello", END, REPORT.rstrip()]
    assert shown.file == [START, RAPID, "hello", END, REPORT.rstrip()]


def test_a_service_has_lines_of_its_own(project: Path) -> None:
    """Where a server has a line for each request, Lambda's reports are in the log file alone."""
    shown = Shown(SourcePaths(project, None), reports=False, prefix="F  ")
    for line in (START, RAPID, "hello", END, REPORT):
        shown.write(line)
    assert shown.terminal == ["F  hello"]
    assert shown.file == [f"F  {line}" for line in (START, RAPID, "hello", END, REPORT.rstrip())]


def test_an_output_without_an_end_of_line(project: Path) -> None:
    """What a function writes without a newline is apart from what follows it."""
    shown = Shown(SourcePaths(project, None))
    shown.write(f"no end{RAPID}")
    shown.write(f"nor here{END}")
    assert shown.terminal == ["no end", "nor here", END]


def test_a_traceback_has_lines(project: Path) -> None:
    """A traceback has lines of its own, and names the sources; a distribution's as Lambda does."""
    shown = Shown(SourcePaths(project / "task", source(project)))
    task = project / "task"
    shown.write(
        "[ERROR] ValueError: no\rTraceback (most recent call last):\r"
        f'\u00a0\u00a0File "{task}/app.py", line 12, in handler\r\u00a0\u00a0\u00a0\u00a0fail()\r'
        f'\u00a0\u00a0File "{task}/shared/log.py", line 3, in fail\r'
        f'\u00a0\u00a0File "{task}/pandas/core.py", line 1, in x'
    )
    assert shown.terminal == [
        "[ERROR] ValueError: no",
        "Traceback (most recent call last):",
        '  File "echo/app.py", line 12, in handler',
        "    fail()",
        '  File "roots/shared/log.py", line 3, in fail',
        '  File "/var/task/pandas/core.py", line 1, in x',
    ]


def test_a_traceback_in_json(project: Path) -> None:
    """Where the log or the answer is JSON, its frames name the sources too."""
    task = project / "task"
    paths = SourcePaths(task, source(project, "echo/"))
    frame = f'  File "{task}/echo/app.py", line 12, in handler\n'
    said = msgspec.json.encode({"stackTrace": [frame]}).decode()
    found = msgspec.json.decode(paths.replaced(said))
    assert found == {"stackTrace": ['  File "echo/app.py", line 12, in handler\n']}


def test_leaves_what_is_not_a_frame(project: Path) -> None:
    """A path that a function prints is the function's own."""
    task = project / "task"
    shown = Shown(SourcePaths(task, source(project)))
    shown.write(f"{task}/app.py")
    shown.write('File "/usr/lib/python3.13/json.py", line 1')
    assert shown.terminal == [
        f"{task}/app.py",
        'File "/usr/lib/python3.13/json.py", line 1',
    ]


def test_controls_no_terminal(project: Path) -> None:
    """Colours are shown, and end with their line; nothing else reaches the terminal."""
    shown = Shown(SourcePaths(project, None))
    shown.write("\x1b[31mred")
    shown.write("\x1b[2Jgone\x07")
    assert shown.terminal == ["\x1b[31mred\x1b[0m", "\\x1b[2Jgone\\x07"]
