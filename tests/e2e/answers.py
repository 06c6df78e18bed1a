"""The answers of a built application's functions to the sample events, without Docker."""

import contextlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import msgspec

from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.invoke import environment
from shorts.model import Function
from shorts.sam.read import read_invocation
from tests.conftest import ROOT, once

Answers = dict[str, bytes]
_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PATCH = re.compile(rb"(python\W+3\.13)\.\d+")
_TAG = re.compile(rb'(\\?")[0-9a-f]{32}\1')  # in JSON, and in a header


def events(name: str) -> dict[str, bytes]:
    """The sample events of a function, by their files' names."""
    prefix = name.removesuffix("Function").lower()
    return {path.name: path.read_bytes() for path in sorted(ROOT.glob(f"events/{prefix}*.json"))}


def functions(folder: Path) -> dict[str, Function]:
    """The functions of the application that was built in a folder, by their logical ids."""
    with contextlib.chdir(folder), warnings.catch_warnings(action="ignore"):  # samcli's own
        return {function.name: function for function in read_invocation([]).functions}


def known(folder: Path) -> dict[str, Answers]:
    """The answers of all functions to their sample events, by their logical ids.

    Args:
        folder: of an application that is built once in a run of the tests, and so answers once.
    """

    def answer(kept: Path) -> None:
        kept.mkdir()
        for name, function in functions(folder).items():
            said = exact(function, events(name))
            (kept / name).write_bytes(msgspec.json.encode(said))

    kept = once(folder.with_name(f"{folder.name}-answers"), answer)
    decode = msgspec.json.Decoder(Answers).decode
    return {path.name: decode(path.read_bytes()) for path in kept.iterdir()}


def emulated(
    function: Function,
    sent: dict[str, bytes],
    through: Callable[[Path], Path] = lambda python: python,
    timeout: int | None = None,
) -> Answers:
    """A function's answers to events, as far as they last; see `exact`."""
    said = exact(function, sent, through, timeout)
    return {name: lasting(answer) for name, answer in said.items()}


def exact(
    function: Function,
    sent: dict[str, bytes],
    through: Callable[[Path], Path] = lambda python: python,
    timeout: int | None = None,
) -> Answers:
    """A function's answers to events, by the events' names, as the runtime emulator gives them.

    What they have of their own is the id of each request alone, which is left out.

    Args:
        function: of a built template.
        sent: JSON documents by name.
        through: told the interpreter that the function would run in, says in which it is to.
        timeout: in seconds, where the function is to have another than its own.
    """
    patient = msgspec.structs.replace(function, timeout=timeout or function.timeout)
    task = unpacked(Path(function.code_uri))
    lines: list[str] = []
    found = {}
    with Emulator(patient, task, environment(function, {}), lines.append, through) as emulator:
        for name, event in sent.items():
            reply = emulator.invoke(event)
            assert not reply.failure, "\n".join([name, reply.failure, *lines])
            assert reply.request
            found[name] = reply.body.replace(reply.request.encode(), b"ID")
    return found


def lasting(answer: bytes) -> bytes:
    """An answer without what requests and machines have of their own.

    That is ids, Python's patch level, and the tags of charts, in which is the version of zlib.
    """
    return _TAG.sub(b"TAG", _PATCH.sub(rb"\1", _ID.sub(b"ID", answer)))
