"""What ships of a function, by what its events did."""

from collections.abc import Iterable, Mapping

import pytest

from shorts.artifact.trim_rules import Files, Touched, Trim, decide, matches, pattern
from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph
from shorts.targets.libraries import Library

MINOR = "3.13"


def pyc(path: str) -> str:
    """Where a source's bytecode lies next to it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}__pycache__/{name[:-3]}.cpython-313.pyc"


def library(*needed: str, module: bool = False) -> Library:
    """A library by the names of what it needs; its own come from its path."""
    return Library(needed=needed, names=(), module=module)


def trimmed(
    modules: Mapping[str, Iterable[str]],
    *,
    data: Iterable[str] = (),
    libraries: Mapping[str, Library] | None = None,
    loaded: Iterable[str] = (),
    opened: Iterable[str] = (),
    own: Iterable[str] = ("app.py",),
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    broken: Iterable[str] = (),
) -> tuple[set[str], Trim]:
    """The paths that ship, of modules with the names they import and other files.

    The handler is in ``app.py``. What the handler reaches has bytecode before the events run.
    """
    known = {
        path: Module(
            imports=[(name, (), 1) for name in names], error="bad" if path in {*broken} else ""
        )
        for path, names in modules.items()
    }
    graph = Graph(known)

    def reached(names: Iterable[str]) -> set[str]:
        return graph.reached(["app", *names])[0]

    sources = {path for path in modules if path.endswith(".py")}
    compiled = {pyc(path) for path in reached(()) & sources}
    before = {*modules, *data, *(libraries or {}), *compiled}
    also = before | {pyc(path) for path in sources}
    named = {
        path: Library(needed=one.needed, names=(path.rpartition("/")[2],), module=one.module)
        for path, one in (libraries or {}).items()
    }
    files = Files(
        before=frozenset(before),
        also=frozenset(also),
        modules=known,
        own=frozenset(own),
        libraries=named,
        minor=MINOR,
    )
    touched = Touched(loaded=frozenset(loaded), opened=frozenset(opened))
    trim = decide(files, reached, touched, [*keep], [*drop])
    return {trim.moved.get(path, path) for path in also - trim.left_out}, trim


APP = {"app.py", pyc("app.py")}


class TestModules:
    def test_one_that_an_event_imported_is_bytecode_alone(self) -> None:
        """Its bytecode takes the place of its source."""
        ships, trim = trimmed({"app.py": ["lib"], "lib.py": []}, loaded=[pyc("lib.py")])
        assert ships == APP | {"lib.pyc"}
        assert trim.moved == {pyc("lib.py"): "lib.pyc"}

    def test_one_that_is_only_reached_is_source_alone(self) -> None:
        """No event imported it, so its first import may compile it."""
        ships, _ = trimmed({"app.py": ["lib"], "lib.py": []})
        assert ships == APP | {"lib.py"}

    def test_one_that_nothing_reaches_goes(self) -> None:
        """Neither a statement nor an event knows it."""
        ships, _ = trimmed({"app.py": [], "lib.py": ["other"], "other.py": []})
        assert ships == APP

    def test_one_that_an_event_imported_by_name_stays_with_what_it_imports(self) -> None:
        """No statement leads there, and its own statements count all the same."""
        modules = {"app.py": [], "plug/__init__.py": [], "plug/in.py": ["rare"], "rare.py": []}
        ships, _ = trimmed(modules, loaded=["plug/__init__.py", "plug/in.py"])
        assert ships == APP | {"plug/__init__.pyc", "plug/in.pyc", "rare.py"}

    def test_packages_of_what_stays_stay(self) -> None:
        """A module is not imported without the packages that it lies in."""
        modules: dict[str, list[str]] = {"app.py": ["a.b.c"], "a/b/c.py": []}
        modules |= {"a/__init__.py": [], "a/b/__init__.py": [], "a/other.py": []}
        ships, _ = trimmed(modules)
        assert ships == APP | {"a/__init__.py", "a/b/__init__.py", "a/b/c.py"}

    def test_one_whose_source_was_read_keeps_it(self) -> None:
        """As ``inspect.getsource`` reads it; its bytecode stays valid next to it."""
        loaded, opened = [pyc("lib.py")], ["lib.py"]
        ships, _ = trimmed({"app.py": ["lib"], "lib.py": []}, loaded=loaded, opened=opened)
        assert ships == APP | {"lib.py", pyc("lib.py")}

    def test_one_that_a_loader_wants_the_source_of_keeps_it(self) -> None:
        """There was bytecode, and the source was imported: some loader changes what it says."""
        ships, _ = trimmed({"app.py": ["lib"], "lib.py": []}, loaded=["lib.py"])
        assert ships == APP | {"lib.py", pyc("lib.py")}

    def test_the_functions_own_keep_their_sources(self) -> None:
        """So that what is edited in Lambda's console runs."""
        modules = {"app.py": ["mine"], "mine.py": [], "unused.py": []}
        own = ["app.py", "mine.py", "unused.py"]
        ships, _ = trimmed(modules, loaded=[pyc("mine.py")], own=own)
        assert ships == APP | {"mine.py", pyc("mine.py")}

    def test_one_that_cannot_be_read_keeps_its_package(self) -> None:
        """It counts as importing everything next to it."""
        modules: dict[str, list[str]] = {"app.py": ["a.odd"], "a/__init__.py": [], "a/odd.py": []}
        modules |= {"a/x.py": ["far"], "far.py": [], "b.py": []}
        ships, _ = trimmed(modules, broken=["a/odd.py"])
        assert ships == APP | {"a/__init__.py", "a/odd.py", "a/x.py", "far.py"}

    def test_cycles_end(self) -> None:
        """Two modules that import each other are both reached."""
        ships, _ = trimmed({"app.py": ["a"], "a.py": ["b"], "b.py": ["a"]})
        assert ships == APP | {"a.py", "b.py"}

    def test_bytecode_never_takes_the_place_of_a_file(self) -> None:
        """A distribution that ships ``lib.pyc`` itself keeps all it has."""
        loaded = [pyc("lib.py")]
        ships, _ = trimmed({"app.py": ["lib"], "lib.py": []}, data=["lib.pyc"], loaded=loaded)
        assert ships == APP | {"lib.py", "lib.pyc", pyc("lib.py")}

    def test_a_source_that_nobody_could_import_is_data(self) -> None:
        """Its name is not an identifier."""
        ships, _ = trimmed({"app.py": [], "skeleton/my-app.py": []})
        assert ships == APP | {"skeleton/my-app.py"}


