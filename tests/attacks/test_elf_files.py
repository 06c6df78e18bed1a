"""ELF files that a fuzzer made, through all that reads one: no crash and bounded work."""

import _struct
import random
import struct
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.guest import imports
from shorts.targets import elf, libraries, loadable
from shorts.targets.target import Target
from tests.unit.targets.test_elf import NEEDED, Order, every_form, library

TARGET = Target(runtime="python3.13", architecture="x86_64")
NUMBERS = [0, 1, 2, 0xFF, 0xFFFF, 1 << 31, (1 << 32) - 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


def read_all(image: bytes) -> None:
    """Have every reader look at an image; what comes out can be written down and is no larger."""
    stripped = elf.strip(image)
    assert len(stripped) <= len(image)
    assert elf.read(stripped) == elf.read(image)
    fault = loadable.fault(image, TARGET)
    found = libraries.read("a/b.so", image)
    msgspec.msgpack.encode((fault, found))
    msgspec.json.encode((fault, found))
    assert fault.isprintable()
    if found:
        assert sum(map(len, found.needed)) <= 4 * len(image)  # a byte may be shown as \xff
    imports.scan_extension(image, "a")


def real() -> bytes:
    """A small library of the interpreter's, or of a wheel's."""
    file = getattr(_struct, "__file__", None) or msgspec._core.__file__
    assert file
    return Path(file).read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_mutations_of_a_real_library(seed: int) -> None:
    """Headers, tables and tags of a real library with numbers changed in them are read or not."""
    chance, image = random.Random(seed), real()
    table = struct.unpack_from("<Q", image, 32)[0]
    spots = [*range(64), *range(table, min(table + 1000, len(image)))]
    for _ in range(250):
        changed = bytearray(image)
        for _ in range(chance.randint(1, 4)):
            everywhere = chance.random() < 0.3
            spot = chance.randrange(len(image)) if everywhere else chance.choice(spots)
            size = chance.choice([1, 2, 4, 8])
            number = chance.choice([*NUMBERS, chance.getrandbits(64)]) % (1 << (8 * size))
            changed[spot : spot + size] = number.to_bytes(size, "little")
        read_all(bytes(changed[: chance.choice([len(image), chance.randrange(len(image))])]))


@given(st.binary(max_size=2000))
def test_anything(data: bytes) -> None:
    """Any bytes behind the magic number are read or not."""
    read_all(data)
    read_all(b"\x7fELF\2\1\1" + data)


@given(needed=st.lists(st.binary(max_size=50)), soname=st.binary(max_size=50))
def test_names_of_any_bytes(needed: list[bytes], soname: bytes) -> None:
    """Names may hold any bytes but a null."""
    strip = [name.replace(b"\0", b"") for name in [*needed, soname]]
    read_all(library(needed=strip[:-1], soname=strip[-1]))


@every_form
def test_names_that_share_their_bytes(bits: int, order: Order) -> None:
    """A file that names one long text again and again takes no more memory than its size."""
    image = library(needed=[b"n" * 4000], extra=[(NEEDED, 1)] * 5000, bits=bits, order=order)
    assert elf.read(library(needed=[b"n" * 4000], bits=bits, order=order)) is not None
    tracemalloc.start()
    try:
        assert elf.read(image) is None
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
