"""The ``RECORD`` of a distribution: the paths of its files; pure.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

import csv
import io
from collections.abc import Collection, Iterable


def is_record(path: str) -> bool:
    """Return whether a path from site-packages is that of a distribution's ``RECORD``."""
    return path.endswith(".dist-info/RECORD") and path.count("/") == 1


def rows(text: str) -> list[list[str]]:
    """Return the rows of a ``RECORD`` that name a file: its path, its hash and its size.

    Raises:
        csv.Error: it is not a table.
    """
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row and row[0]]


def written(path: str, paths: Iterable[str]) -> bytes:
    """Return a ``RECORD`` of files as they are in a zip: paths alone, without bytecode.

    Args:
        path: its own.
        paths: of the other files.
    """
    return _encoded([[name, "", ""] for name in sorted({path, *paths}) if not is_bytecode(name)])


def without(data: bytes, paths: Collection[str]) -> bytes:
    """Return a ``RECORD`` without the rows of some files.

    Raises:
        csv.Error: it is not a table.
    """
    text = data.decode("utf-8", "surrogateescape")
    return _encoded([row for row in rows(text) if row[0] not in paths])


def is_bytecode(path: str) -> bool:
    """Return whether a path is that of bytecode next to its source."""
    return path.endswith(".pyc") and path.rpartition("/")[0].endswith("__pycache__")


def _encoded(table: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().encode("utf-8", "surrogateescape")
