"""What SAM has built is read as it would be zipped: every program, wherever it lies."""

import os
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.model import SamBuildOutput
from shorts.sam import delegate
from shorts.targets.target import System
from tests.unit.targets.test_elf import library

NODE = System(runtimes=["nodejs22.x"], architecture="x86_64")
OURS = library()
ARM = library(machine=183)
NEWER = library(needed=[b"libc.so.6"], versions={b"libc.so.6": [b"GLIBC_2.38"]})
MUSL = library(interpreter=b"/lib/ld-musl-x86_64.so.1", kind=2)
HOLDS = "F holds what nodejs22.x on x86_64 cannot load, which is x86_64 with glibc 2.34: "
WAY_OUT = "Build it for the target, in a container if need be (`--use-container`), or leave it out."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of what SAM has built for one function."""
    folder = tmp_path / "build" / "F"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def said(folders: dict[str, tuple[Path, System]]) -> str:
    """The warnings and the message of a refusal, each in its lines; empty where all is well."""
    joined = SamBuildOutput(
        templates={},
        artifacts={name: str(folder) for name, (folder, _) in folders.items()},
        systems={name: system for name, (_, system) in folders.items()},
        functions=[],
    )
    warnings: list[str] = []
    try:
        delegate.check(joined, warnings.append)
    except ShortsError as error:
        warnings.append(str(error))
    return "\n".join(warnings)


@pytest.mark.parametrize(
    ("files", "faults"),
    [
        pytest.param({"bootstrap": OURS, "a/x.node": OURS, "app.js": b"1"}, "", id="all is well"),
        pytest.param({"bootstrap": ARM}, "bootstrap is for aarch64", id="what Lambda starts"),
        pytest.param(
            {"bootstrap": ARM, "linux-x64/bootstrap": OURS},
            "bootstrap is for aarch64",
            id="what Lambda starts, whatever else there is",
        ),
        pytest.param(
            {"b/y.node": NEWER, "a/x.node": ARM, "a/z.node": OURS},
            "a/x.node is for aarch64, b/y.node needs glibc 2.38",
            id="all of them, in order",
        ),
        pytest.param(
            {"prebuilds/linux-arm64/x.node": ARM, "prebuilds/linux-x64/x.node": OURS},
            "",
            id="one for each machine",
        ),
        pytest.param(
            {"prebuilds/linux-arm64/x.node": ARM, "prebuilds/linux-x64/x.node": NEWER},
            "prebuilds/linux-x64/x.node needs glibc 2.38",
            id="one for each machine, and none that is fit",
        ),
        pytest.param({"app": MUSL}, "app needs musl (/lib/ld-musl-x86_64.so.1)", id="musl"),
        pytest.param(
            {"bin/app": NEWER, "lib/ld-linux-x86-64.so.2": OURS}, "", id="a glibc of its own"
        ),
        pytest.param({"app": MUSL, "lib/ld-musl-x86_64.so.1": OURS}, "", id="a musl of its own"),
        pytest.param(
            {"app": ARM, "lib/ld-linux-aarch64.so.1": ARM},
            "app is for aarch64",
            id="a glibc for another machine",
        ),
        pytest.param({"app.dbg": OURS[:200]}, "", id="nothing that a loader takes"),
        pytest.param(
            {"bootstrap": OURS[:200]},
            "bootstrap is damaged, so that no system loads it",
            id="nothing that a loader takes, but Lambda starts it",
        ),
        pytest.param({"x.o": library(machine=183, kind=1), "app.js": b""}, "", id="data"),
    ],
)
def test_what_cannot_be_loaded_is_refused(
    folder: Path, files: dict[str, bytes], faults: str
) -> None:
    """A function's folder holds what its system loads, or something that stands in for it."""
    write(folder, files)
    assert said({"F": (folder, NODE)}) == (f"{HOLDS}{faults}.\n{WAY_OUT}" if faults else "")


def test_what_is_for_others_alone_is_told(folder: Path) -> None:
    """A package without a file for the machine may do without, so it builds, with a warning."""
    write(folder, {"x/prebuilds/linux-arm64/x.node": ARM, "y-musl/y.node": MUSL, "z.node": OURS})
    assert said({"F": (folder, NODE)}) == (
        "warning: F has nothing for nodejs22.x on x86_64 in the place of "
        "x/prebuilds/linux-arm64/x.node, y-musl/y.node: what cannot do without fails there."
    )


def test_all_are_told_at_once(folder: Path, tmp_path: Path) -> None:
    """Each function and layer has a line, what is known of its system counts, and all is said."""
    write(folder, {"x.node": ARM})
    write(tmp_path / "L", {"extensions/tool": NEWER})
    write(tmp_path / "M", {"extensions/tool": NEWER, "lib.so": ARM})
    write(tmp_path / "N", {"lib.so": ARM, "old.so": library(bits=32)})
    folders = {
        "F": (folder, NODE),
        "L": (tmp_path / "L", System(runtimes=["nodejs18.x", "nodejs22.x"], architecture="")),
        "M": (tmp_path / "M", System(runtimes=[], architecture="x86_64")),
        "N": (tmp_path / "N", System(runtimes=[], architecture="")),
    }
    assert said(folders) == (
        f"{HOLDS}x.node is for aarch64.\n"
        "L holds what nodejs18.x, nodejs22.x cannot load, which has glibc 2.26: "
        "extensions/tool needs glibc 2.38.\n"
        "M holds what x86_64 cannot load, which is x86_64: lib.so is for aarch64.\n"
        f"{WAY_OUT}"
    )


def test_links_are_read_as_they_are_zipped(folder: Path, tmp_path: Path) -> None:
    """A link out of the folder is followed, one within it leads to what is read anyway."""
    write(tmp_path / "source", {"node_modules/x/x.node": ARM, "one.so": NEWER})
    (tmp_path / "source/node_modules/x/back").symlink_to(tmp_path / "source/node_modules")
    (folder / "node_modules").symlink_to(tmp_path / "source/node_modules")
    (folder / "two.so").symlink_to(tmp_path / "source/one.so")
    (folder / "nowhere").symlink_to(tmp_path / "nothing")
    (folder / "itself").symlink_to(folder)
    (folder / "round").symlink_to(folder / "round")
    os.mkfifo(folder / "pipe")  # which would never end
    assert said({"F": (folder, NODE)}) == (
        f"{HOLDS}node_modules/x/x.node is for aarch64, two.so needs glibc 2.38.\n{WAY_OUT}"
    )


def test_a_link_is_no_other_file(folder: Path) -> None:
    """The one for another machine has a second name, which nothing stands in for."""
    write(folder, {"tool/linux-x64/tool": OURS, "tool/linux-arm64/tool": ARM})
    (folder / ".bin").mkdir()
    (folder / ".bin" / "tool").symlink_to("../tool/linux-arm64/tool")
    (folder / "a").symlink_to("tool/linux-arm64")
    assert said({"F": (folder, NODE)}) == ""
