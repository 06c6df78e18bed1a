"""ELF images are built by hand here, so that no compiler is needed."""

from __future__ import annotations

import struct
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shorts.targets import elf

Order = Literal["little", "big"]

LOAD, DYNAMIC, INTERP, NOTE, PHDR, GNU_STACK = 1, 2, 3, 4, 6, 0x6474E551
NEEDED, STRTAB, STRSZ, SONAME, VERNEED = 1, 5, 10, 14, 0x6FFFFFFE
PROGBITS, NOBITS = 1, 8
JUNK = b"\xdb"  # stands for debug sections

FORMS: list[tuple[int, Order]] = [(64, "little"), (64, "big"), (32, "little"), (32, "big")]
every_form = pytest.mark.parametrize(("bits", "order"), FORMS)

HEADER = {64: "16sHHIQQQI6H", 32: "16sHHIIIII6H"}
HEADER_FIELDS = ["ident", "type", "machine", "version", "entry", "phoff", "shoff", "flags"]
HEADER_FIELDS += ["ehsize", "phentsize", "phnum", "shentsize", "shnum", "shstrndx"]
# Offset and size of the ELF64 header's numbers, and of those in a program header.
HEADER_SPOTS = [(4, 1), (5, 1), (6, 1), (16, 2), (18, 2), (20, 4), (32, 8), (40, 8)]
HEADER_SPOTS += [(offset, 2) for offset in range(52, 64, 2)]
SEGMENT_SPOTS = [(0, 4), (8, 8), (16, 8), (32, 8), (40, 8)]


class Segment(NamedTuple):
    kind: int
    offset: int
    data: bytes
    address: int = 0


def packer(bits: int, order: Order) -> str:
    return "<" if order == "little" else ">"


def build(
    segments: Sequence[Segment],
    *,
    bits: int = 64,
    order: Order = "little",
    machine: int = 62,
    tail: bytes = JUNK * 100,
    sections: Sequence[tuple[int, int, int]] | None = (),
    names: bytes = b"\0.text\0",
    phoff: int | None = None,
    **changes: int,
) -> bytes:
    """An ELF file: junk wherever no segment lies, then a tail, section names and their table.

    `sections` has a type, an offset and a size each; None leaves the table out. `changes` are
    header fields to set to something else.
    """
    mark, wide = packer(bits, order), bits == 64
    header_size, segment_size, section_size = (64, 56, 64) if wide else (52, 32, 40)
    phoff = phoff or header_size
    end = max([phoff + segment_size * len(segments), *(s.offset + len(s.data) for s in segments)])
    body = bytearray(JUNK * end)
    table = bytearray()
    for kind, offset, data, address in segments:
        body[offset : offset + len(data)] = data
        size = len(data)
        table += (
            struct.pack(mark + "IIQQQQQQ", kind, 5, offset, address, address, size, size, 4096)
            if wide
            else struct.pack(mark + "8I", kind, offset, address, address, size, size, 5, 4096)
        )
    body[phoff : phoff + len(table)] = table
    body += tail
    shoff = shnum = 0
    if sections is not None:
        rows = [(0, 0, 0), *sections, (3, len(body), len(names))]
        body += names
        shoff, shnum = len(body), len(rows)
        layout = mark + ("IIQQQQIIQQ" if wide else "10I")
        for kind, offset, size in rows:
            body += struct.pack(layout, 0, kind, 0, 0, offset, size, 0, 0, 1, 0)
    header = {
        "ident": b"\x7fELF" + bytes([wide + 1, 1 if mark == "<" else 2, 1]) + bytes(9),
        **{"type": 3, "machine": machine, "version": 1, "entry": 0, "phoff": phoff},
        **{"shoff": shoff, "flags": 0, "ehsize": header_size, "phentsize": segment_size},
        **{"phnum": len(segments), "shentsize": section_size, "shnum": shnum},
        **{"shstrndx": max(shnum - 1, 0), **changes},
    }
    body[:header_size] = struct.pack(mark + HEADER[bits], *header.values())
    return bytes(body)


