"""What is built together, and builds that need no process: of functions without modules."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shorts import pipeline as builder
from shorts.artifact import former_build, manifest
from shorts.artifact import plan as units
from shorts.artifact.plan import Artifact, BuildUnit, Options, collect
from shorts.errors import ShortsError
from shorts.model import Application, Function, Layer
from shorts.system import project_state
from shorts.system.project_state import FOLDER

# Our own version, for it is found without starting one.
RUNTIME = f"python{sys.version_info[0]}.{sys.version_info[1]}"
ENDS = (".cdx.json", ".manifest.json", ".zip")
BESIDE = {name: [f"{name}{end}" for end in ENDS] for name in ("Echo", "Plot", "Nested/Plot")}
KNOWN = Artifact(key="k", size=3, unzipped=5, files=1, stamp=0, warnings=[])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application's folder, and the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHORTS_CACHE_DIR", str(tmp_path / "store"))
    for name in ("echo", "plot"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.txt").write_text(name)
    return tmp_path


def function(folder: Path, name: str, code: str = "echo", **changes: Any) -> Function:
    settings: dict[str, Any] = {
        "full_path": name,
        "runtime": RUNTIME,
        "architecture": "x86_64",
        # A module that is there without any of the function's own.
        "handler": "json.loads",
        "code_uri": str(folder / code),
        "package_type": "Zip",
        "build_method": "",
        "memory": 128,
        "timeout": 3,
        "variables": {},
        "logging": {},
    }
    return Function(name=name, **{**settings, **changes})


def application(folder: Path, *functions: Function, **changes: Any) -> Application:
    settings: dict[str, Any] = {
        "template": str(folder / "template.yaml"),
        "build_dir": str(folder / ".aws-sam/build"),
        "manifest": None,
        "templates": {"template.yaml": "Resources: {}\n"},
        "notes": [],
    }
    return Application(functions=list(functions), **{**settings, **changes})


def path(unit: BuildUnit) -> Path | None:
    return unit.manifest.path if unit.manifest else None


def names(units: list[BuildUnit]) -> list[list[str]]:
    return [unit.full_paths for unit in units]


def key(folder: Path, **changes: Any) -> str:
    (unit,) = collect(application(folder, function(folder, "Echo", **changes)))
    return unit.key


def test_functions_of_one_folder_are_one_unit(folder: Path) -> None:
    """Functions that share code, target and build method are one build, in order."""
    found = collect(
        application(
            folder,
            function(folder, "A"),
            function(folder, "B", "plot"),
            function(folder, "C", handler="other.handler", memory=1024, variables={"X": "y"}),
        )
    )
    assert names(found) == [["A", "C"], ["B"]]
    assert [file.path for file in found[0].tree.files] == ["data.txt"]
    assert str(found[0].target) == f"{RUNTIME} on x86_64"
    assert found[0].manifest is None


def test_another_target_or_method_is_another_unit(folder: Path) -> None:
    """Another architecture, runtime or build method is another build of the same folder."""
    found = collect(
        application(
            folder,
            function(folder, "A"),
            function(folder, "B", architecture="arm64"),
            function(folder, "C", runtime="python3.14"),
            function(folder, "D", build_method="python-uv"),
        )
    )
    assert names(found) == [["A"], ["B"], ["C"], ["D"]]


def test_each_folder_is_read_once(folder: Path) -> None:
    """Units of one folder hold the same tree, not two that were read at different times."""
    one, two = collect(
        application(folder, function(folder, "A"), function(folder, "B", architecture="arm64"))
    )
    assert one.tree is two.tree


def test_the_key_is_of_what_the_zip_depends_on(folder: Path) -> None:
    """Code, requirements, lock, target and handler change the key."""
    keys = [key(folder), key(folder, handler="b.c"), key(folder, architecture="arm64")]
    keys.append(key(folder, runtime="python3.14"))
    (folder / "echo/data.txt").write_text("changed")
    keys.append(key(folder))
    (folder / "echo/requirements.txt").write_text("six\n")
    keys.append(key(folder))
    (folder / "echo/requirements.lock").write_text("six==1\n")
    keys.append(key(folder))
    (folder / "echo/requirements.lock").write_text("six==2\n")
    keys.append(key(folder))
    assert len(set(keys)) == len(keys)


def test_the_key_is_not_of_what_the_zip_does_not_hold(folder: Path) -> None:
    """A function's name, memory, timeout, variables and logging do not change the key."""
    changed: dict[str, Any] = {"memory": 1024, "timeout": 30, "variables": {"A": "b"}}
    assert key(folder) == key(folder, logging={"LogFormat": "JSON"}, full_path="N/Echo", **changed)
    shared = collect(application(folder, function(folder, "A"), function(folder, "B")))
    assert [unit.key for unit in shared] == [key(folder)]


