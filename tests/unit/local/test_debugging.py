"""Which function has which debugger, and how an editor attaches to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shorts.emulator.debugger import Debugger
from shorts.errors import ShortsError
from shorts.local import debugging
from shorts.model import Debugging, Function, Settings
from tests import records


def function(name: str, code: str = "/app/fn", **changes: object) -> Function:
    return records.function(name, **{"code_uri": code, "folder": "/app", **changes})


F, G, H = function("F"), function("G"), function("Stack/H")


def test_gives_each_function_a_port() -> None:
    """Functions get the given ports in turn, and those above the last one."""
    found = debugging.debuggers_of([F, G, H], Debugging(ports=[5678, 6000]))
    assert {name: one.port for name, one in found.items()} == {
        "F": 5678,
        "G": 6000,
        "Stack/H": 6001,
    }
    assert debugging.debuggers_of([F, G], Debugging()) == {}


@pytest.mark.parametrize("name", ["H", "Stack/H"])
def test_debugs_one_function(name: str) -> None:
    """A function is named by its logical id or its path."""
    found = debugging.debuggers_of([F, G, H], Debugging(ports=[1], function=name))
    assert found == {"Stack/H": Debugger(1, None, ())}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Debugging(ports=[0]), "--debug-port 0: a port is a number from 1 to 65535."),
        (Debugging(ports=[65535]), "--debug-port 65536: a port is a number from 1 to 65535."),
        (Debugging(ports=[1], function="X"), "--debug-function X: the functions are F, G."),
        (
            Debugging(ports=[1], path="/nowhere"),
            "--debugger-path /nowhere: there is no debugpy.\n"
            "Install it there: uv pip install --target /nowhere debugpy",
        ),
    ],
)
def test_refuses_what_does_not_exist(wrong: Debugging, message: str) -> None:
    """A port, a function and a folder must exist."""
    with pytest.raises(ShortsError) as caught:
        debugging.debuggers_of([F, G], wrong)
    assert str(caught.value) == message


def mappings(task: Path, source: Function | None) -> list[tuple[str, str]]:
    entry = json.loads(debugging.attachment(F, Debugger(1, None, ()), task, source))
    return [(one["localRoot"], one["remoteRoot"]) for one in entry["pathMappings"]]


def test_maps_the_code_of_a_function() -> None:
    """The folder of the code is mapped to where the function has it."""
    task = Path("/task")
    assert mappings(task, F) == [("/app/fn", "/task")]
    assert mappings(task, function("F", package="fn/")) == [("/app/fn", "/task/fn")]
    assert mappings(task, None) == [("/task", "/task")]


def test_maps_modules_of_source_roots(tmp_path: Path) -> None:
    """With modules of source roots, each file and folder has a mapping of its own."""
    for name in ("task/app.py", "task/shared.py", "task/lib/a.py", "fn/app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("roots/shared.py", "roots/lib/a.py", "roots/unused.py", "roots/app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    source = function(
        "F",
        str(tmp_path / "fn"),
        folder=str(tmp_path),
        settings=Settings(source_roots=["roots"]),
    )
    assert mappings(tmp_path / "task", source) == [
        (f"{tmp_path}/roots/lib", f"{tmp_path}/task/lib"),
        (f"{tmp_path}/roots/shared.py", f"{tmp_path}/task/shared.py"),
        (f"{tmp_path}/fn/app.py", f"{tmp_path}/task/app.py"),
    ]


def test_runs_from_the_same_folder_after_each_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unpacked is linked into one folder, which has no older file."""
    monkeypatch.chdir(tmp_path)
    places = []
    for turn in ("one", "two"):
        task = tmp_path / turn
        task.mkdir()
        (task / f"{turn}.py").write_text(turn)
        place = debugging.steady(F, task)
        debugging.fill(place, task)
        places.append(place)
    assert places[0] == places[1] == tmp_path / ".aws-sam" / "shorts" / "debug" / "F"
    assert [path.name for path in places[0].iterdir()] == ["two.py"]
    assert debugging.steady(F, Path(F.code_uri)) == Path(F.code_uri)
