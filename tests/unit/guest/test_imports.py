"""Sources are small and written here; Hypothesis writes the strange ones."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shorts.guest import imports
from shorts.guest.imports import Import, Unreadable


def scanned(source: str, module: str = "top.mid.low", *, package: bool = False) -> list[Import]:
    return imports.scan(textwrap.dedent(source).encode(), module=module, package=package)


def modules(source: str, module: str = "top.mid.low", *, package: bool = False) -> list[str]:
    return [found.module for found in scanned(source, module, package=package)]


def test_lists_both_forms_with_their_lines() -> None:
    """Both forms of the statement are listed with what they take and where they stand."""
    assert scanned(
        "import os\nimport a.b as c, d\n\nfrom e.f import g as h, i\nfrom j import *\n"
    ) == [
        Import("os", (), 1),
        Import("a.b", (), 2),
        Import("d", (), 2),
        Import("e.f", ("g", "i"), 4),
        Import("j", ("*",), 5),
    ]


def test_finds_statements_wherever_they_stand() -> None:
    """A statement counts in every body that the language has, in the source's order."""
    source = """
        import a01
        def f():
            import a02
            class C:
                import a03
                async def g(self):
                    async with x:
                        import a04
                    async for y in x:
                        import a05
        if x: import a06
        elif y: import a07
        else: import a08
        for x in y:
            import a09
        else:
            import a10
        while x:
            import a11
        else:
            import a12
        try:
            import a13
        except OSError:
            import a14
        else:
            import a15
        finally:
            import a16
        try:
            import a17
        except* OSError:
            import a18
        with x:
            import a19
        match x:
            case 1:
                import a20
            case _:
                import a21
    """
    bare = textwrap.dedent(source)
    everything = [f"a{number:02}" for number in range(1, 22)]
    assert modules(bare) == everything
    assert modules(bare + "# import_module\n") == everything
    assert modules(bare + "__import__('a22')\n") == [*everything, "a22"]


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"])
@pytest.mark.parametrize("call", ["", "__import__('z')\n"])
def test_leaves_out_what_only_a_type_checker_reads(test: str, call: str) -> None:
    """The body under TYPE_CHECKING does not count, its else does."""
    source = f"if {test}:\n    import a\n    from b import c\nelse:\n    import d\n{call}"
    assert modules(source) == ["d", *(["z"] if call else [])]
    assert modules(f"if x: import a\nelif {test}: import b\nelse: import c\n{call}")[:2] == [
        "a",
        "c",
    ]


def test_keeps_what_runs_when_nobody_checks_types() -> None:
    """The body under ``not TYPE_CHECKING`` counts."""
    assert modules("if not TYPE_CHECKING:\n    import a\n") == ["a"]


@pytest.mark.parametrize(
    ("source", "in_module", "in_package"),
    [
        ("from . import a", "top.mid", "top.mid.low"),
        ("from .a import b", "top.mid.a", "top.mid.low.a"),
        ("from .. import a", "top", "top.mid"),
        ("from ..a.b import c", "top.a.b", "top.mid.a.b"),
        ("from ... import a", None, "top"),
        ("from .... import a", None, None),
    ],
)
def test_makes_relative_imports_absolute(
    source: str, in_module: str | None, in_package: str | None
) -> None:
    """A relative import starts from the module's package; one that leaves the top is none."""
    assert modules(source) == ([in_module] if in_module else [])
    assert modules(source, package=True) == ([in_package] if in_package else [])


def test_a_top_level_module_has_no_package() -> None:
    """A relative import in a module outside of any package leads nowhere."""
    assert modules("from . import a\nfrom .b import c", "app") == []


