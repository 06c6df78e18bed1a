"""What a module does when it is imported, read from its source alone."""

import pytest

from shorts.modules import startup


def names(source: str) -> frozenset[str] | None:
    read = startup.read(source.encode(), "app", package=False)
    assert read is not None
    return read.names


@pytest.mark.parametrize(
    "source",
    [
        "def handler(): ...",
        "async def handler(): ...",
        "class handler: ...",
        "handler = print",
        "handler: object = print",
        "a, (handler, *b) = f()",
        "import x.y as handler",
        "import handler.x",
        "from x import handler",
        "from x import y as handler",
        "if x:\n    handler = 1\nelse:\n    pass",
        "try:\n    x()\nexcept E:\n    from y import handler",
        "try:\n    x()\nexcept E as handler:\n    pass",
        "for handler in x:\n    pass",
        "with x as handler:\n    pass",
        "while (handler := f()):\n    pass",
        "match x:\n    case {'a': handler}:\n        pass",
        "def f():\n    global handler\n    handler = 1",
        "@decorated\ndef handler(): ...",
    ],
)
def test_knows_every_way_to_define_a_name(source: str) -> None:
    """What a statement at the top may bind is defined, whatever runs."""
    found = names(source)
    assert found is not None and "handler" in found


@pytest.mark.parametrize(
    "source",
    [
        "handle = 1",
        "def f():\n    handler = 1",
        "class C:\n    def handler(self): ...",
        "x.handler = 1",
        "handler: int",
    ],
)
def test_knows_what_is_not_defined(source: str) -> None:
    """A name within a function, a class or another object is not the module's."""
    found = names(source)
    assert found is not None and "handler" not in found


@pytest.mark.parametrize(
    "source",
    [
        "from x import *",
        "globals()['handler'] = 1",
        "exec('handler = 1')",
        "def __getattr__(name): ...",
        "import sys\nsetattr(sys.modules[__name__], 'handler', 1)",
        "vars()['handler'] = 1",
    ],
)
def test_says_where_it_cannot_know(source: str) -> None:
    """Names that a source does not show may be any."""
    assert names(source) is None


def test_reads_the_imports_that_run_whatever_happens() -> None:
    """Those in functions, conditions and `try` may not run, or may fail."""
    source = """
import a.b
from . import c
from .d import e
from ..f import g
if x:
    import h
try:
    import i
except ImportError:
    pass
def f():
    import j
"""
    read = startup.read(source.encode(), "p.q.app", package=False)
    assert read is not None
    assert read.imports == ["a.b", "p.q", "p.q.c", "p.q.d", "p.q.d.e", "p.f", "p.f.g"]
    read = startup.read(b"from . import c", "p.q", package=True)
    assert read is not None and read.imports == ["p.q", "p.q.c"]


def test_what_this_python_cannot_parse_is_not_known() -> None:
    """The target's interpreter decides what is a syntax error."""
    assert startup.read(b"x = = 1", "app", package=False) is None