class TestLibraries:
    def test_an_extension_goes_with_what_it_alone_links_to(self) -> None:
        """And with what that links to in turn."""
        modules: dict[str, list[str]] = {"app.py": ["a"], "a.so": [], "b.so": []}
        libraries = {
            "a.so": library("libshared.so", module=True),
            "b.so": library("libb.so", "libshared.so", module=True),
            "x.libs/libb.so": library("libdeep.so"),
            "x.libs/libdeep.so": library(),
            "x.libs/libshared.so": library(),
        }
        ships, _ = trimmed(modules, libraries=libraries)
        assert ships == APP | {"a.so", "x.libs/libshared.so"}

    def test_a_library_that_nobody_links_to_stays(self) -> None:
        """It may be loaded by its name."""
        ships, _ = trimmed({"app.py": []}, libraries={"x/libplain.so": library()})
        assert ships == APP | {"x/libplain.so"}

    def test_a_mapped_library_stays(self) -> None:
        """An event had it in memory, whoever else links to it."""
        modules: dict[str, list[str]] = {"app.py": [], "b.so": []}
        libraries = {"b.so": library("libb.so", module=True), "x.libs/libb.so": library()}
        ships, _ = trimmed(modules, libraries=libraries, opened=["x.libs/libb.so"])
        assert ships == APP | {"x.libs/libb.so"}

    def test_an_extension_that_another_links_to_stays(self) -> None:
        """What a kept library needs is never left out."""
        modules: dict[str, list[str]] = {"app.py": ["a"], "a.so": [], "core.so": []}
        libraries = {"a.so": library("core.so", module=True), "core.so": library(module=True)}
        ships, _ = trimmed(modules, libraries=libraries)
        assert ships == APP | {"a.so", "core.so"}

    def test_a_program_keeps_its_libraries(self) -> None:
        """It is not a module, and it stays."""
        modules: dict[str, list[str]] = {"app.py": [], "b.so": []}
        libraries = {
            "tools/run": library("libb.so"),
            "b.so": library("libb.so", module=True),
            "x.libs/libb.so": library(),
        }
        ships, _ = trimmed(modules, libraries=libraries)
        assert ships == APP | {"tools/run", "x.libs/libb.so"}


