"""Bytecode is compared byte for byte, and judged by Python's own importer.

The interpreters of other minor versions are started where this machine has them.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import marshal
import os
import struct
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shorts import guest
from shorts.guest import bytecode
from shorts.system import process

GUEST = Path(guest.__file__).parent
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SHOWN = "/var/task/m.py"

# Compiles modules in an order of its own, holds on to some of what it made, interns and loads in
# between, and answers with the digest of each. Arguments: the folder of bytecode.py, a seed.
ATTACK = r"""
import gc, hashlib, json, marshal, random, sys
sys.path.insert(0, sys.argv[1])
import bytecode
chance = random.Random(int(sys.argv[2]))
if sys.argv[2] != "0":
    gc.disable()
task = json.load(sys.stdin)
kept, digests = [], {}
names = sorted(task)
chance.shuffle(names)
for name in names:
    with open(name, "rb") as file:
        source = file.read()
    shown = task[name]
    history = chance.randrange(6) if sys.argv[2] != "0" else 0
    if history == 1:
        kept += [sys.intern(word) for word in source.decode("utf-8", "replace").split() if word[1:]]
    elif history == 2:
        kept.append(compile(source, shown, "exec"))
    elif history == 3:
        kept.append(marshal.loads(bytecode.compiled(source, shown, checked=True)[16:]))
    elif history == 4:
        kept.append(marshal.dumps(compile(source, shown, "exec", optimize=2)))
    elif history == 5:
        del kept[:]
    digests[name] = hashlib.sha256(bytecode.compiled(source, shown, checked=False)).hexdigest()
print(json.dumps(digests))
"""

SOURCE = '''\
"""A docstring that is no name."""
from __future__ import annotations
import os.path as path, sys
class Outer:
    """Another docstring."""
    field: int = 1_000_000
    def method(self, a, b="two words", *args, c: str = "name", **rest):
        inner = 12345.678
        def closure(x):
            nonlocal inner
            inner += x
            return lambda y: [inner + y + z for z in args if z in {"b", "c d", 3.5, 99999, None}]
        return closure(a), {k: v for k, v in rest.items()}, (i for i in (1, (2, ("x y", b"bytes"))))
async def run(thing):
    async with thing as (one, *others):
        try:
            return f"{one!r:>{10}} of {await thing} {'two words'}"
        except (OSError, ValueError) as problems:
            raise problems from None
def pick(value):
    return value[1:2, ::3], 10**30, -0.0, 0.0, "é", "日本", "\\ud800", "", b"", ()
'''
# What only Python 3.11 and later can read.
NEWER = """\
def choose(value):
    try:
        match value:
            case {"kind": "two words", **more} if more: return 1j
            case [int(), -1, *_] | (1000, 2000): return ...
            case Outer(field=5): return frozenset
    except* (OSError, ValueError) as problems:
        raise problems from None
"""


def readable(python: Path) -> str:
    """As much of the source as an interpreter's version can read."""
    return SOURCE if python.name in ("python3.8", "python3.9", "python3.10") else SOURCE + NEWER


def made(source: str, *, checked: bool = False, shown: str = SHOWN) -> bytes:
    return bytecode.compiled(source.encode("utf-8", "surrogatepass"), shown, checked=checked)


def spoken(python: Path, script: str, *arguments: str, stdin: str = "", seed: str = "0") -> Any:
    """What a script that prints JSON says under another interpreter."""
    env = {"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    return json.loads(
        process.run([str(python), "-s", "-S", "-c", script, *arguments], env=env, stdin=stdin)
    )