def test_every_handler_of_a_unit_counts(folder: Path) -> None:
    """A second handler in the same zip changes its key; the order of the two does not."""
    one, two = function(folder, "A"), function(folder, "B", handler="b.handler")
    (both,) = collect(application(folder, one, two))
    (turned,) = collect(application(folder, two, one))
    assert both.key == turned.key != key(folder)


def test_a_named_manifest_is_everybodys(folder: Path) -> None:
    """A manifest that the application names takes the place of each function's own."""
    (folder / "shared.txt").write_text("six\n")
    (folder / "echo/requirements.txt").write_text("idna\n")
    functions = [function(folder, "A"), function(folder, "B", "plot")]
    found = collect(application(folder, *functions, manifest=str(folder / "shared.txt")))
    assert [path(unit) for unit in found] == [folder / "shared.txt"] * 2
    own = collect(application(folder, *functions))
    assert [path(unit) for unit in own] == [folder / "echo/requirements.txt", None]


def layer(folder: Path, name: str = "L", code: str = "echo", **changes: Any) -> Layer:
    settings = {"architecture": "x86_64", "build_method": RUNTIME, **changes}
    return Layer(full_path=name, name=name, code_uri=str(folder / code), **settings)


def test_a_layer_is_a_unit_of_its_own(folder: Path) -> None:
    """A layer of a function's folder is another build: its paths begin with `python/`."""
    one, two = collect(application(folder, function(folder, "A"), layers=[layer(folder)]))
    assert (one.full_paths, one.prefix, one.handlers) == (["A"], "", frozenset({"json"}))
    assert (two.full_paths, two.prefix, two.handlers) == (["L"], "python/", None)
    assert one.key != two.key
    assert one.tree is two.tree


def test_a_makefiles_output_needs_nothing(folder: Path) -> None:
    """What a Makefile has made holds its requirements already, whatever it lists."""
    (folder / "echo/requirements.txt").write_text("six\n")
    (folder / "echo/venv").mkdir()
    (folder / "echo/venv/kept.txt").touch()
    made = function(folder, "M", build_method="makefile")
    (unit,) = collect(application(folder), [made])
    assert (unit.manifest, unit.installed) == (None, True)
    assert [file.path for file in unit.tree.files] == [
        "data.txt",
        "requirements.txt",
        "venv/kept.txt",
    ]


def test_only_functions_that_list_nothing_are_inferred(folder: Path) -> None:
    """In a project with a lock, neither a layer nor a Makefile's output takes a part of it."""
    (folder / "requirements.lock").write_text("six==1 --hash=sha256:" + "0" * 64 + "\n")
    (folder / "plot/requirements.txt").write_text("idna\n")
    functions = [function(folder, "A"), function(folder, "B", "plot")]
    told = application(folder, *functions, layers=[layer(folder)])
    found = collect(told, [function(folder, "M", build_method="makefile")])
    assert {unit.full_paths[0]: (unit.inferred, path(unit)) for unit in found} == {
        "A": (True, folder / "requirements.lock"),
        "B": (False, folder / "plot/requirements.txt"),
        "L": (False, None),
        "M": (False, None),
    }


def test_a_package_of_parents_is_another_unit(folder: Path) -> None:
    """The same code in another folder of the zip is another build."""
    one, two = function(folder, "A"), function(folder, "B", package="a/b/")
    assert names(collect(application(folder, one, two))) == [["A"], ["B"]]


def test_the_build_folder_is_no_code(folder: Path) -> None:
    """A build folder inside the code, or one in the making next to it, is not packed."""
    for name in ("out", ".out.123", "other/out"):
        (folder / "echo" / name).mkdir(parents=True)
        (folder / "echo" / name / "x.txt").touch()
    told = application(folder, function(folder, "A"), build_dir=str(folder / "echo/out"))
    (unit,) = collect(told)
    assert [file.path for file in unit.tree.files] == ["data.txt", "other/out/x.txt"]
    assert unit.tree.left_out == [".out.123", "out"]


@pytest.mark.parametrize("method", ["", "python3.13", "python-uv"])
def test_takes_every_way_to_say_python(folder: Path, method: str) -> None:
    """A build method of Python's own is ours."""
    assert names(collect(application(folder, function(folder, "A", build_method=method)))) == [
        ["A"]
    ]


def test_refuses_a_python_that_lambda_has_not(folder: Path) -> None:
    """A runtime that is Python and unknown is named with those that are known."""
    with pytest.raises(ShortsError, match=r"^python2\.7 is not a runtime that shorts builds for: "):
        collect(application(folder, function(folder, "A", runtime="python2.7")))


