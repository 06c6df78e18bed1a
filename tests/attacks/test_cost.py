"""What an input can lengthen costs in proportion to its length, or to a limit.

The ceilings are far above what each takes, and far below what it took when the cost grew with the
square.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.artifact import trim_rules
from shorts.artifact.select import select
from shorts.guest import imports
from shorts.modules.compiler import Module
from shorts.modules.import_graph import Graph, imports_below
from shorts.modules.optional_imports import OptionalImports
from shorts.requirements import core_metadata
from shorts.slices import slim
from shorts.slices.zip_format import Entry
from shorts.targets.target import Target

TARGET = Target(runtime="python3.13", architecture="x86_64")
MANY = 20_000


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def module(*found: tuple[str, tuple[str, ...]], error: str = "") -> Module:
    return Module(imports=[(name, taken, 1) for name, taken in found], error=error)


def entry(path: str) -> Entry:
    return Entry(path=path, executable=False, method=0, crc=0, packed=0, size=0, offset=0)


def test_own_modules_that_nothing_imports() -> None:
    """A function may hold thousands of modules that nothing imports."""
    own = {f"m{number}.py": module() for number in range(MANY)} | {"app.py": module()}
    with within(5):
        selection = select([], "3.13", frozenset(), list, own)
        picked = selection.picked(map(entry, own), own, frozenset(["app"]))
    assert len(picked) == MANY + 1


GRAPHS: dict[str, Callable[[], dict[str, Module]]] = {
    "a chain": lambda: {f"m{n}.py": module((f"m{n + 1}", ())) for n in range(MANY)},
    "unreadable": lambda: (
        {f"p/m{n}.py": module(error="bad") for n in range(MANY)} | {"m0.py": module(("p.m0", ()))}
    ),
    "stars": lambda: (
        {f"m{n}.py": module(("all", ("*",)), (f"m{n + 1}", ())) for n in range(2000)}
        | {"all.py": module(("", tuple(f"x{n}" for n in range(2000))))}
    ),
    "a hub": lambda: (
        {f"m{n}.py": module(("hub", ())) for n in range(2000)}
        | {"hub.py": module(*((f"m{n}", ()) for n in range(2000)))}
    ),
    "long names": lambda: {"m0.py": module((".".join("a" * 2000), ("b",)))},
}


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs(name: str) -> None:
    """Imports are followed step by step."""
    modules = GRAPHS[name]()
    with within(15):
        graph = Graph(modules)
        reached, _ = graph.reached(["m0"])
        far = graph.distances(["m0"])
        imports_below(["a.b", "hub", "m1.tests"], modules)
        graph.chain(["m0"], ["nothing"])
    assert "m0.py" in reached
    assert far.keys() == reached


SOURCES = {
    "imports": "".join(f"import m{n}\n" for n in range(MANY)),
    "names": f"from m import ({','.join(f'n{n}' for n in range(MANY))})",
    "type checking": "if TYPE_CHECKING:\n    import m\nimport n\n" * MANY,
    "one block": "if TYPE_CHECKING:\n" + "    if TYPE_CHECKING:\n        import m\n" * MANY,
    "calls": "".join(f"__import__('m{n}')\n" for n in range(MANY)),
    "exports": "__all__ = []\n" + "__all__ += ['a']\n" * MANY,
    "a long name": f"import {'a' * MANY}, {'.'.join('a' * MANY)}",
    "parentheses": "(" * MANY + ")" * MANY,
    "comments": "# shorts: import a.b\n" * MANY,
    "attributes": "if " + "a." * MANY + "b:\n    import x\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources(name: str) -> None:
    """The imports of a source of any length are listed, or it is unreadable."""
    source = SOURCES[name].encode()
    with within(15):
        try:
            found = imports.scan(source, module="app", package=False)
        except imports.Unreadable:
            found = []
        OptionalImports(source, "3.13").is_spare(1, {1})
    lengths = {"imports": MANY, "names": 1, "type checking": MANY, "one block": 0, "calls": MANY}
    assert len(found) == lengths.get(name, len(found))
    assert all(len(one.module) <= 4096 for one in found)


def test_optional_imports() -> None:
    """Thousands of imports may stand under thousands of tries."""
    source = "try:\n    import a\nexcept ImportError:\n    import b\n" * MANY
    found = imports.scan(source.encode(), module="app", package=False)
    lines = {one.line for one in found}
    with within(15):
        guards = OptionalImports(source.encode(), "3.13")
        needed = [line for line in lines - guards.optional if not guards.is_spare(line, lines)]
    assert len(needed) == MANY  # each fallback of what is missing counts


@pytest.mark.parametrize(
    "image",
    [b"\0bad.a" * 3_000_000, b"\0bad" + b".a" * 9_000_000, b"\0bad." + b"a" * 20_000_000 + b"\0"],
)
def test_extensions(image: bytes) -> None:
    """The names in an extension module are found in one pass."""
    with within(15):
        found = imports.scan_extension(image, "bad")
    assert [one.module for one in found] in ([], ["bad.a"])


HEADERS = {
    "one long licence": b"License: " + b"x" * 50_000_000,
    "a licence of many lines": b"License: x\n" + b" y\n" * 20_000_000,
    "a description of many lines": b"Description: x\n" + b"        y\n" * 5_000_000,
    "many headers": b"X: y\n" * 20_000_000,
    "many requirements": b"Requires-Dist: a; extra == 'b'\n" * 50_000,
    "a long requirement": b"Requires-Dist: " + b"a-" * 500_000 + b"!",
    "a body": b"\n" + b"x\n" * 20_000_000,
    "markers": b"Requires-Dist: a; " + b"(" * 500_000 + b"os_name=='a'" + b")" * 500_000,
}


@pytest.mark.parametrize("name", HEADERS)
def test_metadata(name: str) -> None:
    """A METADATA of 100 MB is read up to a limit, and shipped without its description."""
    data = b"Name: bad\nVersion: 1\n" + HEADERS[name]
    with within(30):
        shipped = slim.content("bad-1.dist-info/METADATA", data)
        found = core_metadata.read(data, TARGET)
    assert (found.name, found.version) == ("bad", "1")
    assert b"Description" not in shipped
    assert all(len(text) <= 100 for text in found.licences)


@pytest.mark.parametrize("glob", ["*a" * 40 + "*b", "**/a/" * 40 + "b", "**/*a*a/" * 20 + "b"])
def test_globs(glob: str) -> None:
    """A glob with many stars says at once that it does not match."""
    with within(5):
        assert not trim_rules.matches([glob], ["a" * 200, "a/" * 200 + "a", "aaaaaa/" * 200 + "c"])
        assert trim_rules.matches([glob], ["a" * 200 + "b", "a/" * 40 + "b", "aa/" * 20 + "b"])


PARTS = st.text("ab*?[]!/", max_size=12)


@given(glob=PARTS, path=st.text("ab/", max_size=12))
def test_globs_match_what_they_did(glob: str, path: str) -> None:
    """A glob matches what its plain expression does, which tries every star again."""
    plain = SimpleNamespace(joined=trim_rules._joined)

    def joined(tokens: Any, star: str) -> str:
        return "".join(star if token is None else token for token in tokens)

    trim_rules.pattern.cache_clear()
    fast = bool(trim_rules.pattern(glob).fullmatch(path))
    trim_rules.pattern.cache_clear()
    trim_rules._joined = joined
    try:
        assert bool(trim_rules.pattern(glob).fullmatch(path)) == fast
    finally:
        trim_rules._joined = plain.joined
        trim_rules.pattern.cache_clear()
