"""What the benchmark's programs share: options, facts of the machine, a place for a table."""

import argparse
import errno
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bench import ground
from shorts.system import process

# Numbers of an OSError: the disk, or one's quota, is full.
FULL = (errno.ENOSPC, errno.EDQUOT)
# The most characters of a failure's message in a row.
_WORDS = 400
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_MODEL = re.compile(r"^model name\s*: (.+)$", re.MULTILINE)


def machine() -> dict[str, str]:
    """Return what was measured, on what, and when."""
    versions = {
        name: process.run([ground.installed(name), "--version"]).split(" (")[0].split()[-1]
        for name in ("shorts", "sam", "uv")
    }
    if shutil.which("docker"):
        versions["Docker"] = _engine()
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return {
        "machine": f"{platform.system()} on {platform.machine()}",
        "processor": _processor(),
        "cores": str(cores),
        "Python": platform.python_version(),
        **versions,
        "date": date.today().isoformat(),
    }


def _engine() -> str:
    try:
        return process.run(["docker", "version", "--format", "{{.Server.Version}}"]).strip()
    except process.ProcessFailed:
        return "not running"


def _processor() -> str:
    """Return the processor's name; Linux has it only here (proc_cpuinfo(5))."""
    try:
        match = _MODEL.search(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        match = None
    return match[1] if match else platform.processor() or "unknown"


def described(about: Mapping[str, str]) -> str:
    """Return the machine and the versions, on one line."""
    return ", ".join(f"{name} {value}" for name, value in about.items())


def on_one_line(text: str) -> str:
    """Return a failure's text without colours and line breaks; of a long one both ends."""
    line = " ".join(_COLOUR.sub("", text).split())
    if len(line) <= _WORDS:
        return line
    half = _WORDS // 2
    return f"{line[:half]} … {line[-half:]}"


def at_least_one(text: str) -> int:
    """Return an option's value that is a count of at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one is needed")
    return number


def writable(text: str) -> Path:
    """Return an option's value that names a file to write."""
    path = Path(text)
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path


class Marked:
    """The place of a program's table in a document, between two lines that name it.

    Args:
        name: of the place, as in ``<!-- name -->`` and ``<!-- /name -->``.
    """

    def __init__(self, name: str) -> None:
        self._place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->\n)", re.DOTALL)
        self._name = name

    def document(self, text: str) -> Path:
        """Return an option's value that names a document with the place."""
        path = Path(text)
        if not path.is_file() or not self._place.search(path.read_text(encoding="utf-8")):
            raise argparse.ArgumentTypeError(
                f"{path} has no line `<!-- {self._name} -->` with `<!-- /{self._name} -->` below"
            )
        return path

    def fill(self, document: Path, lines: Sequence[str]) -> None:
        """Replace what is there with lines."""
        content = "\n".join(lines) + "\n"
        text = document.read_text(encoding="utf-8")
        written = self._place.sub(lambda match: f"{match[1]}{content}{match[2]}", text)
        document.write_text(written, encoding="utf-8")