@pytest.mark.parametrize(
    "call",
    [
        "importlib.import_module('a.b')",
        "import_module('a.b')",
        "__import__('a.b')",
        "builtins.__import__('a.b', globals())",
        "x = [importlib.import_module('a.b') for _ in y]",
        "f(lambda: __import__('a.b'))",
        "f'{import_module(\"a.b\")}'",
    ],
)
def test_follows_calls_that_name_a_module(call: str) -> None:
    """A call with a literal name counts like a statement, in any expression."""
    assert scanned(call) == [Import("a.b", (), 1)]


def test_resolves_a_call_with_a_relative_name() -> None:
    """A leading dot in a call's name means the module's own package."""
    assert modules("importlib.import_module('.a', __package__)") == ["top.mid.a"]
    assert modules("importlib.import_module('..a', __package__)", package=True) == ["top.mid.a"]
    assert modules("importlib.import_module('.....a', __package__)") == []


@pytest.mark.parametrize(
    "call",
    [
        "import_module(name)",
        "import_module(f'a.{b}')",
        "import_module('a' + b)",
        "import_module(b'a')",
        "import_module(1)",
        "import_module()",
        "import_module('')",
        "import_module(*names)",
        "other('a')",
        "import_module",
        "x['import_module']('a')",
        "'import_module(\"a\")'",
    ],
)
def test_leaves_out_calls_that_name_none(call: str) -> None:
    """A name that is computed, of another type, or missing is not an import."""
    assert scanned(call) == []


def test_follows_a_call_by_keyword() -> None:
    """The name may be given by its keyword."""
    assert modules("importlib.import_module(name='a.b')") == ["a.b"]


def test_lists_a_literal_all() -> None:
    """The strings of a literal ``__all__`` stand under no module's name, additions too."""
    assert scanned("__all__ = ['a', 'b', c]\n__all__ += ('d',)\n__all__ = x\nall = ['e']\n") == [
        Import("", ("a", "b"), 1),
        Import("", ("d",), 2),
    ]


def test_lists_an_annotated_all() -> None:
    """A literal ``__all__`` counts with an annotation too."""
    assert scanned("__all__: list[str] = ['a']\n") == [Import("", ("a",), 1)]


def test_reads_the_encoding_that_a_source_declares() -> None:
    """A source in a declared encoding, or with a byte order mark, is read in it."""
    source = "# coding: latin-1\nimport caf\xe9\n"
    assert imports.scan(source.encode("latin-1"), module="m", package=False)[0].module == "caf\xe9"
    marked = "import a\n".encode("utf-8-sig")
    assert imports.scan(marked, module="m", package=False) == [Import("a", (), 1)]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"print 'x'\n", "Missing parentheses in call to 'print'. Did you mean print(...)?"),
        (b"import\n", ("invalid syntax", "Expected one or more names")),  # since 3.13
        (b"x = '\0'\n", "source code string cannot contain null bytes"),
        (b"# coding: no-such\n", "unknown encoding: no-such"),
        (b"x = '\xff'\n", "(unicode error) 'utf-8' codec can't decode byte 0xff"),
        (b"(" * 1000, "too many nested parentheses"),
    ],
)
def test_says_why_a_source_cannot_be_read(source: bytes, said: str | tuple[str, ...]) -> None:
    """What is not Python of this version is Unreadable, in the parser's own words."""
    with pytest.raises(Unreadable) as caught:
        imports.scan(source, module="m", package=False)
    assert str(caught.value).startswith(said)
    assert isinstance(caught.value.__cause__, (SyntaxError, ValueError))


def test_deep_sources_are_read_or_unreadable() -> None:
    """A source that is nested too deeply for the parser is Unreadable, and no crash."""
    with pytest.raises(Unreadable):
        imports.scan(b"x = " + b"-" * 50_000 + b"1\n", module="m", package=False)
    long = b"x = " + b" + ".join([b"import_module('a')"] * 500)
    assert imports.scan(long, module="m", package=False) == [Import("a", (), 1)]


