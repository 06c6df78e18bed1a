"""Builds by `sam build`: what is not Python in a zip, or is made by a Makefile."""

import shutil
from collections.abc import Callable
from pathlib import Path

from shorts.errors import ShortsError
from shorts.model import Application, SamBuildOutput
from shorts.sam.read import read_sam_build
from shorts.system import process
from shorts.system.project_state import FOLDER


def build(application: Application, report: Callable[[str], None]) -> SamBuildOutput:
    """Have SAM build what shorts does not, and return the output.

    SAM's own state, such as the cache of `--cached`, stays from build to build.

    Raises:
        ShortsError: SAM failed, and the message has its own words.
    """
    root = (FOLDER / "sam").absolute()
    folders = []
    for number, arguments in enumerate(application.calls):
        folder = root / str(number) / "build"
        folder.parent.mkdir(parents=True, exist_ok=True)
        names = application.handed if len(application.calls) == 1 else [application.handed[number]]
        _run([*arguments, f"--build-dir={folder}"], ", ".join(names), report)
        folders.append(str(folder))
    return read_sam_build(application, folders)


def move(sam_output: SamBuildOutput, stage: Path) -> None:
    """Move what SAM has built to the places that the templates name."""
    for name, where in sam_output.artifacts.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(where, stage / name)


def _run(arguments: list[str], names: str, report: Callable[[str], None]) -> None:
    report(f"Building {names} with sam build")
    try:
        process.run([process.tool("sam"), "build", *arguments])
    except process.ProcessFailed as failure:
        reason = failure.output.rpartition("\nError: ")[2].removesuffix("Build Failed").strip()
        reason = reason.partition("\nTraceback")[0]
        raise ShortsError(f"`sam build` could not build {names}: {reason}") from failure
