"""What lies next to a zip says what is in it; and what is in it may be passed on."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from shorts.artifact import manifest as provenance
from shorts.artifact import plan
from shorts.artifact.manifest import Manifest
from shorts.requirements import lock
from shorts.requirements import manifest as requirements
from shorts.slices import slim
from shorts.slices.store import Store
from shorts.system import uv
from shorts.targets.target import Target
from tests.conftest import Shorts, require, write_wheel

BUILD = Path(".aws-sam", "build")
FUNCTIONS = ("EchoFunction", "PlotFunction")
LICENCE = "Permission is granted."


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def bill(folder: Path, name: str = "F") -> dict[str, Any]:
    """A zip's bill of materials, which CycloneDX's own schema takes."""
    text = (folder / BUILD / f"{name}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    said: dict[str, Any] = json.loads(text)
    return said


def manifest(folder: Path, name: str = "F") -> Manifest:
    return provenance.decode((folder / BUILD / f"{name}.manifest.json").read_bytes())


def members(folder: Path, name: str = "F") -> dict[str, bytes]:
    with zipfile.ZipFile(folder / BUILD / f"{name}.zip") as zipped:
        return {path: zipped.read(path) for path in zipped.namelist()}


def values(component: Mapping[str, Any], name: str) -> list[str]:
    """The values of one property."""
    return [one["value"] for one in component.get("properties", []) if one["name"] == name]


def build(shorts: Shorts, folder: Path, **environment: str) -> Path:
    done = shorts(["build"], folder, **environment)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bill_is_of_the_zip(built: Path, tmp_path: Path, name: str) -> None:
    """It names the zip's digest, and every distribution of the lock with its wheel's one hash."""
    said, data = bill(built, name), (built / BUILD / f"{name}.zip").read_bytes()
    root = said["metadata"]["component"]
    assert root["hashes"] == [{"alg": "SHA-256", "content": digest(data)}]
    target = Target(runtime="python3.13", architecture="x86_64")
    path = built / name.removesuffix("Function").lower() / "requirements.txt"
    pins = lock.pins(
        requirements.load(path), target, Store(tmp_path / "store"), kept=tmp_path / "kept"
    )
    named = {one["name"]: one for one in said["components"]}
    assert {one: named[one]["version"] for one in named} == {pin.name: pin.version for pin in pins}
    for pin in pins:
        (one,) = named[pin.name]["hashes"]
        assert f"sha256:{one['content']}" in pin.hashes
        assert named[pin.name]["purl"] == f"pkg:pypi/{pin.name}@{pin.version}"
        assert named[pin.name]["licenses"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_zip_has_every_licence(built: Path, tmp_path: Path, name: str) -> None:
    """Each licence that a distribution's wheel has is in the zip, though it is trimmed."""
    said, there = bill(built, name), members(built, name)
    lines = [f"{one['name']}=={one['version']}\n" for one in said["components"]]
    platform = ["--python-version", "3.13", "--python-platform", "x86_64-manylinux_2_34"]
    asked = ["--target", str(tmp_path), "--no-deps", "--only-binary", ":all:", *platform]
    uv.pip("install", [*asked, "-r", "-"], stdin="".join(lines))
    folders = {
        info.name.partition("-")[0].lower().replace("_", "-"): info
        for info in tmp_path.glob("*.dist-info")
    }
    for one in said["components"]:
        info = folders[one["name"]]
        paths = {
            path.relative_to(tmp_path).as_posix(): path.read_bytes()
            for path in info.rglob("*")
            if path.is_file() and slim.is_licence(path.relative_to(tmp_path).as_posix())
        }
        assert paths, f"{one['name']} has a licence in its wheel"
        assert {path: there.get(path) for path in paths} == paths
        assert {*paths} <= {*values(one, "shorts:licence-file")} <= there.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_manifest_is_of_the_zip(built: Path, name: str) -> None:
    """Its digests are those of the files that it names, and its figures those of the zip."""
    said, there = manifest(built, name), members(built, name)
    data = (built / BUILD / f"{name}.zip").read_bytes()
    assert (said.name, said.zip.path) == (name, f"{name}.zip")
    assert (said.zip.sha256, said.zip.size, said.zip.files) == (
        digest(data),
        len(data),
        len(there),
    )
    assert said.zip.unzipped == sum(map(len, there.values()))
    code = built / name.removesuffix("Function").lower()
    for file in said.inputs.code:
        assert file.sha256 == digest((code / file.path).read_bytes())
    left_out = {path for one in said.left_out for path in one.paths}
    assert {file.path for file in said.inputs.code} <= there.keys() | left_out
    assert said.inputs.lock is not None
    assert said.inputs.lock.sha256 == digest((code / said.inputs.lock.path).read_bytes())
    assert said.inputs.template is not None
    text = (built / BUILD / said.inputs.template.path).read_bytes()
    assert said.inputs.template.sha256 == digest(text)
    compiled = [data for path, data in there.items() if path.endswith(".pyc")]
    assert said.bytecode.files == len(compiled)
    assert {data[:4].hex() for data in compiled} == {said.bytecode.magic}
    for one in said.left_out:
        assert one.files >= len(one.paths) > 0
        assert not {*one.paths} & there.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_neither_names_the_machine(built: Path, name: str) -> None:
    """No path of it, and nowhere that anything was downloaded from."""
    for path in plan.sidecar_names(name):
        text = (built / BUILD / path).read_text()
        assert str(built) not in text
        assert re.findall(r'": "/|file:|https://', text) == []
        assert re.findall(r"http://[^\"]*", text) in (
            [],
            ["http://cyclonedx.org/schema/bom-1.6.schema.json"],
        )