def answered(source: bytes) -> list[Import]:
    """The imports; none where the source is unreadable, and any other error goes through."""
    try:
        return imports.scan(source, module="a.b", package=False)
    except Unreadable:
        return []


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_read_or_unreadable(source: bytes) -> None:
    """Whatever the bytes, scanning lists imports or says Unreadable."""
    answered(source)


words = st.sampled_from(
    "import from a b . .. , * as ( ) [ ] : = += \n \n\t if else try except class def lambda async"
    " await with match case TYPE_CHECKING __all__ __import__ import_module 'a' '.b' '' f'{' } ; @ #"
    " # coding:utf-7 \\\n 1 None".split(" ")
)


@settings(max_examples=300)
@given(st.lists(words, max_size=25).map(" ".join))
def test_any_tokens_are_read_or_unreadable(source: str) -> None:
    """Whatever the order of Python's own words, every import found has a name or is ``__all__``."""
    for found in answered(source.encode()):
        assert found.line >= 1
        assert found.module or found.names is not None


name = st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4}){0,2}", fullmatch=True).filter(
    lambda text: (
        not {"as", "is", "in", "or", "if", "and", "not", "for", "def", "del", "try"}
        & set(text.split("."))
        and not {"else", "elif", "from", "pass", "with"} & set(text.split("."))
    )
)


@given(st.lists(name, max_size=10), st.booleans())
def test_every_statement_is_found(names: list[str], deep: bool) -> None:
    """Each import is found once, in order, however deep it stands."""
    rows = [("    " * depth if deep else "", text) for depth, text in enumerate(names)]
    source = "".join(
        f"{indent}import {text}\n" + (f"{indent}if x:\n" if deep else "") for indent, text in rows
    )
    if deep and names:
        source += "    " * len(names) + "pass\n"
    assert [found.module for found in imports.scan(source.encode(), module="m", package=False)] == (
        names
    )


def test_follows_comments_that_name_modules() -> None:
    """A comment names modules, several by commas, next to code and in a module without imports."""
    assert scanned("# shorts: import a.b, c\n") == [Import("a.b", (), 1), Import("c", (), 1)]
    assert scanned("import z\nx = load(y)  #shorts:import a\n") == [
        Import("z", (), 1),
        Import("a", (), 2),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "# shorts: import .a\n",
        "# shorts: import a.\n",
        "# shorts: import\n",
        "# shorts: import 1\n",
        "# shorts: from a import b\n",
        "# short: import a\n",
        "'# shorts: import a'\n",
        "'''\n# shorts: import a\n'''\n",
    ],
)
def test_leaves_out_comments_that_name_none(source: str) -> None:
    """A relative name, no name, and such words in a string are not imports."""
    assert scanned(source) == []


@given(st.text().map(lambda text: f"# shorts: import {text}\nimport z\n"))
def test_any_comment_is_read(source: str) -> None:
    """Whatever stands in the comment, what is found has an absolute name."""
    for found in answered(source.encode("utf-8", "replace")):
        assert not found.module.startswith(".")


def test_finds_dotted_names_in_an_extension() -> None:
    """Names within the package that stand as C strings are listed once each, in order."""
    image = b"\x7fELF\0a.b\0numpy.core\0a.b\0a.c.d\0ab.c\0\xffa.y\0a.tail"
    assert imports.scan_extension(image, "a") == [Import("a.b", (), 0), Import("a.c.d", (), 0)]


@pytest.mark.parametrize(
    "text", [b"word", b"1.2", b"a.1", b"a..b", b".a.b", b"a.b.", b"a.b c", b""]
)
def test_finds_nothing_else_in_an_extension(text: bytes) -> None:
    """Words without a dot, numbers, and what is not a dotted name are left out."""
    assert imports.scan_extension(b"\0" + text + b"\0", "a") == []


@given(st.binary())
def test_any_image_can_be_scanned(image: bytes) -> None:
    """Whatever an extension's bytes, each name found stands in them."""
    for found in imports.scan_extension(image, "a"):
        assert b"\0" + found.module.encode() + b"\0" in image
