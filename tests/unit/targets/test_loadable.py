"""What a target cannot load is told by what the file says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.targets import elf, loadable
from shorts.targets.target import RUNTIMES, Target
from tests.unit.targets.test_elf import CODE, REAL, Order, build, library, numbers, spots

X86 = Target(runtime="python3.13", architecture="x86_64")
ARM = Target(runtime="python3.13", architecture="arm64")
OLD = Target(runtime="python3.11", architecture="x86_64")
MUSL = b"libc.musl-x86_64.so.1"


def needing(*versions: bytes, weak: bytes = b"") -> bytes:
    """A library for x86_64 that requires some versions of the C library."""
    return library(needed=[b"libc.so.6"], versions={b"libc.so.6": versions}, weak=[weak])


@pytest.mark.parametrize(
    ("image", "target", "fault"),
    [
        pytest.param(REAL, X86, "", id="its own machine"),
        pytest.param(REAL, ARM, "is for x86_64", id="another machine"),
        pytest.param(library(machine=183), ARM, "", id="arm64"),
        pytest.param(library(machine=183), X86, "is for aarch64", id="arm64 elsewhere"),
        pytest.param(library(machine=3, bits=32), X86, "is for machine 3, 32 bits", id="i386"),
        pytest.param(library(bits=32), X86, "is for x86_64, 32 bits", id="x32"),
        pytest.param(
            library(machine=183, order="big"), ARM, "is for aarch64, big-endian", id="big-endian"
        ),
        pytest.param(needing(b"GLIBC_2.34"), X86, "", id="just the glibc that there is"),
        pytest.param(needing(b"GLIBC_2.35"), X86, "needs glibc 2.35", id="the next glibc"),
        pytest.param(needing(b"GLIBC_2.34"), OLD, "needs glibc 2.34", id="an older target"),
        pytest.param(needing(b"GLIBC_2.26"), OLD, "", id="the older target's own"),
        pytest.param(needing(b"GLIBC_2.100"), X86, "needs glibc 2.100", id="numbers, no texts"),
        pytest.param(
            needing(b"GLIBC_2.17", b"GLIBC_ABI_DT_RELR"), X86, "needs glibc 2.36", id="a feature"
        ),
        pytest.param(needing(b"GLIBC_PRIVATE"), X86, "", id="what every glibc has"),
        pytest.param(
            needing(b"GLIBC_2.17", b"GLIBC_2.38", weak=b"GLIBC_2.38"), X86, "", id="weak symbols"
        ),
        pytest.param(
            library(needed=[MUSL]), X86, "needs musl (libc.musl-x86_64.so.1)", id="musl's library"
        ),
        pytest.param(library(needed=[b"libc.so"]), X86, "needs musl (libc.so)", id="its bare name"),
        pytest.param(
            library(interpreter=b"/lib/ld-musl-x86_64.so.1", kind=2),
            X86,
            "needs musl (/lib/ld-musl-x86_64.so.1)",
            id="musl's loader",
        ),
        pytest.param(build([], phnum=0), X86, "is damaged, so that no system loads it", id="empty"),
        pytest.param(REAL[:200], X86, "is damaged, so that no system loads it", id="cut short"),
        pytest.param(library(kind=1, machine=183), X86, "", id="an object file"),
        pytest.param(library(machine=190), X86, "", id="code for a GPU"),
        pytest.param(b"#!/bin/sh\n", X86, "", id="a script"),
        pytest.param(b"\x7fELF", X86, "", id="a magic number alone"),
        pytest.param(b"", X86, "", id="nothing"),
    ],
)
def test_a_fault_is_told(image: bytes, target: Target, fault: str) -> None:
    """The first thing that is wrong is told, and nothing where all is well."""
    assert loadable.fault(image, target) == fault


@pytest.mark.parametrize(("target", "fault"), [(X86, ""), (ARM, "is for x86_64")])
def test_a_static_program_is_fit_for_its_machine(target: Target, fault: str) -> None:
    """It needs no library; on another machine it does not run all the same."""
    assert loadable.fault(build([CODE], type=2), target) == fault


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["little", "big"])
def test_one_form_is_fit(bits: int, order: Order) -> None:
    """Of the four forms that ELF has, Lambda's machines load one."""
    assert (loadable.fault(library(bits=bits, order=order), X86) == "") is (
        (bits, order) == (64, "little")
    )


def test_a_refusal_says_what_there_is() -> None:
    """It says what the system is, and names ten files."""
    assert loadable.refusal("F", X86, ["a is for m", "b needs glibc 9"]) == (
        "F holds what python3.13 on x86_64 cannot load, which is x86_64 with glibc 2.34: "
        "a is for m, b needs glibc 9."
    )
    many = loadable.refusal("F", X86, [f"{number} is damaged" for number in range(12)])
    assert many.endswith("8 is damaged, 9 is damaged, and 2 more.")


@given(
    st.lists(st.tuples(spots, numbers), max_size=4),
    st.integers(0, len(REAL)),
    st.sampled_from(sorted(RUNTIMES)),
)
def test_hostile_files_are_told_or_passed_over(
    changes: list[tuple[tuple[int, int], int]], length: int, runtime: str
) -> None:
    """Whatever the bytes: nothing is raised, and what is fit is for the machine and the glibc."""
    image = bytearray(REAL)
    for (offset, size), number in changes:
        image[offset : offset + size] = number.to_bytes(8, "little")[:size]
    target = Target(runtime=runtime, architecture="x86_64")
    for hostile in (bytes(image), bytes(image[:length])):
        if not loadable.fault(hostile, target) and elf.is_program(hostile):
            found = elf.read(hostile)
            assert found is not None
            assert (found.machine, found.bits, found.byte_order) == ("x86_64", 64, "little")
            assert (found.glibc or ()) <= target.glibc