def trimmed(function: Path, wheels: Path) -> Path:
    """An application with a function that has something of everything."""
    files = {
        "lib/__init__.py": "",
        "lib/unused.py": "",
        "lib/tests/__init__.py": "",
        "lib/tests/data.txt": "",
        "lib/data.txt": "",
        "lib/unused.pyi": "",
        "lib-1.0.dist-info/licenses/LICENSE": LICENCE,
    }
    write_wheel(
        wheels, "lib", files, metadata="License: MIT\nRequires-Dist: other>=1\nRequires-Dist: no\n"
    )
    write_wheel(wheels, "other", {"other.py": "", "LICENSE": f"Other. {LICENCE}"})
    write_wheel(wheels, "third", {"third.py": "", "LICENSE": f"Third. {LICENCE}"})
    write_wheel(wheels, "no", {"no.py": ""})
    require(function, "lib", "other", "third")
    (function / "fn" / "app.py").write_text(
        "import lib, other, third\ndef handler(event, context):\n    return event\n"
    )
    (function / "event.json").write_text("{}")
    template = function / "template.yaml"
    template.write_text(
        f"{template.read_text()}    Metadata: {{Shorts: {{Events: [event.json], "
        "Drop: [lib/data.txt, '**/LICENSE']}}\n"
    )
    return function


def test_what_was_left_out_is_said(function: Path, wheels: Path, shorts: Shorts) -> None:
    """By distribution and by reason, with the paths; licences are not dropped."""
    build(shorts, trimmed(function, wheels))
    said = {(one.of, one.rule): (one.files, one.paths) for one in manifest(function).left_out}
    assert said["lib", "Drop"] == (1, ["lib/data.txt"])
    assert said["lib", "stubs next to their modules"] == (1, ["lib/unused.pyi"])
    assert said["lib", "tests that nothing imports"] == (2, ["lib/tests/**"])
    assert said["lib", "no event needs it"] == (1, ["lib/unused.py"])
    assert said["lib", "its bytecode takes its place"] == (1, ["lib/__init__.py"])
    assert "lib-1.0.dist-info/licenses/LICENSE" in members(function)


