"""What is left of an installed distribution."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.slices import slim

INFO = "demo-1.0.dist-info"


@pytest.mark.parametrize(
    "path",
    [
        "demo/__pycache__/core.cpython-313.pyc",
        "__pycache__/six.cpython-313.pyc",
        "demo/core.pyi",
        "demo/py.typed",
        "py.typed",
        "demo/_fast.c",
        "demo/_fast.cpp",
        "demo/_fast.cc",
        "demo/_fast.cxx",
        "demo/include/demo.h",
        "demo/include/demo.hpp",
        "demo/_fast.pyx",
        "demo/_fast.pxd",
        "demo/_fast.pxi",
        "demo/lib/libdemo.a",
        f"{INFO}/RECORD",
        f"{INFO}/INSTALLER",
        f"{INFO}/REQUESTED",
        f"{INFO}/direct_url.json",
        f"{INFO}/uv_cache.json",
        f"{INFO}/uv_build.json",
        "bin/demo",
        "share/man/man1/demo.1",
        ".lock",
    ],
)
def test_leaves_out_what_no_program_reads(path: str) -> None:
    """Caches, stubs, C, static libraries, installers' notes, scripts and man pages go."""
    assert not slim.is_needed(path)


@pytest.mark.parametrize(
    "path",
    [
        "demo/core.py",
        "demo/_fast.cpython-313-x86_64-linux-gnu.so",
        "demo.libs/libz-0a1b.so.1.2.13",
        "demo/data/table.csv",
        "demo/data/.lock",
        "demo/bin/run.py",
        "demo/share/man/page.1",
        "demo/testing/__init__.py",
        "demo/_testing.py",
        "demo/tests/test_core.py",
        "demo/mpl-data/matplotlibrc",
        "demo/LICENSE",
        "demo/RECORD",
        "demo/INSTALLER",
        "demo/direct_url.json",
        "share/locale/de/demo.mo",
        f"{INFO}/METADATA",
        f"{INFO}/WHEEL",
        f"{INFO}/entry_points.txt",
        f"{INFO}/top_level.txt",
        f"{INFO}/LICENSE",
        f"{INFO}/licenses/RECORD",
        f"{INFO}/licenses/vendored/x.c",
        "distutils-precedence.pth",
        "Makefile",
        ".c",
    ],
)
def test_keeps_what_may_matter(path: str) -> None:
    """Modules, libraries, data, licences and metadata stay, whatever their folders are called."""
    assert slim.is_needed(path)


def test_keeps_stubs_for_those_who_read_them() -> None:
    """A distribution that reads its stubs at run time keeps them, and nothing else more."""
    assert slim.is_needed("demo/__init__.pyi", stubs=True)
    assert not slim.is_needed("demo/py.typed", stubs=True)
    assert not slim.is_needed("bin/demo.pyi", stubs=True)


def test_keeps_a_module_that_ships_without_source() -> None:
    """A .pyc outside of __pycache__ is a module of its own, so it stays."""
    assert slim.is_needed("demo/core.pyc")


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("numpy/tests/test_x.py", "numpy/tests"),
        ("numpy/_core/tests/data/a.csv", "numpy/_core/tests"),
        ("demo/test/tests/x.py", "demo/test"),
        ("demo/tests/__init__.py", "demo/tests"),
    ],
)
def test_finds_the_outermost_folder_of_tests(path: str, folder: str) -> None:
    """A file below a tests folder belongs to the outermost one."""
    assert slim.test_package(path) == folder


@pytest.mark.parametrize(
    "path",
    [
        "tests/__init__.py",
        "test/support.py",
        "numpy/testing/__init__.py",
        "numpy/_testing.py",
        "numpy/tests.py",
        "demo/latest/x.py",
        f"{INFO}/licenses/tests/LICENSE",
        "six.py",
    ],
)
def test_finds_no_tests_elsewhere(path: str) -> None:
    """A top-level folder, a module, a longer name and metadata are no folder of tests."""
    assert slim.test_package(path) is None


def metadata(data: bytes) -> bytes:
    return slim.content(f"{INFO}/METADATA", data)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_metadata_loses_its_body(end: bytes) -> None:
    """The long description after the headers goes, the headers stay."""
    text = [b"Metadata-Version: 2.1", b"Name: demo", b"", b"# Demo", b"", b"Name: not a header"]
    assert metadata(end.join(text)) == b"Metadata-Version: 2.1\nName: demo\n"


