"""Two distributions that ship the same paths."""

import json
from pathlib import Path

import pytest

from shorts.artifact import manifest
from tests.conftest import Shorts, require, write_wheel
from tests.integration.test_slimming import build, names, zipped

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")

Files = dict[str, str | bytes]
NAMESPACE = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


@pytest.fixture
def both(function: Path, wheels: Path, shorts: Shorts):  # type: ignore[no-untyped-def]
    """Build a function that requires two distributions, and return what is warned of."""

    def run(one: Files, two: Files, *requirements: str, requires: str = "", app: str = "") -> str:
        metadata = f"Requires-Dist: {requires}\n" if requires else ""
        write_wheel(wheels, "first", {"first.py": "", **one}, metadata=metadata)
        write_wheel(wheels, "second", {"second.py": "", **two})
        require(function, *(requirements or ("first", "second")))
        code = f"{app}\ndef handler(event, context):\n    pass\n"
        (function / "fn" / "app.py").write_text(code)
        said = build(shorts, function)
        return "\n".join(line for line in said.splitlines() if line.startswith("warning"))

    return run


WARNING = (
    "warning: {0} and {1} both install {2}, with different content. The zip holds that of {1}, "
    "which comes later in the requirements. Leave one of them out, or change their order."
)


@pytest.mark.parametrize(
    ("order", "text"), [(("first", "second"), b"X = 2\n"), (("second", "first"), b"X = 1\n")]
)
def test_the_later_requirement_wins(both, function: Path, order: tuple[str, str], text) -> None:  # type: ignore[no-untyped-def]
    """A module of both comes from the one that the requirements name last, and that is said."""
    said = both({"shared.py": "X = 1\n"}, {"shared.py": "X = 2\n"}, *order)
    assert said == WARNING.format(*order, "shared.py")
    assert zipped(function)["shared.py"] == text


def test_what_a_distribution_requires_comes_before_it(both, function: Path) -> None:  # type: ignore[no-untyped-def]
    """A distribution that requires the other one wins, as if it were installed after it."""
    files = {"base/__init__.py": "X = 1\n", "base/core.py": "X = 1\n", "base/first.py": ""}
    said = both(files, {**files, "base/core.py": "X = 2\n", "base/two.py": ""}, requires="second")
    assert said == WARNING.format("second", "first", "base/core.py")
    assert zipped(function)["base/core.py"] == b"X = 1\n"
    assert {"base/first.py", "base/two.py"} <= names(function)


def test_a_package_of_both_comes_from_one(both, function: Path, shorts: Shorts) -> None:  # type: ignore[no-untyped-def]
    """It is never mixed; its RECORD, the manifest and the bill of materials say from which."""
    one = {"cv/__init__.py": "from cv import core, a\n", "cv/core.py": "X = 1\n", "cv/a.py": ""}
    two = {"cv/__init__.py": "from cv import core, b\n", "cv/core.py": "X = 2\n", "cv/b.py": ""}
    assert both(one, two, app="import cv") == WARNING.format("first", "second", "the package cv")
    assert {name for name in names(function) if "cv" in name} == {*two}
    found = zipped(function)
    assert b"cv/" not in found["first-1.0.dist-info/RECORD"]
    assert b"cv/b.py" in found["second-1.0.dist-info/RECORD"]
    folder = function / ".aws-sam" / "build"
    left = manifest.decode((folder / "F.manifest.json").read_bytes()).left_out
    assert [(one.of, one.paths) for one in left if one.rule == "second installs it too"] == [
        ("first", ["cv/__init__.py", "cv/a.py", "cv/core.py"])
    ]
    bill = json.loads((folder / "F.cdx.json").read_text())
    said = {one["name"]: one.get("properties", []) for one in bill["components"]}
    assert {"name": "shorts:overridden", "value": "cv by second"} in said["first"]
    assert "unchanged" in shorts(["build"], function).stdout
    assert shorts(["size", "F"], function).returncode == 0


