"""What a target cannot load is told by what the file says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.targets import elf, loadable
from shorts.targets.target import RUNTIMES, System, Target
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


@pytest.mark.parametrize(
    ("image", "runtimes", "architecture", "fault"),
    [
        pytest.param(library(machine=183), [], "x86_64", "is for aarch64", id="the machine"),
        pytest.param(library(machine=183), ["java21"], "", "", id="any machine"),
        pytest.param(library(bits=32), ["java21"], "", "is for x86_64, 32 bits", id="32 bits"),
        pytest.param(needing(b"GLIBC_2.35"), ["java21"], "", "needs glibc 2.35", id="a glibc"),
        pytest.param(needing(b"GLIBC_2.35"), [], "x86_64", "", id="any glibc"),
        pytest.param(library(needed=[MUSL]), [], "x86_64", "", id="any C library"),
        pytest.param(
            library(needed=[MUSL]), ["java21"], "", "needs musl (libc.musl-x86_64.so.1)", id="musl"
        ),
    ],
)
def test_what_is_not_known_is_not_asked_for(
    image: bytes, runtimes: list[str], architecture: str, fault: str
) -> None:
    """A template may say nothing of the machine or of the runtime."""
    assert loadable.fault(image, System(runtimes=runtimes, architecture=architecture)) == fault


@pytest.mark.parametrize(
    ("path", "brings"),
    [
        ("lib/ld-linux-x86-64.so.2", True),
        ("ld-linux-aarch64.so.1", True),
        ("lib/ld-2.31.so", True),
        ("opt/lib/ld-musl-x86_64.so.1", True),
        ("lib/libc.so.6", False),
        ("build-linux-x64.so.1", False),
        ("ld-linux.md", False),
    ],
)
def test_a_loader_is_known_by_its_name(path: str, brings: bool) -> None:
    """A program that brings a loader brings a C library with it."""
    assert loadable.brings_loader(["app", path]) is brings


@pytest.mark.parametrize(
    ("fit", "other"),
    [
        ("prebuilds/linux-x64/node.napi.node", "prebuilds/linux-arm64/node.napi.node"),
        ("prebuilds/linux-x64/x.glibc.node", "prebuilds/linux-x64/x.musl.node"),
        ("prebuilds/linux-x64/x.node", "prebuilds/android-arm/x.armv7.node"),
        ("@esbuild/linux-x64/bin/esbuild", "@esbuild/linux-ia32/bin/esbuild"),
        (
            "@img/sharp-linux-x64/lib/sharp-linux-x64.node",
            "@img/sharp-linuxmusl-x64/lib/sharp-linuxmusl-x64.node",
        ),
        (
            "@swc/core-linux-x64-gnu/swc.linux-x64-gnu.node",
            "@swc/core-linux-arm-gnueabihf/swc.linux-arm-gnueabihf.node",
        ),
        (
            "libquery_engine-rhel-openssl-3.0.x.so.node",
            "libquery_engine-debian-openssl-1.1.x.so.node",
        ),
        ("libquery_engine-linux-arm64-openssl-3.0.x.so.node", "libquery_engine-linux-musl.so.node"),
        (
            "runtimes/linux-x64/native/libSkiaSharp.so",
            "runtimes/linux-s390x/native/libSkiaSharp.so",
        ),
        (
            "com/sun/jna/linux-x86-64/libjnidispatch.so",
            "com/sun/jna/linux-aarch64/libjnidispatch.so",
        ),
        (
            "gems/nokogiri-1.18.9-x86_64-linux-gnu/lib/nokogiri.so",
            "gems/nokogiri-1.18.9-aarch64-linux-musl/lib/nokogiri.so",
        ),
    ],
)
def test_one_for_each_machine_is_no_fault(fit: str, other: str) -> None:
    """Where a package has a file for the machine, those for others are never loaded."""
    assert loadable.weigh({fit: "", other: "is for aarch64"}, "x86_64") == ({}, [])
    assert loadable.weigh({fit: "is for x86_64", other: ""}, "aarch64") == ({}, [])


@pytest.mark.parametrize(
    ("fit", "other"),
    [
        ("a/x.node", "b/x.node"),
        ("build/Release/x.node", "build/Release/y.node"),
        ("lib/libx.so.1", "lib/libx.so.2"),
        ("bin/charm64", "bin/ch"),
        ("linux-arm64/bootstrap", "bootstrap"),
    ],
)
def test_another_file_is_no_answer(fit: str, other: str) -> None:
    """Another package's file does not stand in, nor does any for what Lambda itself starts."""
    faults = {other: "is for x86_64"}
    assert loadable.weigh({fit: "", **faults}, "aarch64") == (faults, [])


@pytest.mark.parametrize(
    ("path", "machine", "counts"),
    [
        ("prebuilds/linux-x64/x.node", "aarch64", False),
        ("prebuilds/linux-x64/x.node", "x86_64", True),
        ("prebuilds/linux-x64/x.node", "", True),
        ("prebuilds/linux-arm64/x.armv8.node", "aarch64", True),
        ("prebuilds/linux-arm/x.armv7.node", "aarch64", False),
        ("extensions/x86_64-linux/3.3.0/x.so", "aarch64", False),
        ("lib/x86-64/arm64/x.so", "x86_64", True),
        ("@img/sharp-linuxmusl-x64/lib/sharp-linuxmusl-x64.node", "x86_64", False),
        ("libquery_engine-linux-musl.so.node", "", False),
        ("libquery_engine-debian-openssl-3.0.x.so.node", "x86_64", True),
        ("build/Release/x.node", "aarch64", True),
        ("bin/charm64", "x86_64", True),
        ("musl.js/x64ify.node", "aarch64", False),
    ],
)
def test_a_file_that_says_what_it_is_for_is_no_lie(path: str, machine: str, counts: bool) -> None:
    """Its package knows that there is none for this machine, and may do without."""
    faults = {path: "cannot be loaded"}
    assert loadable.weigh(faults, machine) == ((faults, []) if counts else ({}, [path]))


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (X86, "python3.13 on x86_64 cannot load, which is x86_64 with glibc 2.34"),
        (
            System(runtimes=["java17"], architecture="arm64"),
            "java17 on arm64 cannot load, which is aarch64 with glibc 2.26",
        ),
        (System(runtimes=[], architecture="arm64"), "arm64 cannot load, which is aarch64"),
        (System(runtimes=["java17"], architecture=""), "java17 cannot load, which has glibc 2.26"),
    ],
)
def test_a_refusal_says_what_there_is(system: Target | System, said: str) -> None:
    """It says what is known of the system, and names ten files."""
    assert loadable.refusal("F", system, ["a is for m", "b needs glibc 9"]) == (
        f"F holds what {said}: a is for m, b needs glibc 9."
    )
    assert loadable.doubt("F", system, ["a", "b"]).startswith(f"F has nothing for {system} in the ")
    many = loadable.refusal("F", system, [f"{number} is damaged" for number in range(12)])
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