def test_refuses_a_folder_that_is_not_there(folder: Path) -> None:
    """A CodeUri that leads nowhere is refused."""
    with pytest.raises(ShortsError, match=r": CodeUri `gone/` not found\.$"):
        collect(application(folder, function(folder, "A", "gone")))


def remembered(tmp_path: Path, **artifacts: Artifact) -> dict[str, Artifact]:
    place = tmp_path / "memory.json"
    project_state.keep(place, artifacts)
    return former_build.untouched(project_state.recall(place, dict[str, Artifact]) or {}, tmp_path)


def laid(tmp_path: Path) -> tuple[list[Path], Artifact]:
    """A zip and what lies next to it, all of one time, and what is remembered of them."""
    paths = [tmp_path / name for name in ("Echo.zip", *units.sidecar_names("Echo"))]
    for path in paths:
        path.write_bytes(b"zip")
    stamp = paths[0].stat().st_mtime_ns
    for path in paths:
        os.utime(path, ns=(stamp, stamp))
    return paths, msgspec.structs.replace(KNOWN, stamp=stamp)


def test_knows_what_is_untouched(tmp_path: Path) -> None:
    """An artifact of the same size and time is known; one that is gone is not."""
    _, known = laid(tmp_path)
    assert remembered(tmp_path, Echo=known, Plot=known) == {"Echo": known}


@pytest.mark.parametrize("which", range(3))
def test_does_not_know_what_was_touched(tmp_path: Path, which: int) -> None:
    """Another time of a zip or of what lies next to it makes an artifact unknown."""
    paths, known = laid(tmp_path)
    os.utime(paths[which], ns=(known.stamp, known.stamp + 1))
    assert remembered(tmp_path, Echo=known) == {}
    paths[which].unlink()
    assert remembered(tmp_path, Echo=known) == {}


def test_does_not_know_another_size(tmp_path: Path) -> None:
    """Another size makes an artifact unknown, though its time is the same."""
    (zipped, *_), known = laid(tmp_path)
    zipped.write_bytes(b"zipped")
    os.utime(zipped, ns=(known.stamp, known.stamp))
    assert remembered(tmp_path, Echo=known) == {}


@pytest.mark.parametrize("text", [None, b"", b"{", b"[]", b'{"Echo": {"key": 1}}', b"\0"])
def test_a_memory_that_cannot_be_read_knows_nothing(tmp_path: Path, text: bytes | None) -> None:
    """A missing, truncated or foreign memory is as good as none."""
    if text is not None:
        (tmp_path / "memory.json").write_bytes(text)
    assert project_state.recall(tmp_path / "memory.json", dict[str, Artifact]) is None


def built(folder: Path, *functions: Function, **changes: Any) -> dict[str, Artifact]:
    told = application(folder, *functions, **changes)
    return builder.build(told, Options(), lambda line: None).artifacts


def listed(folder: Path) -> list[str]:
    place = folder / ".aws-sam/build"
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def test_builds_zips_and_templates(folder: Path) -> None:
    """The build folder holds a function's three files and the templates; nothing is next to it."""
    found = built(
        folder,
        function(folder, "Echo"),
        function(folder, "Plot", "plot", full_path="Nested/Plot"),
        templates={"template.yaml": "é: 1\n", "Nested/template.yaml": "b: 2\n"},
    )
    names = [*BESIDE["Echo"], *BESIDE["Nested/Plot"]]
    assert listed(folder) == [*names, "Nested/template.yaml", "template.yaml"]
    assert list(found) == ["Echo", "Nested/Plot"]
    assert all(one.fresh for one in found.values())
    with zipfile.ZipFile(folder / ".aws-sam/build/Nested/Plot.zip") as opened:
        assert opened.testzip() is None
        assert opened.read("data.txt") == b"plot"
    assert (folder / ".aws-sam/build/template.yaml").read_text(encoding="utf-8") == "é: 1\n"
    assert sorted(path.name for path in (folder / ".aws-sam").iterdir()) == ["build", "shorts"]


def test_an_unchanged_application_is_left_alone(folder: Path) -> None:
    """A second build of the same writes nothing and says that nothing is new."""
    first = built(folder, function(folder, "Echo"))
    before = (folder / ".aws-sam/build").stat()
    second = built(folder, function(folder, "Echo"))
    after = (folder / ".aws-sam/build").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [one.fresh for one in second.values()] == [False]
    assert second["Echo"].size == first["Echo"].size