def library(
    *,
    needed: Sequence[bytes] = (),
    soname: bytes | None = None,
    versions: Mapping[bytes, Sequence[bytes]] | None = None,
    bits: int = 64,
    order: Order = "little",
    machine: int = 62,
    extra: Sequence[tuple[int, int]] = (),
    weak: Collection[bytes] = (),
    interpreter: bytes | None = None,
    kind: int = 3,
) -> bytes:
    """A library with names and version requirements that are loaded at an address of their own.

    `weak` names the versions that only weak symbols ask for.
    """
    mark, address = packer(bits, order), 0x10300
    names = b"\0"
    entries: list[tuple[int, int]] = []

    def named(name: bytes) -> int:
        nonlocal names
        names += name + b"\0"
        return len(names) - len(name) - 1

    entries += [(NEEDED, named(name)) for name in needed]
    if soname is not None:
        entries.append((SONAME, named(soname)))
    requirements = b""
    files = list((versions or {}).items())
    for file, wanted in files:
        next_need = 16 + 16 * len(wanted) if file != files[-1][0] else 0
        requirements += struct.pack(mark + "HHIII", 1, len(wanted), named(file), 16, next_need)
        for version in wanted:
            next_aux = 16 if version != wanted[-1] else 0
            flags = 2 if version in weak else 0
            requirements += struct.pack(mark + "IHHII", 0, flags, 2, named(version), next_aux)
    if versions:
        entries.append((VERNEED, address))
    entries += [(STRTAB, address + len(requirements)), (STRSZ, len(names)), *extra, (0, 0)]
    table = b"".join(struct.pack(mark + ("qQ" if bits == 64 else "iI"), *e) for e in entries)
    data = requirements + names + table
    loader = Segment(INTERP, 0x280, interpreter + b"\0") if interpreter else None
    return build(
        [
            Segment(LOAD, 0x300, data, address),
            Segment(DYNAMIC, 0x300 + len(data) - len(table), table, address),
            Segment(GNU_STACK, 0, b""),
            *([loader] if loader else []),
        ],
        type=kind,
        bits=bits,
        order=order,
        machine=machine,
    )


def header_of(image: bytes) -> dict[str, int]:
    mark = "<" if image[5] == 1 else ">"
    values = struct.unpack_from(mark + HEADER[64 if image[4] == 2 else 32], image)
    return dict(zip(HEADER_FIELDS, values, strict=True))


def expected(image: bytes) -> bytes:
    """What `strip` leaves of a file it takes, worked out byte range by byte range."""
    mark, wide = "<" if image[5] == 1 else ">", image[4] == 2
    header = header_of(image)
    size = header["phentsize"]
    ranges = [(0, 64 if wide else 52), (header["phoff"], header["phoff"] + size * header["phnum"])]
    for index in range(header["phnum"]):
        at = header["phoff"] + size * index
        if wide:
            offset, _, _, length = struct.unpack_from(mark + "4Q", image, at + 8)
        else:
            offset, _, _, length = struct.unpack_from(mark + "4I", image, at + 4)
        if length:
            ranges.append((offset, offset + length))
    left = bytearray(max(stop for _, stop in ranges))
    for start, stop in ranges:
        left[start:stop] = image[start:stop]
    header.update(shoff=0, shnum=0, shstrndx=0)
    fields = struct.pack(mark + HEADER[64 if wide else 32], *header.values())
    left[: len(fields)] = fields
    return bytes(left)


CODE = Segment(LOAD, 0x200, b"code" * 20)
REAL = library(
    needed=[b"libm.so.6", b"libc.so.6"],
    soname=b"libreal.so.1",
    versions={b"libc.so.6": [b"GLIBC_2.2.5", b"GLIBC_2.17"], b"libm.so.6": [b"GLIBC_2.9"]},
)


