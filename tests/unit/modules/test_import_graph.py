"""Graphs of modules are written as what each imports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.modules.compiler import Module
from shorts.modules.import_graph import Graph, imports_below

Imports = tuple[str, tuple[str, ...]]


def module(*imports: str | Imports, error: str = "") -> Module:
    """What imports ``"a.b"`` as ``import a.b``, and ``("a", ("b",))`` as ``from a import b``."""
    pairs = [(found, ()) if isinstance(found, str) else found for found in imports]
    return Module(imports=[(target, taken, 1) for target, taken in pairs], error=error)


def reached(modules: dict[str, Module], *roots: str) -> set[str]:
    return Graph(modules).reached(roots or ["app"])[0]


def unknown(modules: dict[str, Module], *roots: str) -> set[str]:
    return Graph(modules).reached(roots or ["app"])[1]


def test_follows_imports_from_the_handler() -> None:
    """What the handler imports by way of another is reached; what nothing imports is not."""
    modules = {
        "app.py": module("a"),
        "a.py": module("b"),
        "b.py": module(),
        "c.py": module("a"),
    }
    assert reached(modules) == {"app.py", "a.py", "b.py"}


def test_how_far_a_module_is_from_the_handler() -> None:
    """The shortest way counts; a package is as far as what lies in it, at most."""
    modules = {
        "app.py": module("a", "p.x"),
        "a.py": module("b"),
        "b.py": module("c", ("p", ("*",))),
        "c.py": module("a"),
        "p/__init__.py": module(("", ("y",))),
        "p/x.py": module("b"),
        "p/y.py": module(),
        "unused.py": module("a"),
    }
    far = Graph(modules).distances(["app"])
    assert far == {
        "app.py": 0,
        "a.py": 1,
        "p/__init__.py": 1,
        "p/x.py": 1,
        "b.py": 2,
        "c.py": 3,
        "p/y.py": 3,
    }
    assert far.keys() == reached(modules)


def test_reaches_the_packages_that_a_module_lies_in() -> None:
    """Importing a module runs every package above it, and what those import."""
    modules = {
        "app.py": module("a.b.c"),
        "a/__init__.py": module("a.base"),
        "a/base.py": module(),
        "a/b/__init__.py": module(),
        "a/b/c.py": module(),
        "a/b/d.py": module(),
    }
    assert reached(modules) == modules.keys() - {"a/b/d.py"}


def test_what_is_taken_may_be_a_submodule() -> None:
    """``from a import b`` reaches a/b.py where there is one, and takes an attribute otherwise."""
    modules = {
        "app.py": module(("a", ("b", "value"))),
        "a/__init__.py": module(),
        "a/b.py": module(),
        "a/c.py": module(),
    }
    assert reached(modules) == modules.keys() - {"a/c.py"}
    assert unknown(modules) == set()


def test_a_star_takes_what_all_names() -> None:
    """``from a import *`` reaches only the submodules that a literal ``__all__`` names."""
    modules = {
        "app.py": module(("a", ("*",))),
        "a/__init__.py": module(("", ("b", "value"))),
        "a/b.py": module(),
        "a/c.py": module(),
    }
    assert reached(modules) == modules.keys() - {"a/c.py"}


def test_all_alone_imports_nothing() -> None:
    """A module's ``__all__`` is not an import as long as nothing takes a star."""
    modules = {
        "app.py": module("a"),
        "a/__init__.py": module(("", ("b",))),
        "a/b.py": module(),
    }
    assert reached(modules) == {"app.py", "a/__init__.py"}


def test_circles_come_to_an_end() -> None:
    """Modules that import each other are reached once each."""
    modules = {"app.py": module("a", "app"), "a.py": module("b"), "b.py": module("a")}
    assert reached(modules) == modules.keys()


def test_a_namespace_package_has_no_module_of_its_own() -> None:
    """A folder without ``__init__`` is passed through; its name is one that is not a module."""
    modules = {"app.py": module("ns.a"), "ns/a.py": module("ns.b"), "ns/b.py": module()}
    assert reached(modules) == modules.keys()
    assert unknown(modules) == {"ns"}


