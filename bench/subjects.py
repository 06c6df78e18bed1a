"""The functions to measure, and the systems that can package each."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import ground
from bench.systems import System
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.sam.read import read_application
from shorts.targets.target import RUNTIMES

# The systems that read a template, and so can package any application's functions.
OF_TEMPLATES = ("shorts_build", "sam_pip", "sam_uv", "sam_container")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A function, and what packages it.

    Attributes:
        function: as in its template.
        systems: that package it.
        template: of its application; None for the project's.
    """

    function: Function
    systems: list[System]
    template: Path | None


def of_project(folder: Path, entering: Sequence[System]) -> list[Subject]:
    """Return the project's functions.

    Args:
        folder: for a copy of them; it does not exist yet.
        entering: the requested systems.
    """
    folder.mkdir()
    ground.copy(folder)
    subjects = []
    for function in _read(folder):
        taking_part = [system for system in entering if function.name in system.functions]
        subjects.append(Subject(function=function, systems=taking_part, template=None))
    return subjects


def of_template(template: Path, folder: Path, entering: Sequence[System]) -> list[Subject]:
    """Return the Python functions of another application that have their code below its template.

    Args:
        template: its path.
        folder: for a copy of the template's; it does not exist yet.
        entering: the requested systems; those that read a template take part.

    Raises:
        ShortsError: there is no template, or no function that all of them can package.
    """
    if not template.is_file():
        raise ShortsError(f"There is no template {template}.")
    folder.mkdir()
    ground.adopt(folder, template.absolute())
    passed, subjects = [], []
    for function in _read(folder):
        why = _passed_over(function, folder)
        if why:
            passed.append(f"{function.full_path} {why}")
            continue
        minor = function.runtime.removeprefix("python")
        taking_part = [
            msgspec.structs.replace(
                system,
                minor=minor,
                functions=(function.name,),
                # That of shorts is of events.
                remark=system.remark if system.needs or function.settings.events else "",
            )
            for system in entering
            if system.name in OF_TEMPLATES
        ]
        subjects.append(
            Subject(function=function, systems=taking_part, template=template.absolute())
        )
    if not subjects:
        reasons = "; ".join(passed) or "it has no function"
        raise ShortsError(f"{template} has nothing to measure: {reasons}.")
    return subjects


def handler_module(function: Function) -> str:
    """Return the path of a function's handler module, in its folder and in its zip."""
    return function.module.replace(".", "/") + ".py"


def _passed_over(function: Function, root: Path) -> str:
    """Return why not every system packages a function alike; empty if every one does."""
    if function.package_type != "Zip" or function.runtime not in RUNTIMES:
        return "is not Python in a zip"
    if function.full_path != function.name:
        return "is in a nested stack"
    if not Path(function.code_uri).is_dir() or root not in Path(function.code_uri).parents:
        return "has its code in no folder below its template's"
    if not (Path(function.code_uri) / handler_module(function)).is_file():
        return f"has no {handler_module(function)} in its folder"
    return ""


def _read(folder: Path) -> list[Function]:
    with contextlib.chdir(folder):
        return read_application([]).functions
