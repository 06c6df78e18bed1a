"""Sources are written here; what is looked at is the lines of their imports."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.modules.optional_imports import OptionalImports


def guards(source: str, minor: str = "3.13") -> OptionalImports:
    return OptionalImports(textwrap.dedent(source).encode(), minor)


@pytest.mark.parametrize(
    "caught",
    [
        "",
        " ImportError",
        " ModuleNotFoundError as error",
        " Exception",
        " BaseException",
        " (OSError, ImportError)",
        " builtins.ImportError",
    ],
)
def test_an_import_that_is_caught_is_optional(caught: str) -> None:
    """The body of a ``try`` is optional where the error is caught; its other parts are not."""
    source = f"try:\n    import a\nexcept{caught}:\n    import b\nelse:\n    import c\n"
    found = guards(f"{source}finally:\n    import d\n")
    assert found.optional == {2}
    assert found.fallbacks == {4: [{2}]}


@pytest.mark.parametrize("caught", ["OSError", "(OSError, KeyError)", "errors()"])
def test_other_handlers_catch_no_import(caught: str) -> None:
    """A ``try`` for other errors leaves an import required."""
    found = guards(f"try:\n    import a\nexcept {caught}:\n    import b\n")
    assert not found.optional and not found.fallbacks


def test_suppress_and_find_spec_make_optional() -> None:
    """Other ways to do without a module count too."""
    source = """\
        with contextlib.suppress(ImportError):
            import a
        with suppress(OSError):
            import b
        if importlib.util.find_spec("c") is not None:
            import c
    """
    assert guards(source).optional == {2, 6}


@pytest.mark.parametrize(
    ("test", "never"),
    [
        ('sys.platform == "win32"', {2}),
        ('sys.platform.startswith("win")', {2}),
        ('sys.platform.startswith(("win", "cygwin"))', {2}),
        ('sys.platform in ("win32", "darwin")', {2}),
        ('sys.platform != "win32"', {4}),
        ('os.name == "nt"', {2}),
        ('platform.system() == "Linux"', {4}),
        ("sys.version_info < (3, 11)", {2}),
        ("sys.version_info >= (3, 13)", {4}),
        ("sys.version_info > (3, 13)", {4}),
        ("sys.version_info < (3,)", {2}),
        ("sys.version_info >= (3, 12, 4)", {4}),
        ("(3, 11) > sys.version_info", {2}),
        ("sys.version_info[0] == 2", {2}),
        ("sys.version_info.minor >= 11", {4}),
        ("sys.version_info[:2] == (3, 13)", {4}),
        ('not sys.platform == "win32"', {4}),
        ('debug and sys.platform == "win32"', {2}),
        ('debug or sys.platform == "linux"', {4}),
        ('sys.version_info[0] == 3 and os.name == "posix"', {4}),
        ("sys.version_info >= (3, 13, 1)", set()),
        ("sys.version_info[5] == 1", set()),
        ('sys.version_info > "3"', set()),
        ("sys.platform == name", set()),
        ("sys.platform < 3", set()),
        ("1 < x < 3", set()),
        ("debug", set()),
        ("debug or name", set()),
        ('name.startswith("win")', set()),
        ("sys.platform.startswith(3)", set()),
    ],
)
def test_a_target_decides_branches(test: str, never: set[int]) -> None:
    """What asks for the system or the version is decided by the target; all else may run."""
    assert guards(f"if {test}:\n    import a\nelse:\n    import b\n").never == never


def test_the_rest_of_a_chain_never_runs_either() -> None:
    """Where one branch always runs, those after it never do."""
    source = (
        'if sys.platform == "linux":\n    import a\nelif x:\n    import b\nelse:\n    import c\n'
    )
    assert {4, 6} <= guards(source).never


def test_a_source_that_is_unreadable_here_has_none() -> None:
    """What this interpreter cannot parse counts as it stands."""
    found = guards("try:\n    import a\nexcept:\n    import\n")
    assert not (found.optional or found.never or found.fallbacks)


words = st.sampled_from(
    "if elif else : \n sys.platform sys.version_info == < ( ) , 3 'win32' not and or in try except"
    " ImportError with suppress \n  import a .startswith".split(" ")
)


@given(st.lists(words, max_size=20).map(" ".join))
def test_any_source_can_be_looked_at(source: str) -> None:
    """Whatever the words, lines are those of the source."""
    found = guards(source)
    assert found.optional | found.never <= set(range(1, source.count("\n") + 2))


def test_a_spare_import_counts_where_the_first_is_missing() -> None:
    """What a handler imports never runs while all that its ``try`` imports is there."""
    found = guards("try:\n    import tomllib\nexcept ImportError:\n    import tomli\n")
    assert found.is_spare(4, [4])
    assert not found.is_spare(4, [2, 4])
    assert not found.is_spare(2, [4])
