"""What is left of an installed distribution."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.slices import slim

INFO = "demo-1.0.dist-info"


COMPILED = "demo/_fast.cpython-313-x86_64-linux-gnu.so"


def left_out(*paths: str, **sources: str | bytes) -> dict[str, str]:
    """What is left out of a distribution, with the sources of some modules by their names."""
    files: dict[str, bytes] = dict.fromkeys(("demo/__init__.py", "demo/core.py", *paths), b"")
    for name, source in sources.items():
        files[f"demo/{name}.py"] = source.encode() if isinstance(source, str) else source
    return slim.decide(files, lambda path: files[path]).left_out


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("demo/__pycache__/core.cpython-313.pyc", slim.BYTECODE),
        ("demo/__pycache__/core.cpython-39.opt-1.pyc", slim.BYTECODE),
        ("demo/core.pyi", slim.STUBS),
        ("demo/__init__.pyi", slim.STUBS),
        ("demo/_fast.pyi", slim.STUBS),
        ("demo.pyi", slim.STUBS),
        ("demo/_fast.c", slim.SOURCES),
        ("demo/_fast.cpp", slim.SOURCES),
        ("demo/_fast.cc", slim.SOURCES),
        ("demo/_fast.cxx", slim.SOURCES),
        ("demo/_fast.pyx", slim.SOURCES),
        ("demo/_fast.pxd", slim.SOURCES),
        ("demo/_fast.pxi", slim.SOURCES),
        ("demo/include/demo.h", slim.HEADERS),
        ("demo/include/deep/demo.hpp", slim.HEADERS),
        ("demo/include/libdemo.a", slim.HEADERS),
        (f"{INFO}/INSTALLER", slim.NOTES),
        (f"{INFO}/REQUESTED", slim.NOTES),
        (f"{INFO}/direct_url.json", slim.NOTES),
        (f"{INFO}/uv_cache.json", slim.NOTES),
        (f"{INFO}/uv_build.json", slim.NOTES),
        ("bin/demo", slim.PROGRAMS),
        ("demo/tests/test_core.py", slim.TESTS),
        ("demo/sub/test/data.json", ""),
    ],
)
def test_leaves_out_what_another_file_makes_redundant(path: str, rule: str) -> None:
    """Each file that may go is there for a compiler, a type checker, an installer or a tester."""
    assert left_out(COMPILED, path).get(path, "") == rule


@pytest.mark.parametrize(
    "path",
    [
        "demo/core.py",
        COMPILED,
        "demo.libs/libz-0a1b.so.1.2.13",
        "demo/data/table.csv",
        ".lock",
        "demo/bin/run.py",
        "share/man/man1/demo.1",
        "demo/testing/__init__.py",
        "demo/_testing.py",
        "demo/py.typed",
        "demo/LICENSE",
        "demo/RECORD",
        "demo/INSTALLER",
        "demo/direct_url.json",
        f"{INFO}/METADATA",
        f"{INFO}/WHEEL",
        f"{INFO}/RECORD",
        f"{INFO}/entry_points.txt",
        f"{INFO}/top_level.txt",
        f"{INFO}/LICENSE",
        f"{INFO}/licenses/INSTALLER",
        f"{INFO}/licenses/vendored/x.c",
        "Makefile",
        ".c",
        "demo/core.pyc",
        "demo/__pycache__/gone.cpython-313.pyc",
        "demo/__pycache__/core.py313.1.nbi",
        "demo/other.pyi",
        "demo/stubs/core.pyi",
        "demo-stubs/core.pyi",
        "demo/templates/main.c",
        "demo/core.c",
        "demo/core.pyx",
        "demo/_fast.h",
        "demo/board.h",
        "demo/lib/libdemo.a",
        "demo/tests/data.json",
        "tests/test_core.py",
    ],
)
def test_keeps_what_no_other_file_makes_redundant(path: str) -> None:
    """A suffix or a folder's name alone does not say that no program reads a file."""
    assert path not in left_out(COMPILED, path)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("demo/core.pyi", "lazy.attach_stub(__name__, __file__)"),
        ("demo/core.pyi", "open(f'{name}.pyi')"),
        ("demo/core.pyi", 'files.glob("*.pyi")'),
        ("demo/_fast.pyx", 'path.with_suffix(".pyx").read_text()'),
        ("demo/_fast.c", "source = here / '_fast.c'"),
        ("demo/include/demo.h", 'os.path.join(here, "include")'),
        ("demo/include/demo.h", "HERE + '/include/'"),
        ("demo/include/demo.h", "for file in path.rglob('*'): ..."),
        ("demo/include/libdemo.a", "for file in os.listdir(path): ..."),
        ("bin/demo", "subprocess.run(['demo', '--version'])"),
        ("bin/demo", 'shutil.which("demo")'),
        ("bin/demo", "subprocess.run('demo --version', shell=True)"),
        ("bin/demo", "os.path.join(sysconfig.get_path('scripts'), name)"),
        ("bin/demo", "os.execv(find_demo_bin(), sys.argv)"),
    ],
)
def test_keeps_what_the_code_asks_for(path: str, source: str) -> None:
    """A file that would be redundant stays where code of its distribution names what it needs."""
    assert path in left_out(COMPILED, path)
    assert path not in left_out(COMPILED, path, reader=source)


