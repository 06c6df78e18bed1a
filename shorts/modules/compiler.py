"""A worker process of the target's interpreter that scans and compiles modules."""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from shorts import guest
from shorts.system import process

_WORKER = Path(guest.__file__).with_name("worker.py")


class Module(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A worker's answer about a source.

    Attributes:
        imports: each the absolute module, the names taken from it, and the line.
        error: why the source could not be read; empty where it could.
        crashed: whether it crashed the interpreter.
    """

    imports: list[tuple[str, tuple[str, ...], int]]
    error: str = ""
    crashed: bool = False


class _Answer(msgspec.Struct):
    """The header of a worker's answer."""

    size: int
    imports: list[tuple[str, tuple[str, ...], int]]
    error: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source to compile.

    Attributes:
        content: its bytes.
        path: its path from the task root, with slashes.
        checked: whether each import checks its bytecode against it.
    """

    content: bytes
    path: str
    checked: bool

    @property
    def package(self) -> bool:
        """Return whether it is a package's ``__init__``."""
        return self.path.rpartition("/")[2] == "__init__.py"

    @property
    def module(self) -> str:
        """Return its dotted name."""
        return module_name(self.path)


def module_name(path: str) -> str:
    """Return the dotted name to import a source or an extension module by; empty if none can."""
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".py") if name.endswith(".py") else name.partition(".")[0]
    if "." in stem:
        return ""
    parts = [part for part in folder.split("/") if part]
    return ".".join(parts if stem == "__init__" and parts else [*parts, stem])


class Compiler:
    """One worker, started at the first request and again after it died; for one thread.

    Args:
        interpreter: of the target's minor version; with None this process's version scans the
            sources, and none is compiled.
        root: the folder that the paths are in when they run; tracebacks show it.
    """

    def __init__(self, interpreter: Path | None, *, root: str) -> None:
        self._interpreter = interpreter
        self._root = root
        self._child: Any = None

    def __enter__(self) -> "Compiler":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def compile(self, sources: Sequence[Source]) -> Iterator[tuple[Module, bytes]]:
        """Yield each source's imports and its ``.pyc``, empty where none can or should be made."""
        sent = 0
        for number in range(len(sources)):
            if self._child is None:
                sent = number
            if sent <= number:
                self._ask(sources[number:])
                sent = len(sources)
            line = self._child.stdout.readline()
            answer = msgspec.json.decode(line, type=_Answer) if line.endswith(b"\n") else None
            pyc = self._child.stdout.read(answer.size) if answer else b""
            if answer is None or len(pyc) < answer.size:
                self._stop()
                yield Module(imports=[], error="the interpreter died", crashed=True), b""
                continue
            yield Module(imports=answer.imports, error=answer.error), pyc

    def _ask(self, sources: Sequence[Source]) -> None:
        """Send the sources in a thread of its own, while the answers are read one by one."""
        child = self._running()
        self._asking = threading.Thread(target=self._send, args=(child.stdin, sources))
        self._asking.start()

    def _send(self, stream: process.Stream, sources: Sequence[Source]) -> None:
        with suppress(BrokenPipeError):  # the worker has died; the reader notices it
            for source in sources:
                question = {
                    "size": len(source.content),
                    "shown": f"{self._root}/{source.path}",
                    "module": source.module,
                    "package": source.package,
                    "checked": source.checked,
                }
                stream.write(msgspec.json.encode(question) + b"\n" + source.content)
            stream.flush()

    def _running(self) -> Any:
        if self._child is None:
            mode = "compile" if self._interpreter else "scan"
            python = str(self._interpreter or sys.executable)
            self._child = process.start(
                # Without columns, which only serve to draw carets under a traceback's lines,
                # bytecode is a fifth smaller.
                [python, "-s", "-S", "-X", "utf8", "-X", "no_debug_ranges", str(_WORKER), mode],
                env=process.environment({"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}),
                stdin=process.PIPE,
                stderr=process.DEVNULL,
            )
        return self._child

    def _stop(self) -> None:
        """End the worker, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()  # it keeps no state, and may be in the middle of an answer
            self._asking.join()
            with suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
            child.wait()