class TestStrip:
    @every_form
    def test_keeps_segments_and_drops_the_rest(self, bits: int, order: Order) -> None:
        """Segments stay in place, the bytes between are zero, and the file ends with the last."""
        image = build([CODE, Segment(LOAD, 0x400, b"data")], bits=bits, order=order)
        stripped = elf.strip(image)
        assert len(stripped) == 0x404
        assert stripped[0x200:0x250] == b"code" * 20
        assert stripped[0x250:0x400] == bytes(0x1B0)
        assert stripped[0x400:] == b"data"
        assert stripped == expected(image)

    @every_form
    def test_forgets_the_section_header_table(self, bits: int, order: Order) -> None:
        """Of the ELF header, three fields become zero, and no other changes."""
        image = build([CODE], bits=bits, order=order)
        before, after = header_of(image), header_of(elf.strip(image))
        assert before["shoff"] and before["shnum"] and before["shstrndx"]
        assert after == before | {"shoff": 0, "shnum": 0, "shstrndx": 0}

    @pytest.mark.parametrize("kind", [NOTE, PHDR, GNU_STACK, 0x6474E553, 0x70000003, 0])
    def test_keeps_a_segment_of_any_type(self, kind: int) -> None:
        """A range that only a note, or a type unknown here, covers stays as well."""
        image = build([CODE, Segment(kind, 0x300, b"note")])
        assert elf.strip(image)[0x300:] == b"note"

    def test_takes_segments_in_any_order(self) -> None:
        """Segments that overlap, repeat or stand out of order are kept whole."""
        image = build(
            [
                Segment(LOAD, 0x500, b"last"),
                Segment(LOAD, 0x240, b"x" * 0x100),
                Segment(NOTE, 0x300, b"x" * 0x80),
                Segment(NOTE, 0x260, b"x" * 8),
                Segment(LOAD, 0x240, b"x" * 0x100),
            ]
        )
        assert elf.strip(image) == expected(image)

    def test_keeps_a_program_header_table_that_was_moved(self) -> None:
        """A table behind all segments, where patchelf may put it, is covered too."""
        image = build([CODE], phoff=0x600)
        assert elf.strip(image) == expected(image)
        assert len(elf.strip(image)) == 0x600 + 56

    def test_takes_a_segment_over_the_headers(self) -> None:
        """A first segment from offset 0 keeps all but the section fields of the header."""
        plain = build([CODE, Segment(GNU_STACK, 0, b"")])
        image = build([CODE, Segment(LOAD, 0, plain[:0x180])])
        assert elf.strip(image) == expected(image)

    def test_an_empty_segment_covers_nothing(self) -> None:
        """A segment without bytes may point anywhere, even behind the file."""
        image = build([CODE])
        table = image[64:120] + struct.pack("<IIQQQQQQ", 7, 4, 1 << 40, 0, 0, 0, 8, 1)
        both = image[:56] + struct.pack("<H", 2) + image[58:64] + table + image[176:]
        assert elf.strip(both) == expected(both)

    def test_stripping_again_changes_nothing(self) -> None:
        """A stripped image comes back as the very same object."""
        stripped = elf.strip(REAL)
        assert len(stripped) < len(REAL)
        assert elf.strip(stripped) is stripped

    def test_takes_a_file_without_sections(self) -> None:
        """Without a section header table, what lies behind the segments goes as well."""
        image = build([CODE], sections=None)
        assert elf.strip(image) == expected(image)

    @pytest.mark.parametrize(
        "image",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"\x7fELF", id="magic alone"),
            pytest.param(b"#!/bin/sh\n" * 20, id="a script"),
            pytest.param(b"!<arch>\n" + REAL, id="an archive"),
            pytest.param(REAL[:63], id="header cut short"),
            pytest.param(REAL[:100], id="program headers cut short"),
            pytest.param(REAL[:0x310], id="segment cut short"),
            pytest.param(REAL[:4] + b"\3" + REAL[5:], id="unknown class"),
            pytest.param(REAL[:5] + b"\0" + REAL[6:], id="unknown byte order"),
            pytest.param(REAL[:6] + b"\2" + REAL[7:], id="unknown version in e_ident"),
            pytest.param(build([CODE], version=2), id="unknown version"),
            pytest.param(build([CODE], type=0), id="ET_NONE"),
            pytest.param(build([CODE], type=1), id="ET_REL"),
            pytest.param(build([CODE], type=4), id="ET_CORE"),
            pytest.param(build([CODE], phnum=0), id="no program headers"),
            pytest.param(build([CODE], phnum=0xFFFF), id="PN_XNUM"),
            pytest.param(build([CODE] * 0xFFFF), id="PN_XNUM, with as many"),
            pytest.param(build([CODE], phentsize=64), id="odd program header size"),
            pytest.param(build([CODE], phoff=32), id="program headers over the header"),
            pytest.param(build([CODE], phoff=0x600)[:0x610], id="program headers out of the file"),
            pytest.param(build([Segment(NOTE, 0x200, b"note")]), id="nothing to load"),
            pytest.param(build([Segment(LOAD, 0x200, b"")]), id="nothing in what to load"),
        ],
    )
    def test_leaves_alone_what_no_loader_takes(self, image: bytes) -> None:
        """What is not an executable or a shared library comes back as the very same object."""
        assert elf.strip(image) is image

    @pytest.mark.parametrize("spot", [8, 32])
    @pytest.mark.parametrize("value", [0x7FFFFFFF, 2**63, 2**64 - 1])
    def test_leaves_alone_a_segment_out_of_the_file(self, spot: int, value: int) -> None:
        """An offset or a size that leads behind the end leaves the file untouched."""
        image = REAL[: 64 + spot] + struct.pack("<Q", value) + REAL[72 + spot :]
        assert elf.strip(image) is image

    @pytest.mark.parametrize("machine", [190, 224, 247])
    def test_leaves_alone_what_is_read_by_section(self, machine: int) -> None:
        """Code for CUDA, AMD's GPUs and BPF is found by section, so it keeps its sections."""
        image = build([CODE], machine=machine)
        assert elf.strip(image) is image

    def test_leaves_alone_a_qt_plug_in(self) -> None:
        """A file with Qt 5's section of plug-in metadata keeps its sections."""
        image = build([CODE], names=b"\0.text\0.qtmetadata\0.data\0")
        assert elf.strip(image) is image

    def test_leaves_alone_an_appended_payload(self) -> None:
        """Bytes behind all that the headers describe belong to somebody, and stay."""
        image = build([CODE]) + b"PK\5\6"
        assert elf.strip(image) is image

    def test_padding_is_no_payload(self) -> None:
        """Zeros behind all that the headers describe are cut off."""
        image = build([CODE])
        assert elf.strip(image + bytes(9)) == elf.strip(image)

    def test_sections_behind_their_table_are_no_payload(self) -> None:
        """A debug section may lie behind the section header table."""
        plain = build([CODE], sections=[(PROGBITS, 0, 0)])
        image = build([CODE], sections=[(PROGBITS, len(plain), 40)]) + JUNK * 40
        assert elf.strip(image) == expected(image)

    def test_a_section_without_bytes_describes_none(self) -> None:
        """A .bss section, however large, doesn't claim the bytes of a payload."""
        image = build([CODE], sections=[(NOBITS, 0x200, 1 << 30)]) + b"payload"
        assert elf.strip(image) is image

    @pytest.mark.parametrize(
        "image",
        [
            build([CODE], shentsize=63),
            build([CODE], shoff=1 << 40),
            build([CODE], shnum=0xFFFF),
            build([CODE], shstrndx=0xFFFF),
        ],
    )
    def test_takes_a_file_with_unreadable_sections(self, image: bytes) -> None:
        """A broken section header table doesn't matter, since no loader looks at it."""
        assert elf.strip(image) == expected(image)

    def test_a_large_file_takes_no_time(self) -> None:
        """40 MB are copied in slices, not byte by byte."""
        image = build([Segment(LOAD, 0x200, b"x" * 40_000_000), Segment(LOAD, 0x3000000, b"y")])
        start = time.process_time()
        stripped = elf.strip(image)
        assert time.process_time() - start < 1
        assert len(stripped) == 0x3000001


