"""What the layers of a template hold."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from shorts.artifact import layers
from shorts.artifact.wanted import LAYER_FOLDER
from shorts.errors import ShortsError
from shorts.requirements.names import normalized

# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
_SITE = re.compile(r"^lib/python3\.\d+/site-packages/")


class Provided(msgspec.Struct, frozen=True, kw_only=True):
    """What the layers that a function already has hold.

    Attributes:
        distributions: their normalized names.
        tops: the names of modules and folders on their first level.
        unzipped: their bytes on disk.
    """

    distributions: frozenset[str] = frozenset()
    tops: frozenset[str] = frozenset()
    unzipped: int = 0


def provided(zips: Iterable[Path]) -> Provided:
    """Return what some layers hold, zips or folders.

    Raises:
        ShortsError: one cannot be read.
    """
    distributions: set[str] = set()
    names: set[str] = set()
    unzipped = 0
    for place in zips:
        for path, size in _files(place):
            unzipped += size
            if not path.startswith(LAYER_FOLDER):
                continue
            inside = path.removeprefix(LAYER_FOLDER)
            # A layer may have its modules in lib/python3.13/site-packages/ as well.
            inside = _SITE.sub("", inside)
            folder = inside.partition("/")[0]
            if folder.endswith(".dist-info"):
                distributions.add(normalized(folder.partition("-")[0]))
            else:
                names |= tops([inside])
    return Provided(
        distributions=frozenset(distributions), tops=frozenset(names), unzipped=unzipped
    )


def _files(place: Path) -> Iterator[tuple[str, int]]:
    """Yield the path and size of each file in a zip or folder."""
    if place.is_dir():
        for path in layers.files(place):
            yield path.relative_to(place).as_posix(), path.stat().st_size
        return
    try:
        with zipfile.ZipFile(place) as archive:
            yield from ((member.filename, member.file_size) for member in archive.infolist())
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ShortsError(f"The layer {place} is not a zip: {error}.") from error


def tops(paths: Iterable[str]) -> set[str]:
    """Return the importable names on the first level of some paths: modules, and their folders."""
    return {
        path.partition("/")[0].partition(".")[0]
        for path in paths
        if path.endswith((".py", ".pyc", ".so")) and not path.startswith("__pycache__/")
    }
