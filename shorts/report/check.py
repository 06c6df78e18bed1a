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
        return any(finding.level == ERROR for finding in self.findings)


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
    functions = chosen(application, names)
    files = {function.full_path: _files(application, function) for function in functions}
    read = {path for paths in files.values() for path in paths}
    others = [
        function
        for function in application.functions
        if function.full_path not in files and not read.isdisjoint(_files(application, function))
    ]
    layers = {path for layer in application.layers for path in _files_of(Path(layer.code_uri))}
    store = Store.default()
    looked = [
        Look(analysis, store, layers)
        for analysis in inspect(application, [*functions, *others], options, report)
    ]
    looks = looked[: len(functions)]
    for look in looks:
        look.others = [other for other in looked if other is not look]
    findings = [finding for look in looks for finding in look.findings()]
    order = {function.full_path: number for number, function in enumerate(functions)}
    lines = [line for look in looks for line in look.lines if look.is_unwanted(line)]
    versions: dict[tuple[Path, str], set[str]] = {}
    for look in looks:
        for name in look.lacking():
            if look.manifest:
                version = look.analysis.slices[name].index.version
                versions.setdefault((look.manifest.path, name), set()).add(version)
    return Findings(
        functions=[function.full_path for function in functions],
        skipped=[] if names else sorted(application.handed),
        findings=sorted(
            dict.fromkeys(findings),
            key=lambda finding: (
                order[finding.function],
                finding.path,
                finding.line,
                finding.kind,
                finding.name,
            ),
        ),
        unwanted=list({(line.path, line.line.first): line for line in lines}.values()),
        lacking=[
            Addition(path=path, name=name, versions=tuple(sorted(numbers)))
            for (path, name), numbers in sorted(versions.items())
        ],
    )


def chosen(application: Application, names: Sequence[str]) -> list[Function]:
    """Return the functions with the given names, in the template's order.

    Raises:
        ShortsError: no function has one of the names.
    """
    for name in names:
        if not any(function.is_named(name) for function in application.functions):
            there = ", ".join(function.full_path for function in application.functions) or "none"
            handed = name in application.handed
            what = "is built by SAM" if handed else "is not a function of the template"
            raise ShortsError(f"{name} {what}; shorts builds: {there}.")
    return [
        function
        for function in application.functions
        if not names or any(map(function.is_named, names))
    ]


def _files(application: Application, function: Function) -> list[Path]:
    named = Path(application.manifest) if application.manifest else None
    if named and named.is_file():
        return manifest.load(named).paths
    return _files_of(Path(function.code_uri), uv=function.build_method == "python-uv")


def _files_of(folder: Path, *, uv: bool = False) -> list[Path]:
    required = manifest.find(folder, variants=uv)
    return required.paths if required else []
