"""What is in a zip: by file and by distribution, to the byte, and what trimming made of it."""

import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from shorts import files
from shorts.comparison import Change
from shorts.errors import ShortsError

# What no distribution owns: no distribution's name has a space in it.
OWN = "own code"
STRUCTURE = "zip structure"
KINDS = ("source", "bytecode", "library", "metadata", "data")
# Of a record in the zip's directory, without its names.
_CENTRAL = 46


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a zip.

    Attributes:
        path: in the zip.
        owner: the distribution's name, or `OWN`.
        zipped: bytes that it takes in the zip, with both of its headers.
        unzipped: bytes of its content.
        crc: CRC-32 of its content.
    """

    path: str
    owner: str
    zipped: int
    unzipped: int
    crc: int

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        name = self.path.rpartition("/")[2]
        if ".dist-info/" in self.path:
            return "metadata"
        if name.endswith(".pyc"):
            return "bytecode"
        if name.endswith(".so") or ".so." in name:
            return "library"
        return "source" if name.endswith(".py") else "data"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one distribution takes.

    Attributes:
        name: of the distribution, normalized; or `OWN`, or `STRUCTURE`.
        version: of the distribution, where it is known.
        zipped: bytes in the zip, headers included.
        unzipped: bytes of its content.
        share: of the zip's bytes, from 0 to 1.
        files: how many.
        why: how it comes to be there, such as ``app.py:8 → pandas``.
    """

    name: str
    version: str
    zipped: int
    unzipped: int
    share: float
    files: int
    why: str


class Heap(msgspec.Struct, frozen=True, kw_only=True):
    """Some files together.

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
        zipped: the zip's size in bytes, and the sum of the rows'.
        unzipped: bytes of its content.
        files: how many it holds.
        rows: by distribution, the largest first; `STRUCTURE` is the last.
        left_out: what trimming and ``Drop`` left out, by distribution, the largest first.
        candidates: data that no sample event touched, as globs for ``Drop``, the largest first.
        change: against a former zip, if one was named.
        contents: the files, in the zip's order.
    """

    name: str
    zip: str
    zipped: int
    unzipped: int
    files: int
    rows: list[Row]
    left_out: list[Heap]
    candidates: list[Heap]
    change: Change | None
    contents: list[File]


def read(path: Path, owner: Callable[[str], str], way_out: str) -> tuple[list[File], int]:
    """The files of a zip, and the bytes that are of no file: folders and the directory's end.

    A file takes all bytes from its local header to the next one's, and its record in the
    directory; so the sum of all is the zip's size, whoever wrote it.

    Args:
        path: of the zip.
        owner: whose a path is.
        way_out: what to do where there is no zip.

    Raises:
        ShortsError: it cannot be read, or is no zip.
    """
    try:
        files.check(path, files.ARCHIVE)
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.header_offset)
            end = archive.start_dir
    except OSError as error:
        raise ShortsError(f"{path} cannot be read: {error.strerror}.\n{way_out}") from error
    except (zipfile.BadZipFile, ValueError) as error:
        raise ShortsError(f"{path} is no zip: {error}.\n{way_out}") from error
    found: dict[str, File] = {}
    for member, after in zip(members, [*members[1:], None], strict=True):
        if member.is_dir():
            continue
        start, stop = member.header_offset, after.header_offset if after else end
        name = len(member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"))
        found[member.filename] = File(
            path=member.filename,
            owner=owner(member.filename),
            zipped=stop - start + _CENTRAL + name + len(member.extra) + len(member.comment),
            unzipped=member.file_size,
            crc=member.CRC,
        )
    return list(found.values()), size - sum(file.zipped for file in found.values())


def rows(
    files: Iterable[File],
    structure: int,
    versions: Mapping[str, str],
    whys: Mapping[str, str],
) -> list[Row]:
    """A row for each owner, the largest first, and one for what is of no file.

    Args:
        files: of a zip.
        structure: bytes that are of none.
        versions: by distribution.
        whys: by distribution.
    """
    owned: dict[str, list[File]] = defaultdict(list)
    for file in files:
        owned[file.owner].append(file)
    total = structure + sum(file.zipped for mine in owned.values() for file in mine)
    found = []
    for name, mine in (*owned.items(), (STRUCTURE, list[File]())):
        zipped = sum(file.zipped for file in mine) if mine else structure
        row = Row(
            name=name,
            version=versions.get(name, ""),
            zipped=zipped,
            unzipped=sum(file.unzipped for file in mine),
            share=zipped / total,
            files=len(mine),
            why=whys.get(name, ""),
        )
        found.append(row)
    return sorted(found, key=lambda row: (row.name == STRUCTURE, -row.zipped, row.name))


def heaps(sizes: Iterable[tuple[str, int]]) -> list[Heap]:
    """Files by a name that they share, the largest heap first.

    Args:
        sizes: for each file that name, and its bytes.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for name, size in sizes:
        found[name].append(size)
    made = [Heap(name=name, unzipped=sum(mine), files=len(mine)) for name, mine in found.items()]
    return sorted(made, key=lambda heap: (-heap.unzipped, heap.name))


def candidates(files: Iterable[File], untouched: Iterable[str]) -> list[Heap]:
    """Data that nothing has opened, as globs for ``Drop``: the highest folder of nothing else.

    Args:
        files: of a zip.
        untouched: the paths of the data among them that no sample event opened.
    """
    idle = set(untouched)
    needed = {folder for file in files if file.path not in idle for folder in _folders(file.path)}
    sizes = []
    for file in files:
        if file.path in idle:
            free = [folder for folder in _folders(file.path) if folder not in needed]
            sizes.append((f"{free[0]}/**" if free else file.path, file.unzipped))
    return heaps(sizes)


def _folders(path: str) -> list[str]:
    """The folders that a path lies in, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