class TestRead:
    @every_form
    def test_reads_what_a_library_asks_for(self, bits: int, order: Order) -> None:
        """Names and versions are found in either class and either byte order."""
        image = library(
            needed=[b"libm.so.6", b"libc.so.6"],
            soname=b"libown.so.1",
            versions={b"libc.so.6": [b"GLIBC_2.14", b"GLIBC_2.4"], b"libm.so.6": [b"GLIBC_2.27"]},
            bits=bits,
            order=order,
        )
        assert elf.read(image) == elf.Elf(
            machine="x86_64",
            bits=bits,
            byte_order=order,
            needed=("libm.so.6", "libc.so.6"),
            soname="libown.so.1",
            versions={"libc.so.6": ("GLIBC_2.14", "GLIBC_2.4"), "libm.so.6": ("GLIBC_2.27",)},
        )

    def test_reads_a_stripped_library_alike(self) -> None:
        """Stripping takes nothing that reading needs."""
        assert elf.read(REAL) is not None
        assert elf.read(elf.strip(REAL)) == elf.read(REAL)

    @every_form
    def test_a_version_for_weak_symbols_is_not_required(self, bits: int, order: Order) -> None:
        """What the loader goes on without is not asked for."""
        versions = {b"libc.so.6": [b"GLIBC_2.17", b"GLIBC_2.38"]}
        found = elf.read(library(versions=versions, weak=[b"GLIBC_2.38"], bits=bits, order=order))
        assert found is not None
        assert found.versions == {"libc.so.6": ("GLIBC_2.17",)}

    @every_form
    def test_reads_the_loader_that_a_program_names(self, bits: int, order: Order) -> None:
        """A program names its loader; a library need not."""
        image = library(interpreter=b"/lib64/ld-linux-x86-64.so.2", bits=bits, order=order)
        for either in (image, elf.strip(image)):
            found = elf.read(either)
            assert found is not None
            assert found.interpreter == "/lib64/ld-linux-x86-64.so.2"

    @pytest.mark.parametrize(
        ("number", "name"), [(62, "x86_64"), (183, "aarch64"), (40, "machine 40")]
    )
    def test_names_the_machine(self, number: int, name: str) -> None:
        """Lambda's two machines go by their wheel names, any other by its number."""
        found = elf.read(library(machine=number))
        assert found is not None
        assert found.machine == name

    def test_a_static_program_asks_for_nothing(self) -> None:
        """Without a dynamic section there are no names, no versions and no glibc."""
        found = elf.read(build([CODE], type=2))
        assert found == elf.Elf(machine="x86_64", bits=64, byte_order="little")
        assert found.glibc is None

    def test_an_address_goes_through_the_segment_that_loads_it(self) -> None:
        """An address is found in the PT_LOAD that holds it, not taken for an offset."""
        found = elf.read(library(soname=b"libown.so"))
        assert found is not None
        assert found.soname == "libown.so"

    def test_keeps_a_name_that_is_not_utf_8(self) -> None:
        """A name that is not UTF-8 stays a text that can be written down."""
        found = elf.read(library(needed=[b"lib\xff.so"]))
        assert found is not None
        assert found.needed == ("lib\\xff.so",)

    def test_a_record_is_a_value(self) -> None:
        """A record is frozen, and equal to another of the same file."""
        found = elf.read(REAL)
        assert found is not None
        assert found == elf.read(REAL)
        with pytest.raises(AttributeError):
            found.bits = 32  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("names", "version"),
        [
            ([], None),
            (["GLIBC_2.9", "GLIBC_2.17", "GLIBC_2.2.5"], (2, 17)),
            (["GLIBC_2.3", "GLIBC_2.3.4"], (2, 3, 4)),
            (["GLIBC_PRIVATE", "GLIBCXX_3.4.30", "GCC_3.0", "CXXABI_1.3"], None),
            (["GLIBC_2.17", "GLIBC_ABI_DT_RELR"], (2, 36)),
            (["GLIBC_", "GLIBC_2.", "GLIBC_2.x", "GLIBC_٢.٣", "GLIBC_2.17\n"], None),
        ],
    )
    def test_finds_the_highest_glibc(
        self, names: list[str], version: tuple[int, ...] | None
    ) -> None:
        """Versions compare by number, and what is not glibc's doesn't count."""
        record = elf.Elf(
            machine="x86_64",
            bits=64,
            byte_order="little",
            versions={"libother.so": ("OTHER_1",), "libc.so.6": tuple(names)},
        )
        assert record.glibc == version

    @pytest.mark.parametrize(
        "extra",
        [
            pytest.param((NEEDED, 1 << 20), id="name behind the string table"),
            pytest.param((NEEDED, 2**64 - 1), id="name behind everything"),
            pytest.param((SONAME, 1 << 20), id="soname behind the string table"),
            pytest.param((STRTAB, 0), id="string table that nothing loads"),
            pytest.param((STRTAB, 2**64 - 1), id="string table behind everything"),
            pytest.param((STRSZ, 3), id="string table that ends within a name"),
            pytest.param((VERNEED, 0x300), id="versions that nothing loads"),
            pytest.param((VERNEED, 0x10301), id="versions out of step"),
        ],
    )
    def test_a_corrupt_dynamic_section_reads_as_none(self, extra: tuple[int, int]) -> None:
        """A value that leads nowhere gives no record, and raises nothing."""
        good = library(needed=[b"libc.so.6"], versions={b"libc.so.6": [b"GLIBC_2.17"]})
        assert elf.read(good) is not None
        bad = library(
            needed=[b"libc.so.6"], versions={b"libc.so.6": [b"GLIBC_2.17"]}, extra=[extra]
        )
        assert elf.read(bad) is None

    def test_names_without_a_string_table_read_as_none(self) -> None:
        """DT_NEEDED is worth nothing without DT_STRTAB."""
        table = struct.pack("<qQqQ", NEEDED, 1, 0, 0)
        image = build([Segment(LOAD, 0x200, table), Segment(DYNAMIC, 0x200, table)])
        assert elf.read(image) is None

    def test_two_dynamic_sections_read_as_none(self) -> None:
        """A file has one dynamic section; with two, which one counts is not known."""
        table = struct.pack("<qQqQ", 30, 8, 0, 0)
        again = Segment(DYNAMIC, 0x200, table)
        assert elf.read(build([Segment(LOAD, 0x200, table), again])) is not None
        assert elf.read(build([Segment(LOAD, 0x200, table), again, again])) is None

    def test_a_name_without_an_end_reads_as_none(self) -> None:
        """A name of more than 4,096 bytes is not one."""
        assert elf.read(library(needed=[b"n" * 4096])) is not None
        assert elf.read(library(needed=[b"n" * 4097])) is None

    def test_a_bomb_of_versions_reads_as_none(self) -> None:
        """Chains that share a tail, a million links in all, are not followed to their end."""
        needs = b"".join(
            struct.pack("<HHIII", 1, 0, 0, 16 * (1000 - i), 16 if i < 999 else 0)
            for i in range(1000)
        )
        links = b"".join(
            struct.pack("<IHHII", 0, 0, 2, 0, 16 if i < 999 else 0) for i in range(1000)
        )
        entries = [(VERNEED, 0x1000), (STRTAB, 0x1000 + 32000), (STRSZ, 1), (0, 0)]
        table = b"".join(struct.pack("<qQ", *entry) for entry in entries)
        data = needs + links + b"\0" * 16 + table
        image = build(
            [
                Segment(LOAD, 0x200, data, 0x1000),
                Segment(DYNAMIC, 0x200 + len(data) - len(table), table),
            ]
        )
        start = time.process_time()
        assert elf.read(image) is None
        assert time.process_time() - start < 1

    @pytest.mark.parametrize("length", [0, 4, 63, 64, 100, 0x310])
    def test_what_no_loader_takes_reads_as_none(self, length: int) -> None:
        """A file cut short gives no record."""
        assert elf.read(REAL[:length]) is None


