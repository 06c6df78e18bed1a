"""Checks that a zip answers like its function's sources, which no build system has touched."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bench import ground
from bench.coldstart import sandbox
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import uv
from shorts.targets.target import Target
from shorts.trim import responses
from shorts.trim.responses import Answer

# The files of a function's requirements; the first that exists is used.
_REQUIREMENTS = {
    "requirements.lock": ["--require-hashes", "--no-deps"],
    "requirements.txt": [],
}


class Reference:
    """The answers of a function's sources to its sample events; uv installs the requirements.

    The events run twice. What differs between the two runs, such as the time, is not compared
    later.

    Args:
        function: its template names its sample events.
        folder: an empty one, for the sources and the requirements.

    Attributes:
        events: the sample events by path, the one with the shortest name first.

    Raises:
        ShortsError: the requirements cannot be installed, or the sources do not run.
    """

    def __init__(self, function: Function, folder: Path) -> None:
        self.events = sample_events(function)
        task = folder / "task"
        shutil.copytree(function.code_uri, task, ignore=ground.IGNORED)
        if self.events:
            _install(function, task)
            self._answers, other = (told(function, task, self.events) for _ in range(2))
            self._unsteady = {
                (event, path)
                for event, answer in self._answers.items()
                for path in responses.differences(answer, other[event])
            }

    def difference(self, function: Function, task: Path) -> str:
        """Return where a built function answers differently; empty if it never does.

        Args:
            function: with the handler and the runtime that it was built for.
            task: the folder with its unpacked code.

        Raises:
            ShortsError: it cannot be run.
        """
        if not self.events:
            return ""
        for event, answer in told(function, task, self.events).items():
            for path in responses.differences(self._answers[event], answer):
                if (event, path) not in self._unsteady:
                    return f"it answers {Path(event).name} otherwise than its sources do, at {path}"
        return ""


def sample_events(function: Function) -> dict[str, bytes]:
    """Return the events that a function's template names, by path, the shortest name first."""
    folder = Path(function.folder)
    paths = {path for pattern in function.settings.events for path in folder.glob(pattern)}
    ordered = sorted(paths, key=lambda path: (len(path.name), path))
    return {str(path): path.read_bytes() for path in ordered}


def told(function: Function, task: Path, events: Mapping[str, bytes]) -> dict[str, Answer]:
    """Send events to one new sandbox, and parse its answers.

    Raises:
        ShortsError: the function cannot be run here, or its init fails.
    """
    answers = {}
    with sandbox(function, task) as emulator:
        for name, event in events.items():
            reply = emulator.invoke(event)
            if reply.failure.startswith("Runtime."):
                raise ShortsError(f"it does not start: {reply.failure}")
            answers[name] = responses.read(reply.body, reply.request)
    return answers


def _install(function: Function, task: Path) -> None:
    """Install a function's requirements next to its sources, from uv's cache if possible."""
    target = Target.of(function.runtime, function.architecture)
    for name, how in _REQUIREMENTS.items():
        if not (task / name).is_file():
            continue
        arguments = [
            *("--target", str(task), "--python-version", target.minor),
            *("--python-platform", target.platform, "--only-binary", ":all:"),
            *(*how, "-r", str(task / name)),
        ]
        try:
            uv.pip("install", [*arguments, "--offline"])
        except ShortsError:  # not all of it was downloaded before
            uv.pip("install", arguments)
        return
