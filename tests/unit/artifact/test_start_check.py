"""What is known of a function before its zip is written: its handler, its syntax, its imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shorts.artifact import start_check
from shorts.artifact.content import Content, FunctionCode
from shorts.artifact.handlers import starts
from shorts.artifact.plan import BuildUnit
from shorts.artifact.select import select
from shorts.errors import ShortsError
from shorts.guest import imports
from shorts.model import Function, Settings
from shorts.modules.compiler import Module, module_name
from shorts.slices.zip_format import Entry
from shorts.system import source_tree
from shorts.targets.target import Target
from tests import records

LINES = {"Handler": "template.yaml:7"}


def module(path: str, source: str) -> Module:
    """Return what the worker answers for a source."""
    package = path.endswith("__init__.py")
    try:
        found = imports.scan(source.encode(), module=module_name(path), package=package)
    except imports.Unreadable as error:
        return Module(imports=[], error=str(error).replace("<module>", path.rpartition("/")[2]))
    return Module(imports=[(one.module, one.names, one.line) for one in found])


def content(folder: Path, handler: str, **changes: Any) -> Content:
    """Return the content of a function's zip, of the sources in a folder."""
    tree = source_tree.read(folder)
    start = handler.rpartition(".")[0].replace("/", ".")
    unit = BuildUnit(
        full_paths=["F"],
        handlers=frozenset(starts(start, "", tree, [])),
        called=[handler],
        target=Target.of("python3.13", "x86_64"),
        tree=tree,
        folder="",
        prefix="",
        settings=Settings(),
        installed=False,
        roots=[],
        manifest=None,
        inferred=False,
        unread=changes.pop("unread", ""),
        layers=[],
        requirements="",
        resolved=False,
        sharing=None,
        key="k",
        own_key="k",
    )
    sources = [file for file in tree.files if file.path.endswith(".py")]
    own = FunctionCode(
        entries=[
            Entry(path=one.path, executable=False, method=0, crc=0, packed=0, size=0, offset=0)
            for one in tree.files
        ],
        blob=b"",
        modules={file.path: module(file.path, file.content.decode()) for file in sources},
        faults={},
        libraries={},
        programs=set(),
    )
    known: dict[str, Any] = {"compiled": True, **changes}
    nothing = select([], "3.13", frozenset(), list, own.modules)
    return Content(
        unit=unit,
        own=own,
        selection=nothing,
        wanted=frozenset(),
        warnings=[],
        lasting=[],
        **known,
    )


def function(handler: str, **changes: Any) -> Function:
    return records.function(handler=handler, **{"lines": LINES, **changes})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fn").mkdir()
    return tmp_path / "fn"


def write(folder: Path, **sources: str) -> None:
    for name, source in sources.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)


def checked(folder: Path, handler: str = "app.handler", **changes: Any) -> list[str]:
    """Return the lines of the refusal, or the warnings."""
    variables = changes.pop("variables", {})
    made = content(folder, handler, **changes)
    try:
        found = start_check.checked([made], {"F": function(handler, variables=variables)})
    except ShortsError as error:
        return str(error).splitlines()
    return found["k"].lasting


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("app.handler", []),
        ("app.handle", ["fn/app.py has no `handle` (template.yaml:7). Did you mean `handler`?"]),
        ("app.run", ["fn/app.py has no `run` (template.yaml:7)."]),
        ("main.handler", ["there is no module `main` in fn/ (template.yaml:7)."]),
        ("pkg/part.run", []),
        ("pkg.part.run", []),
        ("pkg.run", ["fn/pkg/__init__.py has no `run` (template.yaml:7)."]),
        ("json.loads", []),
    ],
)
def test_a_handler_has_to_be_there(folder: Path, handler: str, said: list[str]) -> None:
    """A module or a function that does not exist is refused, with the template's line."""
    write(folder, app="def handler(*_): ...\n", pkg__in____init__="", pkg__in__part="run = print\n")
    assert checked(folder, handler) == [f"F: Handler `{handler}`: {line}" for line in said]


