"""What is not Python in a zip, or is made by a Makefile: `sam build` builds it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from shorts import application, process
from shorts.application import MEMORY, Application, Joined
from shorts.errors import ShortsError


def build(asked: Application, report: Callable[[str], None]) -> Joined:
    """Have SAM build what is not ours, and say what came of it.

    Its own state, such as what `--cached` keeps, stays as it is from build to build.

    Raises:
        ShortsError: it failed; the message has SAM's own words.
    """
    root = (MEMORY / "sam").absolute()
    folders = []
    for number, arguments in enumerate(asked.calls):
        folder = root / str(number) / "build"
        folder.parent.mkdir(parents=True, exist_ok=True)
        names = asked.handed if len(asked.calls) == 1 else [asked.handed[number]]
        _run([*arguments, f"--build-dir={folder}"], ", ".join(names), report)
        folders.append(str(folder))
    return application.joined(asked, folders)


def move(joined: Joined, stage: Path) -> None:
    """Put what SAM has built where the templates say that it is."""
    for name, where in joined.artifacts.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(where, stage / name)


def _run(arguments: list[str], names: str, report: Callable[[str], None]) -> None:
    report(f"Building {names} with sam build")
    try:
        process.run([process.tool("sam"), "build", *arguments])
    except process.ProcessFailed as failure:
        said = failure.output.rpartition("\nError: ")[2].removesuffix("Build Failed").strip()
        said = said.partition("\nTraceback")[0]
        raise ShortsError(f"`sam build` could not build {names}: {said}") from failure