def test_a_package_wins_over_a_module_beside_it() -> None:
    """Where a package and a module have one name, the package is imported, in whatever order."""
    package = {"a/__init__.py": module("b")}
    beside = {"a.py": module("c")}
    rest = {"app.py": module("a"), "b.py": module(), "c.py": module()}
    for modules in ({**package, **beside, **rest}, {**rest, **beside, **package}):
        assert reached(modules) == {"app.py", "a/__init__.py", "b.py"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_dotted_file_name_is_no_module(order: int) -> None:
    """config.dev.py cannot be imported, so it does not stand in the way of config.py."""
    found = ["config.dev.py", "config.py", "a.py"][::order]
    modules = {name: module("a") if name == "config.py" else module() for name in found}
    assert reached(modules, "config") == {"config.py", "a.py"}
    assert reached({"config.dev.py": module()}, "config") == set()


def test_extension_modules_count() -> None:
    """An extension module is reached by its name without tags, and leads on to what it names."""
    modules = {
        "app.py": module("a.fast"),
        "a/__init__.py": module(),
        "a/fast.cpython-313-x86_64-linux-gnu.so": module("a.slow", "not.a.module"),
        "a/slow.py": module(),
    }
    assert reached(modules) == modules.keys()


def test_names_what_is_no_module_here() -> None:
    """What is of the standard library, of the runtime or missing is named, with its parents."""
    modules = {"app.py": module("os.path", "boto3", ("json", ("loads",)))}
    assert unknown(modules) == {"os.path", "os", "boto3", "json"}
    assert unknown(modules, "gone") == {"gone"}
    assert reached(modules, "gone") == set()


def test_an_unreadable_module_imports_all_around_it() -> None:
    """What an unreadable module imports is not known, so all of its package is reached."""
    modules = {
        "app.py": module("a.bad"),
        "a/__init__.py": module(),
        "a/bad.py": module(error="invalid syntax"),
        "a/other.py": module("c"),
        "a/deep/__init__.py": module(),
        "a/deep/er.py": module(),
        "b.py": module(),
        "c.py": module(),
    }
    assert reached(modules) == modules.keys() - {"a/deep/er.py", "b.py"}


def test_an_unreadable_package_imports_all_of_itself() -> None:
    """An unreadable ``__init__`` reaches what lies in its own folder."""
    modules = {
        "app.py": module("a"),
        "a/__init__.py": module(error="invalid syntax"),
        "a/b.py": module(),
        "b.py": module(),
    }
    assert reached(modules) == modules.keys() - {"b.py"}


def test_an_unreadable_handler_reaches_itself_alone() -> None:
    """A top-level module lies in no package, so nothing around it is reached."""
    assert reached({"app.py": module(error="x"), "b.py": module()}) == {"app.py"}


def test_several_roots_are_followed_together() -> None:
    """Two handlers in one zip reach what either imports; a handler may lie in a folder."""
    modules = {
        "app.py": module("a"),
        "src/api/app.py": module("b"),
        "a.py": module(),
        "b.py": module(),
        "c.py": module(),
    }
    assert reached(modules, "app", "src.api.app") == modules.keys() - {"c.py"}


names = st.sampled_from(["a", "b", "a.b", "a.c", "a.b.d", "e", "os"])
imported = st.one_of(
    names, st.tuples(names, st.lists(st.sampled_from("abcde*"), max_size=3).map(tuple))
)
graphs = st.dictionaries(
    st.sampled_from(["a/__init__.py", "b.py", "a/b/__init__.py", "a/c.py", "a/b/d.py", "a/b.py"]),
    st.builds(lambda found, error: module(*found, error=error), st.lists(imported, max_size=4),
              st.sampled_from(["", "", "bad"])),
)  # fmt: skip


@given(graphs, st.lists(names, max_size=3), st.lists(names, max_size=3))
def test_more_roots_reach_no_less(
    modules: dict[str, Module], some: list[str], more: list[str]
) -> None:
    """What some roots reach, those and others reach too, and each path is one that was given."""
    fewer, without = Graph(modules).reached(some)
    found, missing = Graph(modules).reached([*some, *more])
    assert fewer <= found <= modules.keys()
    assert without <= missing


def test_knows_what_lies_below_a_name() -> None:
    """A namespace package has no path and holds modules; an unknown name does neither."""
    graph = Graph({"google/cloud/storage/__init__.py": module(), "a.py": module()})
    assert graph.path("google.cloud.storage") == "google/cloud/storage/__init__.py"
    assert graph.path("google.cloud") is None
    assert graph.holds("google.cloud") and graph.holds("google")
    assert not graph.holds("a") and not graph.holds("b") and not graph.holds("goo")


@pytest.mark.parametrize(
    "found",
    [
        "numpy.tests",
        "numpy.tests.common",
        ("numpy", ("tests",)),
        ("numpy.tests", ("x",)),
        ("numpy", ("core", "tests")),
    ],
)
def test_sees_who_imports_a_package(found: str | Imports) -> None:
    """A package is imported by its name, below its name, or as what is taken from its parent."""
    assert imports_below(["numpy.tests"], {"x.py": module("os"), "y.py": module(found)})


@pytest.mark.parametrize(
    "found", ["numpy", "numpy.testsuite", ("numpy", ("*",)), ("numpy.core", ("tests",)), "tests"]
)
def test_sees_who_imports_something_else(found: str | Imports) -> None:
    """A longer name, a package of the same name elsewhere and the parent are something else."""
    assert not imports_below(["numpy.tests"], {"y.py": module(found)})


def test_an_unreadable_module_may_import_any_package() -> None:
    """What an unreadable module imports is not known, so no package is left out next to it."""
    assert imports_below(["numpy.tests"], {"numpy/new.py": module(error="invalid syntax")})
