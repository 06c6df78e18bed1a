"""What is wrong with functions' requirements: missing, unused, or of another version."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from shorts.artifact.plan import Options
from shorts.errors import ShortsError
from shorts.model import Application, Function
from shorts.report.analysis import inspect
from shorts.report.rules import ERROR, Finding, Look
from shorts.requirements import manifest
from shorts.requirements.requirement_lines import RequirementLine
from shorts.slices.store import Store


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution that a requirements file should name, and its versions in the zips."""

    path: Path
    name: str
    versions: tuple[str, ...]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What `check` found.

    Attributes:
        functions: the full paths of the functions checked, in the template's order.
        skipped: the full paths of those that SAM builds.
        findings: by function, place and kind.
        unwanted: the lines that require what none of their functions needs.
        lacking: what the code imports and no line names.
    """

    functions: list[str]
    skipped: list[str]
    findings: list[Finding]
    unwanted: list[RequirementLine]
    lacking: list[Addition]

    @property
    def failed(self) -> bool:
        """Return whether an import is missing."""
        return any(one.level == ERROR for one in self.findings)


def check(
    application: Application,
    names: Sequence[str],
    options: Options,
    report: Callable[[str], None],
) -> Findings:
    """Check functions' imports and requirements.

    Args:
        application: that contains them.
        names: logical ids or full paths of the functions; all functions if empty.
        options: how to build.
        report: called with each step.

    Raises:
        ShortsError: a function does not exist, or requirements cannot be resolved.
    """
    asked = chosen(application, names)
    files = {function.full_path: _files(application, function) for function in asked}
    read = {path for paths in files.values() for path in paths}
    others = [
        function
        for function in application.functions
        if function.full_path not in files and not read.isdisjoint(_files(application, function))
    ]
    layers = {path for layer in application.layers for path in _files_of(Path(layer.code_uri))}
    store = Store.default()
    looked = [
        Look(one, store, layers) for one in inspect(application, [*asked, *others], options, report)
    ]
    mine = looked[: len(asked)]
    for look in mine:
        look.others = [other for other in looked if other is not look]
    found = [finding for look in mine for finding in look.findings()]
    order = {function.full_path: number for number, function in enumerate(asked)}
    lines = [line for look in mine for line in look.lines if look.is_unwanted(line)]
    versions: dict[tuple[Path, str], set[str]] = {}
    for look in mine:
        for name in look.lacking():
            if look.manifest:
                said = look.one.slices[name].index.version
                versions.setdefault((look.manifest.path, name), set()).add(said)
    return Findings(
        functions=[function.full_path for function in asked],
        skipped=[] if names else sorted(application.handed),
        findings=sorted(
            dict.fromkeys(found),
            key=lambda one: (order[one.function], one.path, one.line, one.kind, one.name),
        ),
        unwanted=list({(one.path, one.line.first): one for one in lines}.values()),
        lacking=[
            Addition(path=path, name=name, versions=tuple(sorted(said)))
            for (path, name), said in sorted(versions.items())
        ],
    )


def chosen(application: Application, names: Sequence[str]) -> list[Function]:
    """Return the functions with the given names, in the template's order.

    Raises:
        ShortsError: no function has one of the names.
    """
    for name in names:
        if not any(one.is_named(name) for one in application.functions):
            there = ", ".join(one.full_path for one in application.functions) or "none"
            handed = name in application.handed
            what = "is built by SAM" if handed else "is not a function of the template"
            raise ShortsError(f"{name} {what}; shorts builds: {there}.")
    return [one for one in application.functions if not names or any(map(one.is_named, names))]


def _files(application: Application, function: Function) -> list[Path]:
    named = Path(application.manifest) if application.manifest else None
    if named and named.is_file():
        return manifest.load(named).paths
    return _files_of(Path(function.code_uri), uv=function.build_method == "python-uv")


def _files_of(folder: Path, *, uv: bool = False) -> list[Path]:
    required = manifest.find(folder, variants=uv)
    return required.paths if required else []