def test_a_handler_names_a_module_and_a_function(folder: Path) -> None:
    """The runtime splits it at its last dot."""
    assert checked(folder, "handler") == [
        "F: Handler `handler` has to name a module and a function, such as `app.handler` "
        "(template.yaml:7)."
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": ["arn:aws:lambda:us-east-1:1:layer:Datadog:1"]},
        {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}},
        {"provided": {"datadog_lambda/handler.py": Module(imports=[])}},
    ],
    ids=["a layer that is not known", "a wrapper of the runtime", "a layer with the handler"],
)
@pytest.mark.parametrize("handler", ["datadog_lambda.handler.handler"])
def test_a_handler_may_be_elsewhere(folder: Path, handler: str, changes: dict[str, Any]) -> None:
    """What a layer or a wrapper has is not judged."""
    write(folder, app="")
    assert checked(folder, handler, **changes) == []


def test_a_syntax_error_on_the_way_is_refused(folder: Path) -> None:
    """What the handler's module imports at its start has to be Python; all errors are told."""
    write(
        folder,
        app="import pkg.one\nfrom two import x\nhandler = print\n",
        pkg__in____init__="",
        pkg__in__one="\ndef f(:\n",
        two="x = = 1\n",
    )
    assert sorted(checked(folder)) == [
        "fn/pkg/one.py:2: invalid syntax",
        "fn/two.py:1: invalid syntax",
    ]


def test_a_syntax_error_beside_the_way_is_none(folder: Path) -> None:
    """A module for another Python may be imported under a condition, or not at all."""
    app = "import sys\nif sys.version_info < (3,):\n    import old\n"
    app += "def handler(*_):\n    import late\n"
    write(folder, app=app, old="print 1\n", late="x = = 1\n", unused="x = = 1\n")
    assert checked(folder) == []


def test_another_python_does_not_judge(folder: Path) -> None:
    """Without an interpreter of the target's version nothing is a syntax error."""
    write(folder, app="def handler(:\n")
    assert checked(folder, compiled=False) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import nowhere.at.all", [1]),
        ("import os\nif os.environ.get('LOCAL'):\n    import moto", [3]),
        ("def f():\n    from nowhere import x", [2]),
        ("try:\n    import nowhere\nexcept ImportError:\n    nowhere = None", []),
        ("import json, boto3, app, vendored", []),
        ("import typing\nif typing.TYPE_CHECKING:\n    import nowhere", []),
    ],
)
def test_an_import_that_nothing_provides(folder: Path, source: str, lines: list[int]) -> None:
    """It is a warning with its line, but for what may fail, and for what a layer may have."""
    write(folder, app=f"{source}\nhandler = print\n", vendor__in__vendored="")
    warnings = checked(folder)
    assert [int(line.split(":")[1]) for line in warnings] == lines
    assert all(line.endswith(", and nothing provides it") for line in warnings)
    assert checked(folder, unknown=["arn"]) == []


def test_many_imports_are_counted(folder: Path) -> None:
    """Ten are named; the reason why nothing was inferred comes with each."""
    write(folder, app="".join(f"import n{number}\n" for number in range(12)) + "handler = print\n")
    warnings = checked(folder, unread="pyproject.toml is no TOML")
    assert len(warnings) == 11
    assert warnings[0] == (
        "fn/app.py:1: F imports n0, and nothing provides it (pyproject.toml is no TOML)"
    )
    assert warnings[-1].startswith("F: 2 more imports that nothing provides")


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("app", {"app"}),
        ("pkg", {"pkg"}),
        ("pkg.part", {"pkg.part"}),
        ("native", {"native"}),
        ("datadog_lambda.handler", {"datadog_lambda.handler", *"app pkg pkg.part native".split()}),
        ("", {"app", "pkg", "pkg.part", "native"}),
    ],
)
def test_a_wrapper_starts_at_all_own_modules(folder: Path, handler: str, found: set[str]) -> None:
    """A handler that is not the function's own calls one that a variable names."""
    write(folder, app="", pkg__in____init__="", pkg__in__part="")
    (folder / "native.cpython-313-x86_64-linux-gnu.so").write_bytes(b"")
    assert starts(handler, "", source_tree.read(folder), []) == found
