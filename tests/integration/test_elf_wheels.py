"""Real wheels load, stripped, and compute as before; what a target cannot load is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shorts.targets import elf, loadable
from shorts.targets.target import Target
from tests.conftest import Shorts, require, write_wheel
from tests.unit.targets.test_elf import library

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="wheels hold ELF on Linux alone")

DISTRIBUTIONS = [
    "aiohttp",
    "cffi",
    "contourpy",
    "cryptography",
    "greenlet",
    "grpcio",
    "lxml",
    "matplotlib",
    "multidict",
    "numpy",
    "orjson",
    "pandas",
    "pillow",
    "protobuf",
    "psycopg2-binary",
    "pydantic-core",
    "pyyaml",
    "scipy",
    "sqlalchemy",
    "yarl",
]

# Runs in a fresh interpreter: imports every extension module under a folder, opens every bundled
# library, computes something with each of the large ones, and prints what came of it as JSON.
CHILD = r"""
import ctypes, importlib, importlib.machinery, io, json, os, sys, warnings
from pathlib import Path

warnings.simplefilter("ignore")
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
outcomes = {}

def attempt(name, action):
    try:
        action()
    except (Exception, SystemExit) as error:
        outcomes[name] = type(error).__name__
    else:
        outcomes[name] = "loads"

for path in sorted(root.rglob("*.so*")):
    relative = path.relative_to(root)
    if relative.parts[0].endswith(".libs"):
        attempt(str(relative), lambda: ctypes.CDLL(str(path)))
        continue
    for suffix in sorted(importlib.machinery.EXTENSION_SUFFIXES, key=len, reverse=True):
        if path.name.endswith(suffix):
            parts = [*relative.parts[:-1], path.name[: -len(suffix)]]
            attempt(str(relative), lambda: importlib.import_module(".".join(parts)))
            break
    else:
        outcomes[str(relative)] = "neither a module nor a bundled library"

import cryptography.fernet, lxml.etree, numpy, pandas, scipy.linalg, scipy.optimize
from PIL import Image

