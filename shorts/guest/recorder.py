"""A recorder of what a process opens and imports, and of how long each import takes.

It is a script for the target's interpreter and runs before anything else in a process: it uses only
the standard library, back to Python 3.8, and nothing that the interpreter has not loaded by then.
It writes the log line by line, because an emulated function is killed in the end; every process of
the function writes its own lines, whole, into the one file. Fields are separated by tabs, each
encoded with ``unicode_escape``:

======  ==============================  =======================================================
load    path                            the importer opened a module, or loaded an extension
open    path                            anything else opened, ran or mapped a file, or tried to
time    process, name, importer,        a module was imported; in seconds
        own seconds, cumulative
failed  name                            an import failed: the module is missing, or it raised
======  ==============================  =======================================================
"""

from __future__ import annotations

import os
import sys
from time import perf_counter
from typing import Any

# Far above the numbers that a program gets, or closes by the dozen.
_DESCRIPTOR = 900
# Audit events that have a path as first argument.
# https://docs.python.org/3/library/audit_events.html
_PATHS = frozenset(
    (
        "open",
        "ctypes.dlopen",
        "cpython.run_file",
        "os.exec",
        "os.posix_spawn",
        "sqlite3.connect",
        "subprocess.Popen",
    )
)
_BOOTSTRAP = "<frozen importlib._bootstrap>"
_EXTERNAL = "<frozen importlib._bootstrap_external>"


class _Log:
    """The log file; a process writes each line once.

    Args:
        path: of the file.
        roots: absolute paths of the folders to record.
    """

    def __init__(self, path: str, roots: list[str]) -> None:
        self._log = path
        self._descriptor = self._opened()
        self._roots = tuple(root + "/" for root in roots)
        self._written: set[tuple[str, str]] = set()
        self._mapping = False

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Record one audit event; an exception raised here would interrupt the program."""
        try:
            if event == "import":
                self._path("load", args[1])
            elif event in _PATHS:
                self._path("load" if event == "open" and _by_importer() else "open", args[0])
                self._mapping = self._mapping or event == "ctypes.dlopen"
        except Exception:
            return

    def write(self, *fields: str) -> None:
        """Write one line."""
        line = b"\t".join(field.encode("unicode_escape") for field in fields) + b"\n"
        try:
            os.write(self._descriptor, line)
        except OSError:  # the program has closed this descriptor, which it had not opened
            self._descriptor = self._opened()
            os.write(self._descriptor, line)

    def _opened(self) -> int:
        """Return a descriptor of the log, with a high number."""
        descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.dup2(descriptor, _DESCRIPTOR, inheritable=False)
        except OSError:  # the limit on this process's descriptors is lower
            return descriptor
        os.close(descriptor)
        return _DESCRIPTOR

    def _path(self, kind: str, path: object) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        elif not isinstance(path, str):
            return
        if path[:1] != "/" or "/../" in path or "/./" in path or "//" in path:
            path = os.path.abspath(path)
        if path.startswith(self._roots):
            self._once(kind, path)
        if self._mapping:  # something was loaded by name before, and is mapped now
            self._mapping = False
            with open("/proc/self/maps", errors="surrogateescape") as maps:
                for line in maps:
                    self._path("open", line[line.find("/") :].rstrip("\n"))

    def _once(self, kind: str, text: str) -> None:
        if (kind, text) not in self._written:
            self._written.add((kind, text))
            self.write(kind, text)


def _by_importer() -> bool:
    """Return whether the importer opens a module to run it, and not to show its source."""
    reader = sys._getframe(2)
    loader = reader.f_back
    return (
        reader.f_code.co_name == "get_data"
        and reader.f_code.co_filename == _EXTERNAL
        and loader is not None
        and loader.f_code.co_name == "get_code"
    )


def _time(log: _Log) -> None:
    """Replace the importer's own function with one that measures each import.

    Every import that is not just a look-up goes through it, from C and from Python alike. The added
    frame has the importer's file name, so that it is removed from tracebacks like the importer's.
    """
    from _thread import _local

    bootstrap: Any = sys.modules["_frozen_importlib"]
    inner = bootstrap._find_and_load
    running = _local()

    def _find_and_load(name: str, import_: Any) -> Any:
        stack = running.__dict__.setdefault("stack", [])
        # The name, the seconds below it, and how many of these its parent packages took.
        entry: list[Any] = [name, 0.0, 0.0]
        stack.append(entry)
        began = perf_counter()
        failed = True
        try:
            module = inner(name, import_)
            failed = False
        finally:
            took = perf_counter() - began
            stack.pop()
            outer = len(stack) - 1
            if stack:
                stack[-1][1] += took
            # A package is imported during the import of its submodule, for the same importer.
            while outer >= 0 and stack[outer][0].startswith(name + "."):
                stack[outer][2] += took
                outer -= 1
            importer = stack[outer][0] if outer >= 0 else ""
            own, whole = took - entry[1], took - entry[2]
            seconds = (f"{own:.6f}", f"{whole:.6f}")
            try:
                if failed:
                    log.write("failed", name)
                else:
                    log.write("time", str(os.getpid()), name, importer, *seconds)
            except OSError:
                pass
        return module

    _find_and_load.__code__ = _find_and_load.__code__.replace(co_filename=_BOOTSTRAP)
    bootstrap._find_and_load = _find_and_load


def start(log: str, roots: list[str]) -> None:
    """Record this process, and those that it forks, from now on.

    Args:
        log: the path of the file to append lines to.
        roots: absolute paths of the folders to record.
    """
    bootstrap: Any = sys.modules["_frozen_importlib"]
    if bootstrap._find_and_load.__closure__:  # replaced: site reads an environment's files twice
        return
    opened = _Log(log, roots)
    sys.addaudithook(opened.hook)
    _time(opened)
