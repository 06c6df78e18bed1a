"""Real wheels, stripped, must load and compute as before."""

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

from shorts import elf

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
    assert uv, "uv is neither beside this interpreter nor on PATH"
    # Copies, because files linked to uv's cache would be stripped there as well.
    command = [uv, "pip", "install", "--quiet", "--link-mode", "copy", "--target", str(target)]
    command += ["--python", sys.executable, "--only-binary", ":all:", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def load_all(target: Path, answer: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", "-B", "-c", CHILD, str(target), str(answer)]
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
