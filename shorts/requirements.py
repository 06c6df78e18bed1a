"""What a requirements file says, whatever its form: its lines, the files it includes, a digest."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from shorts.errors import ShortsError

# The lock that lies beside a requirements file.
LOCK_NAME = "requirements.lock"
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a requirements file, without comments and with continuations joined.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if bare:
            yield re.sub(r"\s+", " ", bare)


def files(manifest: Path) -> list[Path]:
    """A requirements file and those that it includes, each once, in the order they are read.

    Raises:
        ShortsError: an included file is missing.
    """
    found: list[Path] = []
    waiting = [manifest]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        if not path.is_file():
            raise ShortsError(f"{manifest} includes {path}, which does not exist.")
        found.append(path)
        for line in logical_lines(text(path)):
            included = _INCLUDE.match(line)
            if included:
                waiting.append(path.parent / included[1])
    return found


def digest(manifest: Path) -> str:
    """SHA-256 of what the requirements say, whatever their comments and spaces, hexadecimal."""
    said = hashlib.sha256()
    for path in files(manifest):
        said.update("\n".join(logical_lines(text(path))).encode() + b"\n\n")
    return said.hexdigest()


def asks(path: Path) -> bool:
    """Whether a requirements file asks for anything."""
    return any(
        not line.startswith("-") or line.startswith("-e") for line in logical_lines(text(path))
    )


def text(path: Path) -> str:
    """A requirements file's text.

    Raises:
        ShortsError: it is not in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is no UTF-8 text: {error}.") from error
