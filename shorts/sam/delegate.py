"""Builds by `sam build`: what is not Python in a zip, or is made by a Makefile."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.model import Application, SamBuildOutput
from shorts.sam.read import read_sam_build
from shorts.system import process
from shorts.system.project_state import FOLDER
from shorts.targets import elf, loadable
from shorts.targets.target import System

# The size of the ELF header in bytes: `elf.is_program` reads no more.
_HEADER = 64


def build(asked: Application, report: Callable[[str], None]) -> SamBuildOutput:
    """Have SAM build what shorts does not, and return the output.

    SAM's own state, such as the cache of `--cached`, stays from build to build.

    Raises:
        ShortsError: SAM failed, and the message has its own words; or a function or layer cannot
            load the output.
    """
    root = (FOLDER / "sam").absolute()
    folders = []
    for number, arguments in enumerate(asked.calls):
        folder = root / str(number) / "build"
        folder.parent.mkdir(parents=True, exist_ok=True)
        names = asked.handed if len(asked.calls) == 1 else [asked.handed[number]]
        _run([*arguments, f"--build-dir={folder}"], ", ".join(names), report)
        folders.append(str(folder))
    joined = read_sam_build(asked, folders)
    check(joined, report)
    return joined


def check(joined: SamBuildOutput, report: Callable[[str], None]) -> None:
    """Check every program and library that SAM packs; the packing by shorts checks its own.

    Args:
        joined: what SAM has built.
        report: receives warnings of what may be missing.

    Raises:
        ShortsError: one or more of them cannot be loaded on their target.
    """
    refused = []
    for name, system in joined.systems.items():
        found = dict(_faults(Path(joined.artifacts[name]), system))
        faults, others = loadable.weigh(found, system.machine)
        if faults:
            named = [f"{path} {why}" for path, why in faults.items()]
            refused.append(loadable.refusal(name, system, named))
        elif others:
            report(f"warning: {loadable.doubt(name, system, others)}")
    if refused:
        way_out = "Build it for the target, in a container if need be (`--use-container`), or"
        raise ShortsError("\n".join((*refused, f"{way_out} leave it out.")))


def move(joined: SamBuildOutput, stage: Path) -> None:
    """Move what SAM has built to the places that the templates name."""
    for name, where in joined.artifacts.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(where, stage / name)


def _faults(folder: Path, system: System) -> Iterator[tuple[str, str]]:
    """Yield why a system cannot load each program and library of a folder; empty where it can.

    Separate debug information has the header of a program and none of its segments. No one loads
    it, so it is skipped.
    """
    if not (system.machine or system.glibc):
        return
    files = dict(_files(folder))
    if loadable.brings_loader(files):
        system = msgspec.structs.replace(system, runtimes=[])
    for path, place in files.items():
        with suppress(PermissionError), open(place, "rb", buffering=0) as file:
            image = file.read(_HEADER)
            if elf.is_program(image):
                image += file.read()
                if path == loadable.BOOTSTRAP or elf.read(image):
                    yield path, loadable.fault(image, system)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder that go into a zip: their paths there, with slashes, and here.

    SAM follows links when it makes the zip. A link's target is read once, and under the name of the
    link only if it lies outside the folder. SAM reports files that it cannot read; no zip has them.
    """
    pending = [("", os.path.realpath(folder))]
    links: list[tuple[str, str]] = []
    seen = set()
    while pending or links:
        path, place = (pending or links).pop()
        if place in seen or not os.access(place, os.R_OK):
            continue
        seen.add(place)
        if Path(place).is_file():
            yield path, place
        elif Path(place).is_dir():
            for entry in os.scandir(place):
                inside = f"{path}/{entry.name}" if path else entry.name
                if entry.is_symlink():
                    links.append((inside, os.path.realpath(entry.path)))
                elif entry.is_dir():
                    pending.append((inside, entry.path))
                elif entry.is_file():
                    seen.add(entry.path)
                    yield inside, entry.path


def _run(arguments: list[str], names: str, report: Callable[[str], None]) -> None:
    report(f"Building {names} with sam build")
    try:
        process.run([process.tool("sam"), "build", *arguments])
    except process.ProcessFailed as failure:
        said = failure.output.rpartition("\nError: ")[2].removesuffix("Build Failed").strip()
        said = said.partition("\nTraceback")[0]
        raise ShortsError(f"`sam build` could not build {names}: {said}") from failure