@pytest.mark.parametrize("user", ["app", "first"])
def test_a_package_that_is_needed_from_both(both, function: Path, user: str) -> None:  # type: ignore[no-untyped-def]
    """Where a program imports from it what only one has, it holds all that either has."""
    one: Files = {"common/__init__.py": "X = 1\n", "common/one.py": ""}
    if user == "first":
        one["own.py"] = "import common.one\n"
    two: Files = {"common/__init__.py": "X = 2\n", "common/two.py": ""}
    said = both(one, two, app="from common import one" if user == "app" else "")
    assert said == WARNING.format("first", "second", "common/__init__.py")
    assert {"common/one.py", "common/two.py"} <= names(function)


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("space/__init__.py", NAMESPACE, NAMESPACE.replace("\n", "\r\n")),
        ("space/__init__.py", NAMESPACE, f'"""Words."""\n{NAMESPACE}'),
        ("space/__init__.py", "", "# Licence\n"),
        (
            "space/__init__.py",
            "try:\n    __import__('pkg_resources').declare_namespace(__name__)\n"
            "except ImportError:\n    from pkgutil import extend_path\n"
            "    __path__ = extend_path(__path__, __name__)\n",
            NAMESPACE,
        ),
        ("space/words.txt", "a\nb\n", "a\r\nb\r\n"),
        ("tests/__init__.py", "X = 1\n", "X = 2\n"),
        ("tests/deep/test_it.py", "X = 1\n", "X = 2\n"),
        ("docs/conf.py", "X = 1\n", "X = 2\n"),
        ("examples/run.py", "X = 1\n", "X = 2\n"),
        ("LICENSE", "MIT", "BSD"),
        ("README.rst", "one", "two"),
    ],
)
def test_what_matters_to_no_program_is_not_said(  # type: ignore[no-untyped-def]
    both, function: Path, path: str, one: str, other: str
) -> None:
    """Line endings, namespaces and stray folders that nothing imports differ in silence."""
    said = both({path: one, "space/a.py": ""}, {path: other, "space/b.py": ""})
    assert said == ""
    assert zipped(function)[path] == other.encode()
    assert {"space/a.py", "space/b.py"} <= names(function)


def test_stray_tests_that_something_imports_matter(both) -> None:  # type: ignore[no-untyped-def]
    """A folder called tests at the top is a package, where something imports it."""
    files = {"tests/__init__.py": "", "tests/a.py": "X = 1\n"}
    said = both(files, {**files, "tests/a.py": "X = 2\n"}, app="import tests.a")
    assert said == WARNING.format("first", "second", "the package tests")


def test_a_namespace_is_not_taken_for_a_package(both, function: Path) -> None:  # type: ignore[no-untyped-def]
    """Only the package that both ship comes from one; what is next to it stays."""
    one = {"ns/__init__.py": NAMESPACE, "ns/x/__init__.py": "", "ns/x/a.py": "1\n", "ns/y.py": ""}
    two = {"ns/__init__.py": NAMESPACE, "ns/x/__init__.py": "", "ns/x/a.py": "2\n", "ns/z.py": ""}
    said = both(one, two)
    assert said == WARNING.format("first", "second", "the package ns/x")
    assert {"ns/y.py", "ns/z.py"} <= names(function)


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_a_file_and_a_folder_of_one_path(
    function: Path, wheels: Path, shorts: Shorts, order: tuple[str, str]
) -> None:
    """Both cannot be there; the message names the path, whichever is installed first."""
    write_wheel(wheels, "first", {"first.py": "", "shared": "text"})
    write_wheel(wheels, "second", {"second.py": "", "shared/part.py": ""})
    require(function, *order)
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "shorts: first installs shared as a file, and another distribution installs files in a "
        "folder of that name.\nRemove one of them from the requirements.\n"
    )
