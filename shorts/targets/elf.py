"""ELF images: what the loader reads stays, the rest goes.

`strip` makes a shared library or an executable smaller without moving a byte of it; `read` returns
what it requires of the system it will run on. Both use only the program headers, as the kernel and
the dynamic loader do, so `read` returns the same after `strip`.

Sources: the System V gABI, chapters 4 and 5 (ELF header, sections, program headers, dynamic
section), elf(5), and the Linux Standard Base, "Symbol Versioning" (version requirements).
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Mapping
from typing import Literal

import msgspec

from shorts.targets import elf_layout
from shorts.targets.elf_layout import (
    ET_DYN,
    ET_EXEC,
    PT_DYNAMIC,
    PT_INTERP,
    PT_LOAD,
    READ_BY_SECTION,
    SHT_NOBITS,
    CorruptError,
    Layout,
    Names,
    Section,
)

# gABI, "Dynamic Section": d_tag. Linux Standard Base, "Symbol Versioning": the last two.
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME = 0, 1, 5, 10, 14
_DT_VERNEED = 0x6FFFFFFE
_VER_NEED_CURRENT, _VER_FLG_WEAK = 1, 2

# gABI, e_machine: EM_X86_64 and EM_AARCH64, which Lambda runs, with the names that wheels use.
_MACHINES = {62: "x86_64", 183: "aarch64"}

# A section that Qt 5 looks up in a plug-in before it loads it (qtbase, corelib/plugin/qelfparser).
_QT_PLUGIN = b".qtmetadata\0"

# A version is named after the glibc that added it, except for features of the loader itself:
# DT_RELR (glibc 2.36, NEWS).
_GLIBC_FEATURES = {"GLIBC_ABI_DT_RELR": (2, 36)}
_GLIBC_VERSION = re.compile(r"GLIBC_([0-9]{1,9}(?:\.[0-9]{1,9})+)")

# Real libraries stay far below. A file beyond this limit is corrupt, so reading one is bounded.
_MOST_ENTRIES = 1 << 16


class Elf(msgspec.Struct, frozen=True, kw_only=True):
    """What a shared library or an executable is, and what it requires of its system.

    Attributes:
        machine: `"x86_64"`, `"aarch64"`, or `"machine N"` with N the number in the header.
        bits: 64 or 32.
        byte_order: `"little"` or `"big"`.
        needed: The names of the libraries it needs (DT_NEEDED), in the order of the file.
        soname: Its own name (DT_SONAME), if it has one.
        versions: The symbol versions it requires, by the library that must have them, in the
            order of the file. Those marked as weak are left out: the loader does without them.
        interpreter: The loader that a program names (PT_INTERP), if it names one.
    """

    machine: str
    bits: int
    byte_order: Literal["little", "big"]
    needed: tuple[str, ...] = ()
    soname: str | None = None
    versions: Mapping[str, tuple[str, ...]] = {}
    interpreter: str | None = None

    @property
    def glibc(self) -> tuple[int, ...] | None:
        """The oldest glibc it loads with, such as `(2, 17)`; None if it requires no version."""
        names = itertools.chain.from_iterable(self.versions.values())
        return max(filter(None, map(_glibc_version, names)), default=None)


def strip(image: bytes) -> bytes:
    """Drop from an ELF image what no program header covers: symbol tables, debug sections, names.

    Bytes outside the ELF header, the program header table and every segment become zero, bytes
    after the last of these are cut off, and the ELF header loses the section header table.
    No offset moves. `e_shentsize` stays: some readers compare it with the size they know before
    they check whether there is a table.

    Args:
        image: A whole file of any kind.

    Returns:
        The smaller image, never longer than the one given. The same object where there is nothing
        to drop, where no loader could take it (an object file, a truncated file, a segment that
        ends behind the file), or where something reads the rest: GPU and BPF code, Qt 5 plug-ins,
        and payloads appended behind what the section headers describe.
    """
    layout = elf_layout.read(image)
    if layout is None or not _is_disposable(image, layout):
        return image
    header = layout.header._replace(e_shoff=0, e_shnum=0, e_shstrndx=0)
    parts: list[bytes | memoryview] = [layout.form.header.pack(*header)]
    end = layout.form.header.size
    for start, stop in sorted(layout.covered()):
        if stop > end:
            parts += bytes(max(start - end, 0)), layout.image[max(start, end) : stop]
            end = stop
    stripped = b"".join(parts)
    return image if stripped == image else stripped


def read(image: bytes) -> Elf | None:
    """Read what an ELF image is and what it requires of its system.

    Everything comes from PT_DYNAMIC, and its addresses become offsets through PT_LOAD; section
    headers are ignored. A statically linked file requires nothing and has empty fields.

    Args:
        image: A whole file of any kind.

    Returns:
        The record. None where no loader could take `image`, or where a structure that this reads
        is corrupt. Nothing is raised.
    """
    layout = elf_layout.read(image)
    if layout is None:
        return None
    machine = layout.header.e_machine
    try:
        needed, soname, versions = _requirements(layout)
        interpreter = _interpreter(layout)
    except (CorruptError, struct.error):  # struct.error: a structure runs over its segment's end
        return None
    return Elf(
        machine=_MACHINES.get(machine, f"machine {machine}"),
        bits=layout.form.bits,
        byte_order=layout.form.byte_order,
        needed=needed,
        soname=soname,
        versions=versions,
        interpreter=interpreter,
    )


def is_program(image: bytes) -> bool:
    """Return whether a file's header says that it is a program or a shared library.

    Object files, memory dumps and code for GPUs are data for the programs that read them.
    """
    header = elf_layout.read_header(image)
    return (
        header is not None
        and header.e_type in (ET_EXEC, ET_DYN)
        and header.e_machine not in READ_BY_SECTION
    )


def _is_disposable(image: bytes, layout: Layout) -> bool:
    """Return whether bytes outside all segments can be dropped."""
    header, size = layout.header, layout.form.section.size
    if header.e_machine in READ_BY_SECTION:
        return False
    if not any(s.p_type == PT_LOAD and s.p_filesz for s in layout.segments):
        return False
    end = header.e_shoff + header.e_shnum * size
    if not header.e_shoff or header.e_shentsize != size or end > len(image):
        return True  # no readable section headers
    table = layout.image[header.e_shoff : end]
    sections = tuple(map(Section._make, layout.form.section.iter_unpack(table)))
    if header.e_shstrndx < len(sections):
        _, offset, length = sections[header.e_shstrndx]
        if image.find(_QT_PLUGIN, offset, offset + length) >= 0:
            return False
    # A self-extracting program or a signed plug-in has bytes behind all that its headers describe.
    # Zeros there are padding: patchelf leaves one.
    described = max(
        end,
        *(stop for _, stop in layout.covered()),
        *(s.sh_offset + s.sh_size for s in sections if s.sh_type != SHT_NOBITS),
    )
    return image.count(0, described) == max(len(image) - described, 0)


def _requirements(
    layout: Layout,
) -> tuple[tuple[str, ...], str | None, dict[str, tuple[str, ...]]]:
    """Return the values of DT_NEEDED, DT_SONAME and DT_VERNEED."""
    entries = _dynamic(layout)
    single = dict(entries)
    if not single.keys() & {_DT_NEEDED, _DT_SONAME, _DT_VERNEED}:
        return (), None, {}
    if not single.keys() >= {_DT_STRTAB, _DT_STRSZ}:
        raise CorruptError("names without a string table")
    names = Names(layout.mapped(single[_DT_STRTAB])[: single[_DT_STRSZ]], len(layout.image))
    return (
        tuple(names.at(value) for tag, value in entries if tag == _DT_NEEDED),
        names.at(single[_DT_SONAME]) if _DT_SONAME in single else None,
        _versions(layout, single[_DT_VERNEED], names) if _DT_VERNEED in single else {},
    )


def _dynamic(layout: Layout) -> list[tuple[int, int]]:
    """Return the tags and values of the dynamic section up to DT_NULL; none in a static file."""
    entries: list[tuple[int, int]] = []
    size = layout.form.dynamic.size
    for segment in layout.segments:
        if segment.p_type == PT_DYNAMIC:
            count = segment.p_filesz // size
            if entries or count > _MOST_ENTRIES:
                raise CorruptError("two dynamic sections, or one too long")
            table = layout.image[segment.p_offset : segment.p_offset + count * size]
            for tag, value in layout.form.dynamic.iter_unpack(table):
                if tag == _DT_NULL:
                    break
                entries.append((tag, value))
    return entries


def _versions(layout: Layout, address: int, names: Names) -> dict[str, tuple[str, ...]]:
    """Follow the version requirements as the loader does, from link to link until a zero."""
    table, form = layout.mapped(address), layout.form
    versions: dict[str, dict[str, None]] = {}  # a dict keeps the order of the file
    need_at = steps = 0
    need_next = 1
    while need_next:
        version, file, aux, need_next = form.version_need.unpack_from(table, need_at)
        if version != _VER_NEED_CURRENT:
            raise CorruptError("an unknown kind of version requirement")
        wanted = versions.setdefault(names.at(file), {})
        aux_at = need_at + aux
        aux_next = 1
        while aux_next:
            flags, name, aux_next = form.version_aux.unpack_from(table, aux_at)
            if not flags & _VER_FLG_WEAK:
                wanted[names.at(name)] = None
            aux_at += aux_next
            # Links only go forward, but chains may share their tails.
            steps += 1
            if steps > _MOST_ENTRIES:
                raise CorruptError("too many version requirements")
        need_at += need_next
    return {file: tuple(wanted) for file, wanted in versions.items()}


def _interpreter(layout: Layout) -> str | None:
    for segment in layout.segments:
        if segment.p_type == PT_INTERP:
            end = segment.p_offset + segment.p_filesz
            return Names(layout.image[:end], len(layout.image)).at(segment.p_offset)
    return None


def _glibc_version(name: str) -> tuple[int, ...] | None:
    """Return the glibc that added a version, or None if it is not one of glibc's."""
    match = _GLIBC_VERSION.fullmatch(name)
    return tuple(map(int, match[1].split("."))) if match else _GLIBC_FEATURES.get(name)