class TestKeepAndDrop:
    def test_keep_wins(self) -> None:
        """What is kept ships as it is without events, whatever Drop says."""
        modules = {"app.py": ["lib"], "lib.py": [], "lazy.py": ["deep"], "deep.py": []}
        ships, _ = trimmed(
            modules, loaded=[pyc("lib.py")], keep=["lib.py", "lazy.py"], drop=["l*.py"]
        )
        assert ships == APP | {"lib.py", pyc("lib.py"), "lazy.py", "deep.py"}

    def test_licences_are_not_dropped(self) -> None:
        """A distribution's licences go where it goes; the function's own are its author's."""
        data = ["lib/LICENSE", "lib-1.0.dist-info/licenses/AUTHORS", "lib/data.txt", "LICENSE"]
        ships, _ = trimmed({"app.py": []}, data=data, own=["app.py", "LICENSE"], drop=["**"])
        assert ships == {"lib/LICENSE", "lib-1.0.dist-info/licenses/AUTHORS"}

    def test_drop_is_obeyed(self) -> None:
        """Data, reached modules with their bytecode, and touched ones go."""
        modules = {"app.py": ["lib", "used"], "lib.py": [], "used.py": []}
        data = ["d/sample/a.csv", "d/b.csv", "x-1.dist-info/METADATA"]
        drop = ["lib.py", "used.py", "d/sample/**", "*.dist-info/METADATA"]
        ships, _ = trimmed(modules, data=data, loaded=[pyc("used.py")], drop=drop)
        assert ships == APP | {"d/b.csv"}

    def test_bytecode_is_dropped_by_the_path_it_ships_under(self) -> None:
        """The zip lists ``lib.pyc``, so that is what a person writes."""
        loaded = [pyc("lib.py")]
        ships, _ = trimmed({"app.py": ["lib"], "lib.py": []}, loaded=loaded, drop=["lib.pyc"])
        assert ships == APP

    def test_a_dropped_extension_takes_its_libraries_along(self) -> None:
        """Nothing else links to them."""
        modules: dict[str, list[str]] = {"app.py": ["b"], "b.so": []}
        libraries = {"b.so": library("libb.so", module=True), "x.libs/libb.so": library()}
        ships, _ = trimmed(modules, libraries=libraries, drop=["b.*"])
        assert ships == APP

    def test_names_the_globs_that_match_nothing(self) -> None:
        """Each of them, of both lists."""
        _, trim = trimmed({"app.py": []}, keep=["app.py", "a/**"], drop=["app", "b/*.csv"])
        assert trim.unmatched == ["a/**", "app", "b/*.csv"]


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("a/**", "a/b", True),
        ("a/**", "a/b/c.py", True),
        ("a/**", "ab/c.py", False),
        ("a/**", "a", False),
        ("**", "a/b", True),
        ("**/b.py", "b.py", True),
        ("**/b.py", "a/x/b.py", True),
        ("**/b.py", "a/xb.py", False),
        ("a/**/b.py", "a/b.py", True),
        ("a/**/b.py", "a/x/y/b.py", True),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("*", "a/b", False),
        ("a**/b", "axx/b", True),
        ("a**/b", "a/x/b", False),
        ("?.py", "a.py", True),
        ("a?b", "a/b", False),
        ("[ab].py", "a.py", True),
        ("[!ab].py", "c.py", True),
        ("[!ab].py", "a.py", False),
        ("[a-c].py", "b.py", True),
        ("[^a].py", "^.py", True),
        ("[]].py", "].py", True),
        ("[.py", "[.py", True),
        ("[z-a].py", "[z-a].py", True),
        ("x[!a]y", "x/y", False),
        ("a.py", "aXpy", False),
        ("A.py", "a.py", False),
        ("*", ".hidden", True),
        ("a/", "a/b/c", True),
        ("./a.py", "a.py", True),
        ("a+(b).py", "a+(b).py", True),
        ("é/*", "é/ü", True),
        ("a/**", "a/b\nc", True),
        ("", "a", False),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    """``**`` crosses folders as a whole name does; nothing else does."""
    assert bool(pattern(glob).fullmatch(path)) is expected
    assert matches([glob], [path]) is expected


def test_a_layer_keeps_the_source_of_bytecode_that_replaces_it_in_a_zip() -> None:
    modules: dict[str, list[str]] = {"app.py": ["lib"], "lib.py": [], "other.py": []}
    _, trim = trimmed(modules, loaded=["app.py", pyc("lib.py")])
    assert "lib.py" in trim.left_out
    needed = trim.needed(["lib.py", pyc("lib.py"), "other.py", pyc("other.py"), "data"])
    assert needed == {"lib.py", pyc("lib.py"), "data"}


def test_names_of_modules_are_those_of_the_graph() -> None:
    """Extension and source of one name are one module."""
    assert module_name("a/b.cpython-313-x86_64-linux-gnu.so") == module_name("a/b.py")
