"""Nothing that a build leaves for others names its machine, its user or its folders."""

import os
import socket
import sys
import zipfile
from pathlib import Path

import pytest

from shorts.slices import slim
from tests.conftest import Shorts, require, write_wheel

USER = "user-of-this-machine"
# A backend that names its folder wherever a real one may.
BACKEND = """
import os, zipfile

def build_wheel(out, config_settings=None, metadata_directory=None):
    name, here = "mine-1.0-py3-none-any.whl", "file://" + os.getcwd()
    with zipfile.ZipFile(os.path.join(out, name), "w") as wheel:
        info = "mine-1.0.dist-info"
        wheel.writestr("mine.py", "X = 2\\n")
        wheel.writestr(
            info + "/METADATA",
            "Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\n"
            "Requires-Dist: other[a] @ %s/other-1.0-py3-none-any.whl ; extra == 'x'\\n" % here,
        )
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/entry_points.txt", "[console_scripts]\\nmine = mine:main\\n")
        rows = ["mine.py", *(info + "/" + one for one in (
            "METADATA", "WHEEL", "entry_points.txt", "RECORD"))]
        wheel.writestr(info + "/RECORD", "".join(row + ",,\\n" for row in rows))
    return name
"""
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, Layers: [!Ref L]}}
Resources:
  L:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.13]}
    Metadata: {BuildMethod: python3.13}
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn}
    Metadata: {Shorts: {Events: [event.json], SourceRoots: [common]}}
  G:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn}
"""
APP = """\
import mine, small.core, shared, os

def handler(event, context):
    def inner():
        raise ValueError(__file__)
    return small.core.X + mine.X
"""


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with all that a zip can come from: wheels, a project, a layer, a root, an event."""
    folder = tmp_path / "folder-of-the-application"
    for name in ("fn", "layer", "common", "project"):
        (folder / name).mkdir(parents=True)
    (folder / "project" / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (folder / "project" / "backend.py").write_text(BACKEND)
    write_wheel(folder / "wheels", "small", {"small/__init__.py": "", "small/core.py": "X = 1\n"})
    (folder / "fn" / "app.py").write_text(APP)
    (folder / "common" / "shared.py").write_text("def f():\n    raise ValueError\n")
    (folder / "layer" / "layered.py").write_text("def f():\n    raise ValueError\n")
    (folder / "layer" / "requirements.txt").write_text(
        "--no-index\n--find-links ../wheels\nsmall\n"
    )
    (folder / "event.json").write_text("{}")
    (folder / "template.yaml").write_text(TEMPLATE)
    require(folder, "small", "-e ../project")
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, USER)
    return folder


def contents(build: Path) -> dict[str, bytes]:
    """Every file of a build folder, and of the zips in it, as a whole and file by file."""
    found = {}
    for path in build.rglob("*"):
        if path.is_file():
            found[path.name] = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as opened:
                for name in opened.namelist():
                    found[f"{path.name}: {name}"] = opened.read(name)
    return found


def test_no_file_names_the_machine(
    application: Path, shorts: Shorts, home: Path, tmp_path: Path
) -> None:
    """Neither zips nor what lies next to them name the host, the user or any folder."""
    store = tmp_path / "folder-of-the-store"
    done = shorts(["build"], application, SHORTS_CACHE_DIR=str(store))
    assert done.returncode == 0, done.stderr
    found = contents(application / ".aws-sam" / "build")
    names = {name.partition(": ")[2] for name in found}
    assert {"app.py", "mine.py", "shared.py", "python/layered.py"} <= names
    assert any(name.endswith(".pyc") for name in names)
    assert any(name.endswith(".manifest.json") for name in found)
    needles = [USER, tmp_path.name, application.name, store.name, str(home), sys.prefix]
    needles += [sys.base_prefix, os.getcwd(), "/tmp/", "file:", "shorts-"]
    if len(socket.gethostname()) > 3 and socket.gethostname() != "localhost":
        needles.append(socket.gethostname())
    for name, content in found.items():
        for needle in needles:
            assert needle.encode() not in content, (name, needle)


def test_what_another_machine_has_is_no_part_of_a_requirement() -> None:
    """A requirement on a folder or a wheel of a machine keeps its name, extras and marker."""
    said = (
        b"Name: a\n"
        b"Requires-Dist: b @ file:///home/me/b\n"
        b"Requires-Dist: c[x,y]@file:///c.whl ; python_version > '3'\n"
        b"Requires-Dist: d @ https://example.org/d.whl\n"
        b"Requires-Dist: e (>=1)\n"
    )
    assert slim.content("a-1.0.dist-info/METADATA", said) == (
        b"Name: a\n"
        b"Requires-Dist: b\n"
        b"Requires-Dist: c[x,y] ; python_version > '3'\n"
        b"Requires-Dist: d @ https://example.org/d.whl\n"
        b"Requires-Dist: e (>=1)\n"
    )