def test_metadata_loses_its_description_header() -> None:
    """A Description header goes with its continuation lines; Description-Content-Type stays."""
    text = (
        b"Name: demo\n"
        b"Description: first\n"
        b"        second\n"
        b"\tthird\n"
        b"Description-Content-Type: text/x-rst\n"
        b"License: MIT\n"
        b"        and more\n"
        b"Requires-Dist: six\n"
    )
    assert metadata(text) == (
        b"Name: demo\n"
        b"Description-Content-Type: text/x-rst\n"
        b"License: MIT\n"
        b"        and more\n"
        b"Requires-Dist: six\n"
    )


name = st.text("abcXYZ-", min_size=1, max_size=8).filter(lambda text: not text.startswith("-"))
value = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=10)
header = st.tuples(
    st.one_of(name, st.sampled_from(["Description", "description", "Description-Content-Type"])),
    st.lists(value, min_size=1, max_size=4),
)


@given(st.lists(header, min_size=1, max_size=8), st.text(max_size=50), st.booleans())
def test_metadata_keeps_every_other_header(
    headers: list[tuple[str, list[str]]], body: str, windows: bool
) -> None:
    """Every header but Description is there with all its lines, in order, as its reader sees it."""
    text = "".join(f"{key}: " + "\n        ".join(lines) + "\n" for key, lines in headers)
    kept = [item for item in headers if item[0].lower() != "description"]
    expected = "".join(f"{key}: " + "\n        ".join(lines) + "\n" for key, lines in kept)
    given_bytes = f"{text}\n{body}".encode()
    if windows:
        given_bytes = given_bytes.replace(b"\n", b"\r\n")
    found = metadata(given_bytes)
    assert found == (expected or "\n").encode()
    read = email.message_from_bytes(found, policy=email.policy.compat32)
    assert read.keys() == [key for key, _ in kept]
    assert not str(read.get_payload()).strip()


def test_metadata_is_only_that_of_a_distribution() -> None:
    """A file called METADATA elsewhere is data and stays as it is."""
    data = b"Name: demo\n\nbody"
    for path in ("demo/METADATA", f"{INFO}/licenses/METADATA", "METADATA", f"x/{INFO}/METADATA"):
        assert slim.content(path, data) == data


@given(st.binary(max_size=200))
def test_other_content_is_untouched(data: bytes) -> None:
    """What is neither a library nor metadata is shipped byte for byte."""
    for path in ("demo/core.py", "demo/table.csv", f"{INFO}/WHEEL", "demo/so", "demo/x.socket"):
        assert slim.content(path, data) == data


@given(st.binary(max_size=200))
def test_a_library_that_is_no_elf_is_untouched(data: bytes) -> None:
    """A file that is only named like a library, such as a linker script, stays as it is."""
    assert slim.content("demo/libx.so", data) == data
    assert slim.content("demo.libs/libx.so.1", b"/* GNU ld script */" + data)[19:] == data


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("bin/tool", "scripts and manuals"),
        ("share/man/man1/tool.1", "scripts and manuals"),
        ("demo/__pycache__/core.cpython-313.pyc", "bytecode of the wheel"),
        (f"{INFO}/RECORD", "notes of installers"),
        (".lock", "notes of installers"),
        ("demo/core.pyi", "stubs"),
        ("demo/py.typed", "stubs"),
        ("demo/_fast.pyx", "sources and static libraries"),
        ("demo/core.py", ""),
        (f"{INFO}/licenses/RECORD", ""),
    ],
)
def test_a_reason_is_given(path: str, rule: str) -> None:
    """What is left out, is left out as something."""
    assert slim.rule(path) == rule


@pytest.mark.parametrize(
    "path",
    [
        f"{INFO}/LICENSE",
        f"{INFO}/licenses/AUTHORS.md",
        f"{INFO}/licenses/vendor/some.txt",
        f"{INFO}/license_files/COPYING",
        f"{INFO}/NOTICE.txt",
        "demo/LICENCE",
        "demo/fonts/LICENSE_DEJAVU",
        "demo/copying.lesser",
        "UNLICENSE",
        "COPYRIGHT",
    ],
)
def test_a_licence_is_known(path: str) -> None:
    """By the folder that metadata has for them, or by its name; and it is always needed."""
    assert slim.is_licence(path)
    assert slim.is_needed(path)


@pytest.mark.parametrize(
    "path",
    [
        "demo/license.py",
        "demo/__pycache__/license.cpython-313.pyc",
        "demo/notice.so",
        "demo/licenses/data.json",
        "licenses/data.json",
        f"{INFO}/METADATA",
        f"{INFO}/AUTHORS",
        "demo/my_license.txt",
    ],
)
def test_what_is_no_licence(path: str) -> None:
    """Code about licences is code, and a folder of that name is a package's own."""
    assert not slim.is_licence(path)