def library(python: Path, count: int) -> dict[str, str]:
    """Modules of an interpreter's standard library, spread over all of it, and ours."""
    home = spoken(python, "import json, os; print(json.dumps(os.path.dirname(os.__file__)))")
    found = [
        str(path)
        for folder in (".", "asyncio", "email", "encodings", "importlib", "json", "unittest")
        for path in sorted(Path(home, folder).glob("*.py"))
    ]
    assert len(found) > count
    # These two hold equal sets and characters that are names elsewhere.
    chosen = [str(Path(home, name)) for name in ("ftplib.py", "html/entities.py")]
    chosen += found[:: len(found) // count][:count]
    return {name: "/var/task/" + os.path.relpath(name, home) for name in chosen}


def test_other_processes_make_the_same_bytes(python: Path, tmp_path: Path) -> None:
    """Another order, other hash seeds and other histories make the same bytes of each module."""
    task = library(python, 220)
    (tmp_path / "source.py").write_text(readable(python), encoding="utf-8")
    task[str(tmp_path / "source.py")] = "/var/task/source.py"
    told = json.dumps(task)
    plain = spoken(python, ATTACK, str(GUEST), "0", stdin=told, seed="0")
    assert len(plain) == len(task)
    # Until 3.10 marshal writes a set in its own order, so workers have one seed.
    ordered = readable(python) != SOURCE
    for seed in ("1", "2"):
        hashes = seed + "00" if ordered else "0"
        attacked = spoken(python, ATTACK, str(GUEST), seed, stdin=told, seed=hashes)
        assert {name for name in task if attacked[name] != plain[name]} == set()


# Makes bytecode, does something that the bytes are not to depend on, and makes it again.
BETWEEN = r"""
import json, sys
sys.path.insert(0, sys.argv[1])
import bytecode
SOURCE = '''
x = 'é'
y = ['-', ' ']
f = lambda: [i for i in ()]
def one(a): return a in {'w1', 'w2'} or 11
def two(a): return a in {'w1', 'w2'} or 22
class Outer:
    class Inner: pass
'''
def make(shown):
    return bytecode.compiled(SOURCE.encode(), shown, checked=False)
before = make("/var/task/m.py")
shown = "/var/task/m.py"
exec(sys.argv[2])
print(json.dumps(before == make(shown)))
"""


@pytest.mark.parametrize(
    "history",
    [
        "kept = bytecode.compiled('é = 1'.encode(), 'm.py', checked=False)",
        "kept = [sys.intern(chr(number)) for number in range(256)]",
        "shown = sys.intern(shown)",
        "kept = sys.intern('w' + '1')",
        "kept = sys.intern('Outer' + '.Inner')",
        "kept = compile(SOURCE, shown, 'exec')",
        "setattr(make, (lambda: 0).__code__.co_name, 1)",
    ],
    ids="identifier characters path member qualname code lambda".split(),
)
def test_what_a_process_has_interned_changes_nothing(python: Path, history: str) -> None:
    """Names, characters and paths that others have interned leave no trace in the bytes."""
    assert spoken(python, BETWEEN, str(GUEST), history) is True


atoms = "a b2 _c 1 1000 -5 1.5 'a' '-' b'x' None ... () f'{a}-{b2!r}' 123456789012345678901"
expression = st.recursive(
    st.sampled_from([*atoms.split(" "), "'two words'", "'\\n'", "lambda q: q"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: "(" + "".join(f"{i}, " for i in items) + ")"),
        st.lists(inner, min_size=1, max_size=4).map(lambda items: f"a in [{', '.join(items)}]"),
        inner.map(lambda one: f"[({one}) for a in b2]"),
        st.tuples(inner, inner).map(lambda two: f"a[({two[0]}):({two[1]})]"),
    ),
    max_leaves=8,
)
constant = st.sampled_from(
    ["'a'", "'a b'", "1", "1000", "2.5", "b'x'", "None", "'b2'", "(1, 'x y')"]
)
statement = st.one_of(
    expression.map(lambda value: f"a = {value}"),
    st.lists(constant, min_size=1, max_size=6).map(
        lambda items: f"c = a in {{{', '.join(items)}}}"
    ),
    expression.map(lambda value: f"def f(a, *, b2=1000):\n    'a b'\n    return {value}"),
    expression.map(lambda value: f"class C:\n    'a b'\n    def f(self): yield {value}"),
)
program = st.lists(statement, max_size=5).map("\n".join)


@settings(max_examples=150)
@given(program, program)
def test_nothing_that_was_compiled_before_matters(source: str, other: str) -> None:
    """A program has the same bytes before and after another, with both held on to."""
    before = made(source)
    held = [marshal.loads(before[16:]), compile(other, SHOWN, "exec"), made(other)]
    assert made(source) == before
    assert held


@settings(max_examples=150)
@given(program)
def test_the_bytes_are_the_code(source: str) -> None:
    """The bytes hold the code that Python itself makes of the source."""
    head, code = made(source)[:16], marshal.loads(made(source)[16:])
    assert code == compile(source, SHOWN, "exec", dont_inherit=True, optimize=0)
    assert head[:4] == importlib.util.MAGIC_NUMBER
    assert head[8:] == importlib.util.source_hash(source.encode())


def test_the_path_in_tracebacks_is_the_one_shown() -> None:
    """Every code object carries the path that the source will have."""

    def paths(code: CodeType) -> set[str]:
        inner = [paths(one) for one in code.co_consts if isinstance(one, CodeType)]
        return {code.co_filename}.union(*inner)

    assert paths(marshal.loads(made(SOURCE, shown="/var/task/a/b.py")[16:])) == {"/var/task/a/b.py"}


@pytest.mark.parametrize(("checked", "flags"), [(False, 1), (True, 3)])
def test_the_header_says_how_it_is_checked(checked: bool, flags: int) -> None:
    """The header says that a hash and no date counts, and whether the importer compares it."""
    assert struct.unpack("<I", made("a = 1", checked=checked)[4:8]) == (flags,)
    assert made("a = 1", checked=True)[8:] == made("a = 1", checked=False)[8:]


def test_asserts_and_docstrings_stay() -> None:
    """Bytecode is made without optimization, whatever this process runs with."""
    code = marshal.loads(made("'doc'\nassert x, 'said'\nif __debug__: y")[16:])
    assert code.co_consts[0] == "doc" and "said" in code.co_consts and "y" in code.co_names


def test_future_statements_of_this_file_do_not_leak() -> None:
    """A source without its own future statements gets none of shorts' own."""
    code = marshal.loads(made("def f(a: undefined): pass")[16:])
    with pytest.raises(NameError):
        exec(code, {})


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"import\n", SyntaxError),
        (b"\0", ValueError),
        (b"'\xff'", SyntaxError),
        (b"return", SyntaxError),
    ],
)
def test_refuses_what_is_no_python(source: bytes, error: type[Exception]) -> None:
    """A source that this version cannot compile raises what the compiler raises."""
    with pytest.raises((error, SyntaxError)):
        bytecode.compiled(source, SHOWN, checked=False)