class TestIsProgram:
    @pytest.mark.parametrize(("kind", "told"), [(1, False), (2, True), (3, True), (4, False)])
    def test_goes_by_the_kind(self, kind: int, told: bool) -> None:
        """Programs and libraries are; object files and dumps of memory are not."""
        assert elf.is_program(library(kind=kind)) is told

    @pytest.mark.parametrize("machine", [190, 224, 247])
    def test_code_for_others_is_data(self, machine: int) -> None:
        """What GPUs run, or the kernel, no processor runs."""
        assert not elf.is_program(library(machine=machine))

    @pytest.mark.parametrize("image", [b"", b"\x7fELF", REAL[:63], b"MZ" + REAL[2:]])
    def test_what_has_no_header_is_none(self, image: bytes) -> None:
        """A magic number alone is not enough."""
        assert not elf.is_program(image)


numbers = st.one_of(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2 * len(REAL)),
    st.sampled_from([0, 1, 2, 0xFFFF, 0x10300, 2**31, 2**32 - 1, 2**63, 2**64 - 1]),
)
spots = st.one_of(
    st.sampled_from(HEADER_SPOTS),
    st.sampled_from([(64 + 56 * n + at, size) for n in range(3) for at, size in SEGMENT_SPOTS]),
    st.tuples(st.integers(0x300, len(REAL) - 8), st.sampled_from([1, 2, 4, 8])),
)