buffer = io.BytesIO()
Image.new("RGB", (40, 30), "teal").resize((20, 15)).save(buffer, "JPEG", quality=95)
fernet = cryptography.fernet.Fernet(cryptography.fernet.Fernet.generate_key())
frame = pandas.DataFrame({"key": list("abab"), "value": [1, 2, 3, 4]})
answers = {
    "numpy": numpy.linalg.solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]).round(9).tolist(),
    "scipy": round(float(scipy.optimize.brentq(lambda x: x * x - 2, 0, 2)), 9),
    "scipy.linalg": scipy.linalg.svdvals([[3.0, 0.0], [0.0, 4.0]]).round(9).tolist(),
    "pandas": frame.groupby("key")["value"].sum().to_dict(),
    "lxml": lxml.etree.fromstring("<a><b c='1'/><b c='2'/></a>").xpath("//b/@c"),
    "cryptography": fernet.decrypt(fernet.encrypt(b"secret")).decode(),
    "pillow": Image.open(buffer).size,
}
Path(sys.argv[2]).write_text(json.dumps({"outcomes": outcomes, "answers": answers}))
"""


def install(target: Path, *arguments: str) -> None:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    assert uv, "uv is neither next to this interpreter nor on PATH"
    command = [uv, "pip", "install", "--quiet", "--target", str(target)]
    command += ["--python", sys.executable, "--only-binary", ":all:", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def load_all(target: Path, answer: Path) -> dict[str, Any]:
    # The bytecode that the first to import them writes serves the second: sources stay as they are.
    command = [sys.executable, "-I", "-S", "-c", CHILD, str(target), str(answer)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=answer.parent)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr}"
    result: dict[str, Any] = json.loads(answer.read_text())
    return result


def images(target: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(target.rglob("*")):
        if path.is_file() and not path.is_symlink():
            image = path.read_bytes()
            if image.startswith(b"\x7fELF"):
                yield path, image


def test_stripped_wheels_load_and_compute_as_before(tmp_path: Path) -> None:
    """The same modules import, the same libraries open, and the same numbers come out."""
    target = tmp_path / "packages"
    install(target, *DISTRIBUTIONS)
    before = load_all(target, tmp_path / "before.json")

    count = size_before = size_after = 0
    slowest, largest = 0.0, 0
    for path, image in images(target):
        start = time.perf_counter()
        stripped = elf.strip(image)
        slowest = max(slowest, time.perf_counter() - start)
        assert elf.read(image) is not None, path
        assert elf.read(stripped) == elf.read(image), path
        path.unlink()  # it may be linked to uv's cache
        path.write_bytes(stripped)
        count += 1
        size_before += len(image)
        size_after += len(stripped)
        largest = max(largest, len(image))
    after = load_all(target, tmp_path / "after.json")

    print(f"{count} files, {size_before / 1e6:.1f} MB before, {size_after / 1e6:.1f} MB after")
    print(f"slowest {slowest * 1e3:.0f} ms, largest file {largest / 1e6:.1f} MB")
    print({name: how for name, how in after["outcomes"].items() if how != "loads"})
    assert after == before
    assert after["answers"] == {
        "numpy": [0.8, 1.4],
        "scipy": 1.414213562,
        "scipy.linalg": [4.0, 3.0],
        "pandas": {"a": 4, "b": 6},
        "lxml": ["1", "2"],
        "cryptography": "secret",
        "pillow": [20, 15],
    }
    loaded = [name for name, how in after["outcomes"].items() if how == "loads"]
    assert len(loaded) > 200
    assert any(".libs/" in name for name in loaded)
    assert size_after < 0.9 * size_before


def test_wheels_for_another_machine_are_read_and_stripped(tmp_path: Path) -> None:
    """A wheel for aarch64 tells its machine, and asks for no more glibc than its tag admits."""
    target = tmp_path / "packages"
    platform = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13"]
    install(target, *platform, "numpy")
    records = []
    for path, image in images(target):
        stripped = elf.strip(image)
        assert len(stripped) < len(image), path
        record = elf.read(stripped)
        assert record == elf.read(image), path
        assert record is not None, path
        records.append(record)
    assert {(record.machine, record.bits) for record in records} == {("aarch64", 64)}
    versions = [record.glibc for record in records if record.glibc]
    assert (2, 17) <= max(versions) <= (2, 28)
    assert any("libc.so.6" in record.needed for record in records)


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_what_a_target_loads_is_what_its_wheels_hold(tmp_path: Path, architecture: str) -> None:
    """All files of a target's own wheels are fit for it, and none for the other architecture."""
    target = Target(runtime="python3.13", architecture=architecture)
    (other,) = {"x86_64", "arm64"} - {architecture}
    elsewhere = Target(runtime="python3.13", architecture=other)
    platform = ["--python-platform", target.platform, "--python-version", target.minor]
    install(tmp_path / "packages", *platform, "numpy", "pillow", "msgspec")
    found = [image for _, image in images(tmp_path / "packages")]
    assert len(found) > 20
    assert {loadable.fault(image, target) for image in found} == {""}
    assert {loadable.fault(image, elsewhere) for image in found} == {f"is for {target.machine}"}


def test_wheels_for_musl_are_known(tmp_path: Path) -> None:
    """Every file of a wheel for musl that needs a library is told from one for glibc."""
    platform = ["--python-platform", "x86_64-unknown-linux-musl", "--python-version", "3.13"]
    install(tmp_path / "packages", *platform, "numpy", "msgspec")
    target = Target(runtime="python3.13", architecture="x86_64")
    found = [image for _, image in images(tmp_path / "packages")]
    needy = [image for image in found if (record := elf.read(image)) and record.needed]
    assert len(needy) > 10
    assert {loadable.fault(image, target) for image in needy} == {
        "needs musl (libc.musl-x86_64.so.1)"
    }


def lying(**how: Any) -> bytes:
    """A library that names the C library."""
    return library(needed=[b"libc.so.6"], **how)


NEWER = lying(versions={b"libc.so.6": [b"GLIBC_2.17", b"GLIBC_2.38"]})
GOOD = lying(versions={b"libc.so.6": [b"GLIBC_2.34"]})
TOO_OLD = "F holds what python3.13 on x86_64 cannot load, which is x86_64 with glibc 2.34: "
ANOTHER_VERSION = (
    "A wheel's name may promise what it does not hold: ask for another version of it, or `Drop` "
    "what nothing loads."
)