@pytest.mark.parametrize(
    ("path", "minor", "expected"),
    [
        ("pandas/core/frame.py", "3.13", "pandas/core/__pycache__/frame.cpython-313.pyc"),
        ("app.py", "3.9", "__pycache__/app.cpython-39.pyc"),
        ("a.py/b.py", "3.14", "a.py/__pycache__/b.cpython-314.pyc"),
        ("a/__init__.py", "3.11", "a/__pycache__/__init__.cpython-311.pyc"),
    ],
)
def test_bytecode_lies_where_the_importer_looks(path: str, minor: str, expected: str) -> None:
    """A source's bytecode lies in __pycache__ next to it, under its version's tag."""
    assert bytecode.pyc_path(path, minor) == expected
    if minor == MINOR:
        assert importlib.util.cache_from_source(path) == expected


def loaded(folder: Path) -> ModuleType:
    """The module ``m`` of a folder, by the importer's own path finder."""
    details = (importlib.machinery.SourceFileLoader, [".py"])
    spec = importlib.machinery.FileFinder(str(folder), details).find_spec("m")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def laid(folder: Path, *, source: str, compiled_of: str, checked: bool) -> Path:
    """A source and bytecode, perhaps of another source; the path of the bytecode."""
    (folder / "m.py").write_text(source)
    path = folder / bytecode.pyc_path("m.py", MINOR)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(made(compiled_of, checked=checked))
    return path


@pytest.mark.parametrize("checked", [False, True])
def test_the_importer_takes_the_bytecode(tmp_path: Path, checked: bool) -> None:
    """Bytecode of the source is run as it is, whatever the source's date, and left as it is."""
    path = laid(tmp_path, source="a = 1", compiled_of="a = 1", checked=checked)
    os.utime(tmp_path / "m.py", (1, 1))
    before = path.read_bytes()
    module = loaded(tmp_path)
    assert module.a == 1
    assert module.__cached__ == str(path)
    assert path.read_bytes() == before


def test_unchecked_bytecode_wins_over_an_edited_source(tmp_path: Path) -> None:
    """Unchecked bytecode is run without a look at the source."""
    laid(tmp_path, source="a = 'edited'", compiled_of="a = 'built'", checked=False)
    assert loaded(tmp_path).a == "built"


def test_an_edited_source_wins_over_checked_bytecode(tmp_path: Path) -> None:
    """Checked bytecode of another source is compiled again."""
    laid(tmp_path, source="a = 'edited'", compiled_of="a = 'built'", checked=True)
    assert loaded(tmp_path).a == "edited"


IMPORTS = r"""
import json, sys
sys.path.insert(0, sys.argv[1])
import bytecode
sys.path.insert(0, sys.argv[2])
names = sys.argv[3:]
built = {}
for name in names:
    source = ("value = %r" % "built").encode()
    path = bytecode.pyc_path(sys.argv[2] + "/" + name + ".py", "%d.%d" % sys.version_info[:2])
    with open(path, "wb") as file:
        file.write(bytecode.compiled(source, "/var/task/x.py", checked=name.startswith("checked")))
print(json.dumps({name: __import__(name).value for name in names}))
"""


def test_every_version_imports_its_bytecode(python: Path, tmp_path: Path) -> None:
    """Each version's importer takes its bytecode, unchecked as it is and checked if it fits."""
    (tmp_path / "__pycache__").mkdir()
    sources = {"unchecked": "edited", "checked": "edited", "unchecked_same": "built"}
    sources["checked_same"] = "built"
    for name, value in sources.items():
        (tmp_path / f"{name}.py").write_text(f"value = {value!r}")
    assert spoken(python, IMPORTS, str(GUEST), str(tmp_path), *sources) == {
        "unchecked": "built",
        "checked": "edited",
        "unchecked_same": "built",
        "checked_same": "built",
    }