def check(image: bytes) -> None:
    stripped = elf.strip(image)
    assert stripped is image or stripped == expected(image)
    assert len(stripped) <= len(image)
    assert elf.strip(stripped) is stripped
    for either in (image, stripped):
        record = elf.read(either)
        assert record is None or record.glibc is None or record.glibc > ()


@given(st.binary(max_size=300))
@example(b"\x7fELF\2\1\1" + bytes(57))
def test_random_bytes_are_harmless(image: bytes) -> None:
    """Whatever the bytes: nothing is raised, and what comes back is covered and no longer."""
    check(image)


@given(st.binary(max_size=300), st.sampled_from([b"\1\1", b"\1\2", b"\2\1", b"\2\2"]))
def test_random_bytes_behind_a_magic_are_harmless(rest: bytes, form: bytes) -> None:
    """The same holds where the file starts as an ELF file does."""
    check(b"\x7fELF" + form + b"\1" + rest)


@given(st.lists(st.tuples(spots, numbers), min_size=1, max_size=4))
def test_mutated_fields_are_harmless(changes: list[tuple[tuple[int, int], int]]) -> None:
    """The same holds for a real library in which fields have been overwritten."""
    image = bytearray(REAL)
    for (offset, size), number in changes:
        image[offset : offset + size] = number.to_bytes(8, "little")[:size]
    check(bytes(image))


@given(st.integers(0, len(REAL)), st.binary(max_size=40))
def test_cut_or_continued_files_are_harmless(length: int, tail: bytes) -> None:
    """The same holds for a real library that is cut short, or goes on behind its end."""
    check(REAL[:length] + tail)