@pytest.mark.parametrize(
    "source",
    [
        "for found in pkgutil.iter_modules(__path__): ...",
        "from pkgutil import walk_packages",
        "import importlib.resources",
        "from importlib import resources",
        "import importlib_resources",
        "importlib.import_module(name)",
        "importlib.import_module(f'demo.{kind}.run')",
        "importlib.import_module('.' + kind, __name__)",
        "__import__(name)",
        "modules = map(import_module, names)",
        "importlib.util.find_spec(name)",
        "runpy.run_module(name)",
        "sorted(Path(__file__).parent.iterdir())",
        "open(os.path.join(here, 'tests', 'data.csv'))",
        "load('demo.tests.samples')",
    ],
)
def test_keeps_tests_where_code_looks_for_modules(source: str) -> None:
    """A folder called tests stays where a module of its package finds modules by other means."""
    tests = ("demo/tests/__init__.py", "demo/sub/test/run.py")
    assert {*tests} <= left_out(*tests).keys()
    assert not {*tests} & left_out(*tests, loader=source).keys()


@pytest.mark.parametrize(
    "source",
    [
        "importlib.import_module('demo.core')",
        "importlib.import_module('.core', __name__)",
        "__import__('demo.core')",
        "from importlib import import_module\nimport_module('demo.core')",
        "contest = 'latest'",
    ],
)
def test_a_literal_import_looks_for_nothing_else(source: str) -> None:
    """An import of a module by its written name does not keep tests."""
    assert "demo/tests/run.py" in left_out("demo/tests/run.py", user=source)


def test_what_tests_look_for_does_not_count() -> None:
    """Tests that find each other are left out, and so are stubs that they read."""
    files = {
        "demo/__init__.py": b"",
        "demo/__init__.pyi": b"",
        "demo/tests/run.py": b"pkgutil.iter_modules(__path__); open('x.pyi')",
    }
    found = slim.decide(files, lambda path: files[path]).left_out
    assert found == {"demo/__init__.pyi": slim.STUBS, "demo/tests/run.py": slim.TESTS}


def test_tests_that_stay_are_code_like_any_other() -> None:
    """What a package called test reads stays, where the package itself stays."""
    files = {
        "demo/__init__.py": b"pkgutil.iter_modules(__path__)",
        "demo/test/__init__.py": b"open('api.pyi')",
        "demo/test/api.py": b"",
        "demo/test/api.pyi": b"",
    }
    assert slim.decide(files, lambda path: files[path]).left_out == {}


def test_tests_that_an_entry_point_names_stay() -> None:
    """An entry point is a name to import."""
    entry = f"{INFO}/entry_points.txt"
    files = {
        "demo/__init__.py": b"",
        "demo/tests/run.py": b"",
        entry: b"[x]\na = demo.tests.run:f\n",
    }
    assert slim.decide(files, lambda path: files[path]).left_out == {}


def test_compiled_code_may_read_stubs() -> None:
    """An extension module that names stubs is a reader as well."""
    files = {COMPILED: b"\x7fELF\0typeshed/os.pyi\0", "demo/_fast.pyi": b""}
    assert slim.decide(files, lambda path: files[path]).left_out == {}


def test_a_users_project_loses_only_notes() -> None:
    """Of a user's own project only what installers and compilers left goes."""
    paths = [COMPILED, "demo/core.py", "demo/core.pyi", "demo/_fast.c", "bin/demo"]
    paths += ["demo/tests/run.py", f"{INFO}/REQUESTED", "demo/__pycache__/core.cpython-313.pyc"]
    assert slim.notes(paths) == {
        "demo/__pycache__/core.cpython-313.pyc": slim.BYTECODE,
        f"{INFO}/REQUESTED": slim.NOTES,
    }


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"subprocess.run(['ruff', 'check'])", {"ruff", "check"}),
        (b"subprocess.run('uv pip list'.split())", {"uv"}),
        (b"Popen([f'{here}/bin/tool'])", {"tool"}),
        (b"from shutil import which\nwhich('tool')", {"tool"}),
        (b"from shutil import copy, which as find\nfind('tool')", {"tool"}),
        (b"find = shutil.which\nfind('tool')", {"tool"}),
        (b"getattr(shutil, 'which')('tool')", {"which", "tool"}),
        (b"print('ruff')", set()),
        (b"\"The name which follows 'tool'.\"", set()),
    ],
)
def test_the_names_of_programs(source: bytes, names: set[str]) -> None:
    """A module that starts programs has their names among its strings."""
    assert slim.programs(source) == names


@pytest.mark.parametrize(
    "head",
    [
        b"#!/home/me/.venv/bin/python\n",
        b"#!/usr/bin/env python3\n",
        b"#!/opt/a b/python3.11 -E\n",
        b"#!/bin/sh\n'''exec' \"/a very/long/path/python3\" \"$0\" \"$@\"\n' '''\n",
    ],
)
def test_a_script_names_no_interpreter_of_this_machine(head: bytes) -> None:
    """A script that an installer wrote runs with the target's Python, on any machine."""
    assert slim.script(head + b"import x\n", "3.13") == b"#!/usr/bin/env python3.13\nimport x\n"


@pytest.mark.parametrize(
    "data", [b"#!/bin/sh\npython x\n", b"\x7fELF\0python\n", b"", b"#!/bin/sh"]
)
def test_another_program_is_left_as_it_is(data: bytes) -> None:
    """A shell script, a program and an empty file stay byte for byte."""
    assert slim.script(data, "3.13") == data


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
    """A top-level folder, a module, a longer name and metadata are not a folder of tests."""
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
    assert path not in left_out(path)


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
