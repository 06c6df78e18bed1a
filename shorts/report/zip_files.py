"""The files of a zip, to the byte."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.system import files

# What no distribution owns: distributions' names have no space.
OWN = "own code"
STRUCTURE = "zip structure"
KINDS = ("source", "bytecode", "library", "metadata", "data")
# Bytes of a record in the zip's directory, without its names.
_CENTRAL = 46


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a zip.

    Attributes:
        path: in the zip.
        owner: the distribution's name, or `OWN`.
        zipped: bytes in the zip, both headers included.
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
        """Return one of `KINDS`."""
        name = self.path.rpartition("/")[2]
        if ".dist-info/" in self.path:
            return "metadata"
        if name.endswith(".pyc"):
            return "bytecode"
        if name.endswith(".so") or ".so." in name:
            return "library"
        return "source" if name.endswith(".py") else "data"


def read(path: Path, owner: Callable[[str], str], way_out: str) -> tuple[list[File], int]:
    """Return the files of a zip, and the other bytes: folders and the directory's end.

    A file takes all bytes from its local header to the next one, and its record in the directory;
    so the sum of all is the zip's size, for a zip by any tool.

    Args:
        path: of the zip.
        owner: returns the owner of a path.
        way_out: what to do if there is no zip.

    Raises:
        ShortsError: it cannot be read, or is not a zip.
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
        raise ShortsError(f"{path} is not a zip: {error}.\n{way_out}") from error
    by_name: dict[str, File] = {}
    for member, after in zip(members, [*members[1:], None], strict=True):
        if member.is_dir():
            continue
        start, stop = member.header_offset, after.header_offset if after else end
        name = len(member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"))
        by_name[member.filename] = File(
            path=member.filename,
            owner=owner(member.filename),
            zipped=stop - start + _CENTRAL + name + len(member.extra) + len(member.comment),
            unzipped=member.file_size,
            crc=member.CRC,
        )
    return list(by_name.values()), size - sum(file.zipped for file in by_name.values())
