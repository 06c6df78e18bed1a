"""The workers that compile: their bytecode depends on nothing but the sources."""

import random
import stat
import sys
from pathlib import Path

import pytest

from shorts.modules.compiler import Compiler, Module, Source, module_name
from tests.integration.test_bytecode import readable

# A stand-in for an interpreter that dies while it compiles one module.
FRAGILE = """\
#!{python}
import builtins, os, runpy, sys
real = builtins.compile
def fragile(source, shown, *rest, **named):
    if shown.endswith("fatal.py"):
        os.abort()
    return real(source, shown, *rest, **named)
builtins.compile = fragile
sys.argv = sys.argv[-2:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def library(python: Path, count: int) -> list[Source]:
    """Sources of an interpreter's own standard library."""
    home = next(python.resolve().parents[1].glob("lib/python3.*/asyncio")).parent
    found = [
        path
        for folder in (".", "asyncio", "email", "encodings", "html", "json", "unittest")
        for path in sorted((home / folder).glob("*.py"))
    ]
    assert len(found) > count
    # These two hold equal sets, and characters that are names elsewhere.
    chosen = [home / "ftplib.py", home / "html" / "entities.py", *found[:: len(found) // count]]
    return [
        Source(content=path.read_bytes(), path=path.relative_to(home).as_posix(), checked=False)
        for path in dict.fromkeys(chosen)
    ]


def compiled(python: Path, lists: list[list[Source]]) -> dict[str, bytes]:
    """The bytecode of some lists of sources, from one worker."""
    with Compiler(python, root="/var/task") as compiler:
        return {
            source.path: pyc
            for sources in lists
            for source, (_, pyc) in zip(sources, compiler.compile(sources), strict=True)
        }


def test_history_leaves_no_trace(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other lists before, another environment, another folder: the same bytes of each module."""
    mine = Source(content=readable(python).encode(), path="source.py", checked=True)
    sources = [*library(python, 120), mine]
    lists = [sources[start : start + 10] for start in range(0, len(sources), 10)]
    plain = compiled(python, lists)
    assert all(plain.values())
    random.Random(1).shuffle(lists)
    monkeypatch.chdir(tmp_path)
    settings = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONOPTIMIZE": "2"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    attacked = compiled(python, lists)
    assert {path for path, pyc in plain.items() if attacked[path] != pyc} == set()


def test_a_dying_interpreter_costs_one_module(tmp_path: Path) -> None:
    """The module that the interpreter dies over is named; those around it are compiled."""
    fragile = tmp_path / "python"
    fragile.write_text(FRAGILE.format(python=sys.executable))
    fragile.chmod(fragile.stat().st_mode | stat.S_IXUSR)
    names = ["before.py", "fatal.py", "after.py"]
    sources = [Source(content=b"import os\n", path=name, checked=True) for name in names]
    with Compiler(fragile, root="/var/task") as compiler:
        (before, one), (fatal, none), (after, two) = compiler.compile(sources)
    assert one
    assert two
    assert before == after == Module(imports=[("os", (), 1)])
    assert (fatal, none) == (Module(imports=[], error="the interpreter died", crashed=True), b"")


@pytest.mark.parametrize("count", [1, 20_000])
def test_questions_and_answers_pass_each_other(count: int) -> None:
    """More questions than a pipe holds are asked while answers come, whichever is larger."""
    source = b"import os\n" + b"# comment\n" * 100 + b"import a.b, c\n" * 100
    sources = [Source(content=source, path=f"m{at}.py", checked=True) for at in range(count // 50)]
    sources.append(Source(content=b"x = 1\n" * count, path="last.py", checked=True))
    with Compiler(Path(sys.executable), root="/var/task") as compiler:
        found = [module for module, pyc in compiler.compile(sources) if pyc]
    assert len(found) == len(sources)


def test_a_worker_that_is_left_ends(tmp_path: Path) -> None:
    """Who does not read all answers does not wait for them."""
    source = Source(content=b"x = 1\n" * 100_000, path="m.py", checked=True)
    with Compiler(Path(sys.executable), root="/var/task") as compiler:
        next(compiler.compile([source] * 50))


def test_without_an_interpreter_sources_are_scanned() -> None:
    """Imports are listed by this process's version, and nothing is compiled."""
    source = Source(content=b"from . import b\n", path="pkg/app.py", checked=False)
    with Compiler(None, root="/var/task") as compiler:
        assert list(compiler.compile([source])) == [(Module(imports=[("pkg", ("b",), 1)]), b"")]


def test_what_is_no_python_is_said() -> None:
    """A source with a syntax error has the error, and no bytecode."""
    source = Source(content=b"print 'hello'\n", path="old.py", checked=False)
    with Compiler(Path(sys.executable), root="/var/task") as compiler:
        ((module, pyc),) = compiler.compile([source])
    assert "Missing parentheses" in module.error
    assert (module.crashed, pyc) == (False, b"")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("app.py", "app"),
        ("a/b.py", "a.b"),
        ("a/__init__.py", "a"),
        ("a/c.cpython-313-x86_64-linux-gnu.so", "a.c"),
        ("a/d.abi3.so", "a.d"),
        ("config.dev.py", ""),
    ],
)
def test_names_of_modules(path: str, name: str) -> None:
    """A module's name is its path without what only tells files apart."""
    assert module_name(path) == name
