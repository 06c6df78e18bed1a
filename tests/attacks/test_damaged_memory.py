"""Memory that was damaged: whatever lies under `.aws-sam/shorts`, a build makes the same zips."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shorts.system.project_state import FOLDER
from tests.conftest import Shorts, write_wheel

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {Shorts: {Events: [event.json]}}
    Properties:
      CodeUri: fn
      Handler: app.handler
      Runtime: python3.13
      Timeout: 20
      Layers: [!Ref L]
  G:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: other, Handler: app.handler, Runtime: python3.13}
  L:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.13]}
"""


def _write(content: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(content), None)[1]


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _drop_a_line(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-len(content) // 3] ^= 1
    path.write_bytes(content)


def _shorten(path: Path) -> None:
    """Leave the form as it is, and of a list or a text that it holds one item or line less."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\\n", b"", 1).replace(b',"', b'"', 1))


def _swap(path: Path) -> None:
    """Put another file of the same folder in its place, or its own content twice."""
    others = [one for one in path.parent.iterdir() if one.suffix == path.suffix and one != path]
    path.write_bytes(others[0].read_bytes() if others else path.read_bytes() * 2)


def _instead(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": _write(b""),
    "random": _write(bytes(range(256)) * 9),
    "not UTF-8": _write(b'{"a": "\xff\xfe"}'),
    "deep": _write(b"[" * 20_000 + b"]" * 20_000),
    "another form": _write(b'{"Echo": [1, null]}'),
    "a list": _write(b"[]"),
    "truncated": _truncate,
    "a line less": _drop_a_line,
    "a bit": _flip,
    "shortened": _shorten,
    "another's": _swap,
    "gone": _instead(lambda path: None),
    "a folder": _instead(lambda path: path.mkdir()),
    "a full folder": _instead(lambda path: (path / "x").mkdir(parents=True)),
    "a pipe": _instead(os.mkfifo),
    "a link to nothing": _instead(lambda path: path.symlink_to("nothing")),
    "a link to zeros": _instead(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": _instead(lambda path: path.symlink_to(path.name)),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shorts: Shorts) -> tuple[Path, Path]:
    """Return an application that was built with events, a lock and a layer, and its store."""
    root = tmp_path_factory.mktemp("damaged")
    folder = root / "app"
    for name in ("fn", "other", "layer"):
        (folder / name).mkdir(parents=True)
    source = "import one\nimport two\n\ndef handler(event, context):\n    return one.X + two.X\n"
    for name in ("fn", "other"):
        (folder / name / "app.py").write_text(source)
        lines = ["--no-index", "--find-links ../wheels", "one", "two"]
        (folder / name / "requirements.txt").write_text("\n".join(lines))
    (folder / "layer" / "more.py").write_text("X = 1\n")
    (folder / "event.json").write_text("{}")
    (folder / "template.yaml").write_text(TEMPLATE)
    for name in ("one", "two"):
        write_wheel(
            folder / "wheels", name, {f"{name}.py": "X = 1\n", f"{name}_more.py": "Y = 1\n"}
        )
    for arguments in (["build"], ["local", "invoke", "G"], ["local", "invoke", "F"]):
        done = shorts(arguments, folder, SHORTS_CACHE_DIR=str(root / "store"))
        assert done.returncode == 0, done.stderr
    return folder, root / "store"


def zips(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / ".aws-sam" / "build").glob("*.zip")}


def copied(built: tuple[Path, Path], to: Path) -> Path:
    """Return a fresh copy at the same path: what is remembered holds for that path alone."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(built[0], to, symlinks=True)
    return to


def test_every_kind_of_file_is_there(built: tuple[Path, Path]) -> None:
    """What the damages are done to is all that a build and an invocation leave."""
    memory = built[0] / FOLDER
    kinds = {
        path.relative_to(memory).as_posix().partition("-")[0]
        for path in memory.rglob("*")
        if path.is_file() and not {"tasks", "layers"} & {*path.relative_to(memory).parts}
    }
    suffixes = {path.suffix for path in (memory / "locks").iterdir()}
    assert {"build", "invoke", "artifacts", "lock"} <= kinds
    assert any(kind.startswith("proofs/F") for kind in kinds)
    assert suffixes == {".lock", ".json"}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_build_from_damaged_memory_makes_the_same_zips(
    built: tuple[Path, Path], shorts: Shorts, damage: str
) -> None:
    """Every file is damaged at once: what it held is found out again, or it is named."""
    folder, store = built
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside, symlinks=True)
    before = zips(folder)
    try:
        files = [path for path in sorted((folder / FOLDER).rglob("*")) if path.is_file()]
        for path in files:
            if "tasks" not in path.parts and "layers" not in path.parts and path.name != "lock":
                DAMAGES[damage](path)
        shutil.rmtree(folder / ".aws-sam" / "build")
        done = shorts(["build"], folder, SHORTS_CACHE_DIR=str(store))
        assert done.returncode == 0, done.stderr
        assert zips(folder) == before
        done = shorts(["build"], folder, SHORTS_CACHE_DIR=str(store))
        assert done.returncode == 0, done.stderr
        assert zips(folder) == before
    finally:
        shutil.rmtree(folder)
        aside.rename(folder)


def test_a_shorter_lock_is_not_believed(built: tuple[Path, Path], shorts: Shorts) -> None:
    """Resolutions that lost a pin, in the very form that is read, do not make a shorter zip."""
    folder, store = built
    before = zips(folder)
    for path in (folder / FOLDER / "locks").iterdir():
        digest, _, content = path.read_bytes().partition(b"\n")
        held = json.loads(content)
        shorter = held[:-1] if isinstance(held, list) else "\n".join(held.splitlines()[:-1])
        path.write_bytes(digest + b"\n" + json.dumps(shorter).encode())
    shutil.rmtree(folder / ".aws-sam" / "build")
    done = shorts(["build"], folder, SHORTS_CACHE_DIR=str(store))
    assert done.returncode == 0, done.stderr
    assert zips(folder) == before


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("name", ["lock", "."])
def test_what_is_in_the_place_of_the_lock_or_the_folder_is_named(
    function: Path, shorts: Shorts, name: str, make: Callable[[Path], None]
) -> None:
    """Builds take turns by a file; where it cannot be one, or not in a folder, that is said."""
    place = function / FOLDER / name
    place.parent.mkdir(parents=True, exist_ok=True)
    make(place)
    done = shorts(["build"], function)
    if done.returncode:
        assert done.returncode == 1
        assert ".aws-sam/shorts" in done.stderr
    else:  # an empty folder is where it belongs
        assert place.is_dir()


@pytest.mark.parametrize("damage", sorted({*DAMAGES} - {"another's"}))
def test_what_was_unpacked_is_unpacked_again(
    built: tuple[Path, Path], shorts: Shorts, damage: str
) -> None:
    """A function runs as it was built, whatever became of the folder that it was unpacked in."""
    folder, store = built
    tasks = [path for path in (folder / FOLDER / "tasks").rglob("app.py") if path.is_file()]
    assert tasks
    for path in tasks:
        DAMAGES[damage](path)
    done = shorts(["local", "invoke", "G"], folder, SHORTS_CACHE_DIR=str(store))
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
