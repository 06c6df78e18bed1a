"""The structures of an ELF image: header, segments and sections, within the bounds of the file.

Sources: the System V gABI, chapters 4 and 5, and elf(5).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

# gABI, "ELF Header": e_ident, e_type, e_phnum.
_MAGIC = b"\x7fELF"
_EI_CLASS, _EI_DATA, _EI_VERSION = 4, 5, 6
_EV_CURRENT = 1
ET_EXEC, ET_DYN = 2, 3
_PN_XNUM = 0xFFFF  # the real count is then in a section header, where no loader looks for it

# gABI, "Program Header": p_type. "Sections": sh_type.
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
SHT_NOBITS = 8

# Longer than any name in a real library: PATH_MAX.
_LONGEST_NAME = 4096

# gABI, e_machine: EM_CUDA, EM_AMDGPU, EM_BPF. Their loaders find code by its section.
READ_BY_SECTION = frozenset({190, 224, 247})


class _Header(NamedTuple):
    e_ident: bytes
    e_type: int
    e_machine: int
    e_version: int
    e_entry: int
    e_phoff: int
    e_shoff: int
    e_flags: int
    e_ehsize: int
    e_phentsize: int
    e_phnum: int
    e_shentsize: int
    e_shnum: int
    e_shstrndx: int


class _Segment(NamedTuple):
    p_type: int
    p_offset: int
    p_vaddr: int
    p_filesz: int


class Section(NamedTuple):
    """An entry of the section header table."""

    sh_type: int
    sh_offset: int
    sh_size: int


class _Form:
    """How the structures are laid out for one class (32 or 64 bits) and one byte order."""

    def __init__(self, bits: int, byte_order: Literal["little", "big"]) -> None:
        self.bits = bits
        self.byte_order: Literal["little", "big"] = byte_order
        wide, order = bits == 64, "<" if byte_order == "little" else ">"
        self.header = struct.Struct(order + ("16sHHIQQQI6H" if wide else "16sHHIIIII6H"))
        self.segment = struct.Struct(order + ("I4xQQ8xQ16x" if wide else "III4xI12x"))
        self.section = struct.Struct(order + ("4xI16xQQ24x" if wide else "4xI8xII16x"))
        self.dynamic = struct.Struct(order + ("qQ" if wide else "iI"))
        self.version_need = struct.Struct(order + "H2xIII")  # vn_version, _file, _aux, _next
        self.version_aux = struct.Struct(order + "4xH2xII")  # vna_flags, vna_name, vna_next


# By EI_CLASS and EI_DATA.
_FORMS = {
    (1, 1): _Form(32, "little"),
    (1, 2): _Form(32, "big"),
    (2, 1): _Form(64, "little"),
    (2, 2): _Form(64, "big"),
}


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a loader could take; all its segments are within it."""

    image: memoryview
    form: _Form
    header: _Header
    segments: tuple[_Segment, ...]

    def covered(self) -> Iterator[tuple[int, int]]:
        """Yield the ranges to keep in addition to the ELF header, as start and end offsets."""
        table = self.header.e_phoff
        yield table, table + self.header.e_phnum * self.form.segment.size
        for segment in self.segments:
            if segment.p_filesz:
                yield segment.p_offset, segment.p_offset + segment.p_filesz

    def mapped(self, address: int) -> memoryview:
        """Return the bytes at an address, up to the end of the segment that is loaded there."""
        for segment in self.segments:
            if segment.p_type == PT_LOAD and 0 <= address - segment.p_vaddr < segment.p_filesz:
                start = segment.p_offset + address - segment.p_vaddr
                return self.image[start : segment.p_offset + segment.p_filesz]
        raise CorruptError("an address that no segment loads")


class CorruptError(ValueError):
    """A structure in a segment points outside it, or makes no sense."""


class Names:
    """A string table, with a limit on the bytes that are read from it.

    Args:
        table: its bytes.
        most: The bytes of all names together.
    """

    def __init__(self, table: memoryview, most: int) -> None:
        self._table = table
        self._left = most

    def at(self, offset: int) -> str:
        """Return the name that begins at an offset; bytes that are not UTF-8 are escaped.

        Raises:
            CorruptError: It has no end, or the file names more than it can hold.
        """
        start = self._table[offset : offset + _LONGEST_NAME + 1]
        text, end, _ = bytes(start).partition(b"\0")
        self._left -= len(text)
        if not end or self._left < 0:
            raise CorruptError("a name without an end, or more names than the file has room for")
        return text.decode("utf-8", "backslashreplace")


def _form(image: bytes) -> _Form | None:
    """Return how a file's structures are laid out; None where it is not an ELF image."""
    form = _FORMS.get((image[_EI_CLASS], image[_EI_DATA])) if len(image) > _EI_DATA else None
    if image[: len(_MAGIC)] != _MAGIC or form is None or len(image) < form.header.size:
        return None
    return form


def read_header(image: bytes) -> _Header | None:
    """Return the header of an ELF image; None for another file."""
    form = _form(image)
    return _Header._make(form.header.unpack_from(image)) if form else None


def read(image: bytes) -> Layout | None:
    """Return the structures of a file; None where no loader could take it."""
    form = _form(image)
    if form is None:
        return None
    header = _Header._make(form.header.unpack_from(image))
    table_end = header.e_phoff + header.e_phnum * form.segment.size
    if (
        image[_EI_VERSION] != _EV_CURRENT
        or header.e_version != _EV_CURRENT
        or header.e_type not in (ET_EXEC, ET_DYN)
        or header.e_phentsize != form.segment.size
        or header.e_phnum in (0, _PN_XNUM)
        or header.e_phoff < form.header.size
        or table_end > len(image)
    ):
        return None
    table = memoryview(image)[header.e_phoff : table_end]
    segments = tuple(map(_Segment._make, form.segment.iter_unpack(table)))
    layout = Layout(image=memoryview(image), form=form, header=header, segments=segments)
    return layout if max(stop for _, stop in layout.covered()) <= len(image) else None