def refused(function: Path, shorts: Shorts) -> str:
    """What a build says that fails, and that leaves nothing."""
    done = shorts(["build"], function)
    assert done.returncode == 1, done.stdout
    assert not (function / ".aws-sam" / "build").exists()
    return done.stderr[done.stderr.index("shorts: ") + len("shorts: ") :].strip()


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        pytest.param(lying(machine=183), "is for aarch64", id="another machine"),
        pytest.param(NEWER, "needs glibc 2.38", id="a newer glibc"),
        pytest.param(library(needed=[b"libc.musl-x86_64.so.1"]), "needs musl", id="musl"),
    ],
)
@pytest.mark.parametrize("tag", ["py3-none-any", "cp313-cp313-manylinux_2_17_x86_64"])
@pytest.mark.parametrize("path", ["bad/_core.so", "bad.libs/libx-1.so.2", "bad/tool"])
def test_a_wheel_that_lies(
    function: Path, wheels: Path, shorts: Shorts, image: bytes, fault: str, tag: str, path: str
) -> None:
    """Whatever its name says and its files are called, what it holds decides."""
    write_wheel(wheels, "bad", {"bad/__init__.py": "", path: image}, tag=tag)
    require(function, "bad")
    said = refused(function, shorts)
    assert said.startswith(f"{TOO_OLD}{path} of bad 1.0 {fault}")
    assert said.endswith(f".\n{ANOTHER_VERSION}")
    assert refused(function, shorts) == said  # though its Slice is in the store by now


def test_every_lie_is_told(function: Path, wheels: Path, shorts: Shorts) -> None:
    """All files that a target cannot load are named at once, whosever they are."""
    write_wheel(wheels, "bad", {f"bad/_{number:02}.so": NEWER for number in range(20)})
    require(function, "bad")
    (function / "fn" / "tool").write_bytes(lying(machine=183))
    assert refused(function, shorts) == (
        f"{TOO_OLD}tool of its own code is for aarch64, "
        + ", ".join(f"bad/_{number:02}.so of bad 1.0 needs glibc 2.38" for number in range(9))
        + f", and 11 more.\n{ANOTHER_VERSION}"
    )


def test_own_code_is_read_too(function: Path, shorts: Shorts) -> None:
    """What the function's author has built for another system is refused as well."""
    (function / "fn" / "tool").write_bytes(NEWER)
    assert refused(function, shorts) == (
        f"{TOO_OLD}tool of its own code needs glibc 2.38.\n"
        "Build it for the target, or leave it out, or `Drop` what nothing loads."
    )
    (function / "fn" / "tool").write_bytes(GOOD)
    assert shorts(["build"], function).returncode == 0


def test_a_layer_is_read_too(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A layer has a target of its own."""
    write_wheel(wheels, "bad", {"bad/_core.so": GOOD})
    require(function, "bad")
    template = function / "template.yaml"
    template.write_text(
        template.read_text() + "  L:\n"
        "    Type: AWS::Serverless::LayerVersion\n"
        "    Properties: {ContentUri: fn}\n"
        "    Metadata: {BuildMethod: python3.11, BuildArchitecture: x86_64}\n"
    )
    assert refused(function, shorts).startswith(
        "L holds what python3.11 on x86_64 cannot load, which is x86_64 with glibc 2.26: "
        "bad/_core.so of bad 1.0 needs glibc 2.34."
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_what_a_makefile_makes_is_read_too(function: Path, shorts: Shorts) -> None:
    """What another build has put into a function's folder counts like its own code."""
    (function / "fn" / "tool").write_bytes(NEWER)
    (function / "fn" / "Makefile").write_text("build-F:\n\tcp app.py tool $(ARTIFACTS_DIR)\n")
    template = function / "template.yaml"
    template.write_text(template.read_text() + "    Metadata: {BuildMethod: makefile}\n")
    assert refused(function, shorts).startswith(
        f"{TOO_OLD}tool of its own code needs glibc 2.38.\n"
    )


def test_what_is_dropped_is_no_matter(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A file for another system that no event needs may be dropped, and only then is it fine."""
    write_wheel(wheels, "bad", {"bad/__init__.py": "", "bad/tool": lying(machine=183)})
    require(function, "bad")
    (function / "event.json").write_text("{}")
    template = function / "template.yaml"
    text = template.read_text()
    template.write_text(text + "    Metadata: {Shorts: {Events: [event.json]}}\n")
    assert refused(function, shorts).endswith(ANOTHER_VERSION)
    drop = "Metadata: {Shorts: {Events: [event.json], Drop: [bad/tool]}}"
    template.write_text(f"{text}    {drop}\n")
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
