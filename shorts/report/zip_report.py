"""What is in a zip, to the byte: by file, by distribution, and what trimming left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from shorts.report.compare import Change
from shorts.report.zip_files import STRUCTURE, File


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The size of one distribution.

    Attributes:
        name: of the distribution, normalized; or `OWN`, or `STRUCTURE`.
        version: of the distribution, if known.
        zipped: bytes in the zip, headers included.
        unzipped: bytes of its content.
        share: of the zip's bytes, from 0 to 1.
        files: how many.
        why: the reason that it is there, such as ``app.py:8 → pandas``.
    """

    name: str
    version: str
    zipped: int
    unzipped: int
    share: float
    files: int
    why: str


class SizeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of files.

    Attributes:
        name: a distribution's name, or a glob of paths.
        unzipped: bytes of their content.
        files: how many.
    """

    name: str
    unzipped: int
    files: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is in one zip; ``--json`` writes a list of these, without `contents`.

    Attributes:
        name: the full path of its function or layer.
        zip: its path.
        zipped: the zip's size in bytes, which is the sum of the rows.
        unzipped: bytes of its content.
        files: how many it holds.
        rows: by distribution, the largest first; `STRUCTURE` is the last.
        left_out: what trimming and ``Drop`` left out, by distribution, the largest first.
        candidates: data that no sample event touched, as globs for ``Drop``, the largest first.
        change: from a former zip, if one was named.
        contents: the files, in the zip's order.
    """

    name: str
    zip: str
    zipped: int
    unzipped: int
    files: int
    rows: list[Row]
    left_out: list[SizeGroup]
    candidates: list[SizeGroup]
    change: Change | None
    contents: list[File]


def rows(
    files: Iterable[File],
    structure: int,
    versions: Mapping[str, str],
    whys: Mapping[str, str],
) -> list[Row]:
    """Return a row for each owner, the largest first, and one for all other bytes.

    Args:
        files: of a zip.
        structure: the bytes that belong to no file.
        versions: by distribution.
        whys: by distribution.
    """
    owned: dict[str, list[File]] = defaultdict(list)
    for file in files:
        owned[file.owner].append(file)
    total = structure + sum(file.zipped for owned_files in owned.values() for file in owned_files)
    rows = []
    for name, owned_files in (*owned.items(), (STRUCTURE, list[File]())):
        zipped = sum(file.zipped for file in owned_files) if owned_files else structure
        row = Row(
            name=name,
            version=versions.get(name, ""),
            zipped=zipped,
            unzipped=sum(file.unzipped for file in owned_files),
            share=zipped / total,
            files=len(owned_files),
            why=whys.get(name, ""),
        )
        rows.append(row)
    return sorted(rows, key=lambda row: (row.name == STRUCTURE, -row.zipped, row.name))


def size_groups(sizes: Iterable[tuple[str, int]]) -> list[SizeGroup]:
    """Group files by a name that they share, the largest group first.

    Args:
        sizes: for each file that name, and its bytes.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    for name, size in sizes:
        by_name[name].append(size)
    made = [
        SizeGroup(name=name, unzipped=sum(sizes), files=len(sizes))
        for name, sizes in by_name.items()
    ]
    return sorted(made, key=lambda heap: (-heap.unzipped, heap.name))


def candidates(files: Iterable[File], untouched: Iterable[str]) -> list[SizeGroup]:
    """Return data that nothing opened, as globs for ``Drop``: the highest folder of nothing else.

    Args:
        files: of a zip.
        untouched: the paths of its data that no sample event opened.
    """
    idle = set(untouched)
    needed = {folder for file in files if file.path not in idle for folder in _folders(file.path)}
    sizes = []
    for file in files:
        if file.path in idle:
            free = [folder for folder in _folders(file.path) if folder not in needed]
            sizes.append((f"{free[0]}/**" if free else file.path, file.unzipped))
    return size_groups(sizes)


def _folders(path: str) -> list[str]:
    """Return the folders that contain a path, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