def test_licences_at_one_path_are_all_there(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A licence that lies where another distribution's does is in its own distribution's folder."""
    there = members(build(shorts, trimmed(function, wheels)))
    for name in ("other", "third"):
        path = f"{name}-1.0.dist-info/licenses/LICENSE"
        assert there[path].decode() == f"{name.title()}. {LICENCE}"
        (one,) = [one for one in bill(function)["components"] if one["name"] == name]
        assert path in values(one, "shorts:licence-file")


def test_who_requires_whom(function: Path, wheels: Path, shorts: Shorts) -> None:
    """The graph is that of the distributions' own metadata."""
    edges = bill(build(shorts, trimmed(function, wheels)))["dependencies"]
    assert {one["ref"]: one.get("dependsOn", []) for one in edges} == {
        "F": ["pkg:pypi/lib@1.0", "pkg:pypi/third@1.0"],
        "pkg:pypi/lib@1.0": ["pkg:pypi/no@1.0", "pkg:pypi/other@1.0"],
        "pkg:pypi/no@1.0": [],
        "pkg:pypi/other@1.0": [],
        "pkg:pypi/third@1.0": [],
    }


def test_the_same_bytes_wherever_it_is_built(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """Another folder, another store, another time, what tools leave: the same two files."""
    trimmed(function, wheels)
    elsewhere = shutil.copytree(function, tmp_path / "elsewhere" / "deep")
    os.utime(elsewhere / "fn" / "app.py", (1_000_000_000, 1_000_000_000))
    (elsewhere / "fn" / ".ruff_cache").mkdir()
    (elsewhere / "fn" / ".ruff_cache" / "any").write_text("")
    build(shorts, function)
    build(shorts, elsewhere, SHORTS_CACHE_DIR=str(tmp_path / "another"))
    for name in ("F.zip", *plan.sidecar_names("F")):
        assert (function / BUILD / name).read_bytes() == (elsewhere / BUILD / name).read_bytes()


@pytest.mark.parametrize("which", range(2))
def test_what_is_missing_or_edited_is_made_again(
    function: Path, shorts: Shorts, which: int
) -> None:
    """A build repairs both files as it repairs the zip, and leaves alone what is whole."""
    build(shorts, function)
    path = function / BUILD / plan.sidecar_names("F")[which]
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    build(shorts, function)
    assert path.stat().st_mtime_ns == stamp
    path.write_text("{}")
    build(shorts, function)
    assert path.read_bytes() == before
    path.unlink()
    build(shorts, function)
    assert path.read_bytes() == before


def test_another_template_is_another_input(function: Path, shorts: Shorts) -> None:
    """Where the template changes and the zip does not, the manifest has the new one's digest."""
    build(shorts, function)
    before, zipped = manifest(function), (function / BUILD / "F.zip").stat().st_ino
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("Timeout: 2", "Timeout: 3"))
    assert "unchanged" in shorts(["build"], function).stdout
    after = manifest(function)
    assert (function / BUILD / "F.zip").stat().st_ino == zipped
    assert after.inputs.template != before.inputs.template
    assert after.inputs.template is not None
    text = (function / BUILD / "template.yaml").read_bytes()
    assert after.inputs.template.sha256 == digest(text)


def test_the_hash_is_that_of_the_targets_wheel(
    function: Path, wheels: Path, shorts: Shorts
) -> None:
    """Of all the wheels that a lock admits, the one that was installed."""
    python = Target(runtime="python3.13", architecture="x86_64").minor.replace(".", "")
    tags = [
        f"cp{python}-cp{python}-manylinux_2_17_aarch64.manylinux2014_aarch64",
        f"cp{python}-cp{python}-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "py3-none-any",
    ]
    made = [write_wheel(wheels, "lib", {"lib.py": f"TAG = {tag!r}\n"}, tag=tag) for tag in tags]
    require(function, "lib")
    assert shorts(["lock"], function).returncode == 0
    for number, name in ((0, "arm64"), (1, "x86_64")):
        template = function / "template.yaml"
        text = re.sub(r", Architectures: \[\w+\]", "", template.read_text())
        template.write_text(text.replace(": 2}", f": 2, Architectures: [{name}]}}"))
        (one,) = bill(build(shorts, function))["components"]
        assert one["hashes"] == [{"alg": "SHA-256", "content": digest(made[number].read_bytes())}]


def test_a_project_of_this_machine(function: Path, wheels: Path, shorts: Shorts) -> None:
    """It is known by its tree, and has no package URL for which an index could be asked."""
    write_wheel(wheels, "lib", {"lib.py": ""})
    (function / "fn" / "requirements.txt").write_text("../wheels/lib-1.0-py3-none-any.whl\n")
    (one,) = bill(build(shorts, function))["components"]
    assert (one["name"], one["version"]) == ("lib", "1.0")
    assert len(values(one, "shorts:tree")) == 1
    assert not one.keys() & {"purl", "hashes"}


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_what_a_makefile_installs(function: Path, shorts: Shorts) -> None:
    """Distributions that another build has put into the code are named by their metadata."""
    info = function / "fn" / "lib-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: Lib\nVersion: 2.0\nLicense: MIT\n\nLong.\n")
    (info / "LICENSE").write_text(LICENCE)
    (function / "fn" / "Makefile").write_text("build-F:\n\tcp -r app.py lib* $(ARTIFACTS_DIR)\n")
    template = function / "template.yaml"
    template.write_text(template.read_text() + "    Metadata: {BuildMethod: makefile}\n")
    (one,) = bill(build(shorts, function))["components"]
    assert one["purl"] == "pkg:pypi/lib@2.0"
    assert one["licenses"] == [{"license": {"name": "MIT", "acknowledgement": "declared"}}]
    assert values(one, "shorts:licence-file") == ["lib-2.0.dist-info/LICENSE"]


def test_a_layer_has_both(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A layer's are next to its zip, with the paths that its files have there."""
    write_wheel(wheels, "lib", {"lib.py": "", "lib-1.0.dist-info/LICENSE": LICENCE})
    require(function, "lib")
    template = function / "template.yaml"
    template.write_text(
        template.read_text() + "  L:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Properties: {ContentUri: fn}\n    Metadata: {BuildMethod: python3.13}\n"
    )
    said = bill(build(shorts, function), "L")
    assert said["metadata"]["component"]["type"] == "library"
    (one,) = said["components"]
    (path,) = values(one, "shorts:licence-file")
    assert members(function, "L")[path].decode() == LICENCE
    assert manifest(function, "L").zip.path == "L.zip"