def test_only_what_changed_is_built(folder: Path) -> None:
    """A changed function is built again, and the other's zip stays the same file."""
    functions = [function(folder, "Echo"), function(folder, "Plot", "plot")]
    built(folder, *functions)
    kept = (folder / ".aws-sam/build/Echo.zip").stat().st_ino
    (folder / "plot/data.txt").write_text("changed")
    found = built(folder, *functions)
    assert {name: one.fresh for name, one in found.items()} == {"Echo": False, "Plot": True}
    assert (folder / ".aws-sam/build/Echo.zip").stat().st_ino == kept


@pytest.mark.parametrize("touched", [*BESIDE["Echo"], "template.yaml", "stray.txt"])
def test_a_touched_build_folder_is_mended(folder: Path, touched: str) -> None:
    """A zip that was changed, a template that was edited or a stray file does not stay."""
    built(folder, function(folder, "Echo"))
    place = folder / ".aws-sam/build"
    before = {name: (place / name).read_bytes() for name in BESIDE["Echo"]}
    (place / touched).write_bytes(b"touched")
    built(folder, function(folder, "Echo"))
    assert listed(folder) == [*BESIDE["Echo"], "template.yaml"]
    assert {name: (place / name).read_bytes() for name in BESIDE["Echo"]} == before
    assert (place / "template.yaml").read_text() == "Resources: {}\n"


def test_functions_that_are_gone_leave_no_zip(folder: Path) -> None:
    """A function that is no longer in the template is no longer in the build folder."""
    built(folder, function(folder, "Echo"), function(folder, "Plot", "plot"))
    built(folder, function(folder, "Plot", "plot"))
    assert listed(folder) == [*BESIDE["Plot"], "template.yaml"]


def test_functions_of_one_unit_share_a_file(folder: Path) -> None:
    """Functions that are one build are one file under two names, also if one comes later."""
    echo, other = function(folder, "Echo"), function(folder, "Other")
    built(folder, echo)
    found = built(folder, echo, other)
    assert [one.fresh for one in found.values()] == [False, False]
    zips = [(folder / ".aws-sam/build" / name).stat().st_ino for name in ("Echo.zip", "Other.zip")]
    assert zips[0] == zips[1]
    said = [
        manifest.decode((folder / f".aws-sam/build/{name}.manifest.json").read_bytes())
        for name in ("Echo", "Other")
    ]
    assert [(one.name, one.zip.path) for one in said] == [
        ("Echo", "Echo.zip"),
        ("Other", "Other.zip"),
    ]


def test_the_same_code_in_two_folders_is_one_zip(folder: Path) -> None:
    """Folders with the same content are built once; a function that is renamed not at all."""
    (folder / "plot/data.txt").write_text("echo")
    found = built(folder, function(folder, "Echo"), function(folder, "Plot", "plot"))
    assert found["Echo"] is found["Plot"]
    place = (folder / ".aws-sam/build/Echo.zip").stat().st_ino
    assert (folder / ".aws-sam/build/Plot.zip").stat().st_ino == place
    assert not built(folder, function(folder, "Other"))["Other"].fresh
    assert (folder / ".aws-sam/build/Other.zip").stat().st_ino == place


def test_a_failed_build_changes_nothing(folder: Path) -> None:
    """When a function cannot be built, the former build is as it was and nothing is left over."""
    built(folder, function(folder, "Echo"))
    before = (folder / ".aws-sam/build/Echo.zip").read_bytes()
    (folder / "echo/data.txt").write_text("changed")
    (folder / "plot/requirements.txt").write_text("six\n")
    (folder / "plot/requirements.lock").write_text("six\n")
    with pytest.raises(ShortsError, match="'six' is not an exact requirement"):
        built(folder, function(folder, "Echo"), function(folder, "Plot", "plot"))
    assert listed(folder) == [*BESIDE["Echo"], "template.yaml"]
    assert (folder / ".aws-sam/build/Echo.zip").read_bytes() == before
    assert sorted(path.name for path in (folder / ".aws-sam").iterdir()) == ["build", "shorts"]


def test_what_an_ended_build_left_is_not_taken_over(folder: Path) -> None:
    """What a killed build of the same process number left behind gets into no later build."""
    stage = folder / f".aws-sam/.build.{os.getpid()}"
    stage.mkdir(parents=True)
    (stage / "Stale.zip").write_bytes(b"stale")
    built(folder, function(folder, "Echo"))
    assert listed(folder) == [*BESIDE["Echo"], "template.yaml"]


def test_build_folders_are_remembered_apart(folder: Path) -> None:
    """Two build folders of one application do not take each other's artifacts for their own."""
    for name in ("one", "two"):
        found = built(folder, function(folder, "Echo"), build_dir=str(folder / name))
        assert found["Echo"].fresh
    assert len(list((folder / FOLDER).glob("artifacts-*.json"))) == 2
