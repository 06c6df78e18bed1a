"""Copies and variants of the application, and the two systems to build them with."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.measure import Run, taking_turns, timed
from shorts.errors import ShortsError
from shorts.system import interpreters

HERE = Path(__file__).absolute().parent
# What a person who clones the repository gets; caches of tools stay where they are.
APPLICATION = ("template.yaml", "samconfig.toml", "echo", "plot", "events")
# What no build reads of a folder of sources.
IGNORED = shutil.ignore_patterns(".*", "__pycache__")
FUNCTIONS = ("EchoFunction", "PlotFunction")
# The template's runtime; `sam build` needs its interpreter on PATH.
MINOR = "3.13"
# A function's settings for shorts in the template.
_SETTINGS = re.compile(r"    Metadata:\n      Shorts:\n(?:        .*\n)+")
# What `sam package` does with a folder. The figure excludes the import, because `sam deploy` has
# done it by then, whatever built.
ZIP = """
import sys, time
from samcli.lib.package.utils import make_zip_with_lambda_permissions
started = time.perf_counter()
for folder in sys.argv[1:]:
    make_zip_with_lambda_permissions(folder, folder)
print(time.perf_counter() - started)
"""


def environment(store: Path) -> dict[str, str]:
    """Return the environment of shorts and of `sam build` of the sources.

    If `sam build` has no interpreter, it says so itself.

    Args:
        store: where shorts keeps its Slices.
    """
    python = interpreters.find(MINOR)
    # SAM's uv builder looks for uv there.
    first = (
        [python.parent, Path(sys.executable).parent] if python else [Path(sys.executable).parent]
    )
    return {
        "SAM_CLI_TELEMETRY": "0",
        "SHORTS_CACHE_DIR": str(store),
        # If this is set, both compile their own modules at each start.
        "PYTHONDONTWRITEBYTECODE": "",
        "PATH": os.pathsep.join([*map(str, first), os.environ.get("PATH", os.defpath)]),
    }


def copy(folder: Path) -> None:
    """Copy the application into an existing folder."""
    for part in APPLICATION:
        source = HERE.parent / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=IGNORED)
        else:
            shutil.copy(source, folder)


def untrim(folder: Path) -> None:
    """Remove all settings for shorts from the application's template, its sample events too."""
    template = folder / "template.yaml"
    asking = template.read_text(encoding="utf-8")
    template.write_text(_SETTINGS.sub("", asking), encoding="utf-8")


def adopt(work: Path, template: Path) -> None:
    """Copy another application into an existing empty folder."""
    shutil.copytree(template.parent, work, ignore=IGNORED, dirs_exist_ok=True)
    if template.name != "template.yaml":
        shutil.copy(template, work / "template.yaml")


class Bench:
    """Copies of the application, and the two systems to build them with.

    The constructor builds each of the two copies once, so that the store and the caches of uv and
    pip are warm afterwards.

    Args:
        root: a folder for everything.
        runs: how often to measure each system.
        say: called with each step.

    Attributes:
        ours: the copy that shorts has built.
        theirs: the copy that `sam build --cached` has built.

    Raises:
        ShortsError: there is no interpreter for `sam build`, or a build failed.
    """

    def __init__(self, root: Path, runs: int, say: Callable[[str], None]) -> None:
        if interpreters.find(MINOR) is None:
            raise ShortsError(f"`sam build` needs it.\n{interpreters.how_to_get(MINOR)}")
        self.runs = runs
        self.say = say
        self._root = root
        self._environment = environment(root / "store")
        say("preparing: shorts build")
        self.ours = self.copy("ours")
        self.shorts(self.ours)
        say("preparing: sam build")
        self.theirs = self.copy("theirs")
        self.sam(self.theirs, "--cached", "--parallel")

    def copy(self, name: str, *, trimmed: bool = True) -> Path:
        """Copy the application into a new folder of this name.

        Args:
            name: of the folder.
            trimmed: whether its functions are trimmed by their sample events.
        """
        folder = self.empty(name)
        copy(folder)
        if not trimmed:
            untrim(folder)
        return folder

    def empty(self, name: str) -> Path:
        """Return an empty folder of this name."""
        folder = self._root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def shorts(self, folder: Path, store: Path | None = None) -> Run:
        """Run `shorts build` in a folder."""
        environment = {"SHORTS_CACHE_DIR": str(store)} if store else {}
        return self.run([installed("shorts"), "build"], folder, environment)

    def sam(self, folder: Path, *options: str) -> Run:
        """Run `sam build` in a folder."""
        return self.run([installed("sam"), "build", *options], folder)

    def zip(self, folder: Path) -> float:
        """Zip what `sam build` left, and return how many seconds that took."""
        folders = [str(folder / ".aws-sam" / "build" / name) for name in FUNCTIONS]
        return float(self.run([sys.executable, "-c", ZIP, *folders], folder).output)

    def coldstart(self, folder: Path) -> tuple[float, float]:
        """Start the built Plot in a new sandbox; return the ms of init, and with the invocation."""
        argv = [sys.executable, "-m", "bench.coldstart", "PlotFunction", "events/plot.json"]
        init, invocation = self.run(argv, folder, {"PYTHONPATH": str(HERE.parent)}).output.split()
        return float(init), float(init) + float(invocation)

    def turns(
        self, what: str, ours: Callable[[], float], theirs: Callable[[], float]
    ) -> tuple[list[float], list[float]]:
        """Measure both systems in all runs."""
        return taking_turns(
            self.runs, ours, theirs, lambda run: self.say(f"{what}: run {run} of {self.runs}")
        )

    def run(self, argv: Sequence[str], folder: Path, extra: dict[str, str] | None = None) -> Run:
        """Run a command in a folder."""
        return timed(argv, cwd=folder, env={**self._environment, **(extra or {})})


def sharing(bench: Bench, name: str, functions: int, folders: int) -> Path:
    """Make an application with functions that share folders: one is Plot's, the rest Echo's."""
    folder = bench.copy(name)
    resources = {}
    for number in range(folders):
        like = "plot" if number == 0 else "echo"
        shutil.copytree(HERE.parent / like, folder / f"code{number:02}", ignore=IGNORED)
    for number in range(functions):
        resources[f"F{number:02}"] = _function(f"code{number % folders:02}")
    _write_template(folder, resources)
    return folder


def _function(code: str, method: str = "") -> dict[str, object]:
    properties = {"CodeUri": f"{code}/", "Handler": "app.handler", "Runtime": f"python{MINOR}"}
    function: dict[str, object] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    if method:
        function["Metadata"] = {"BuildMethod": method}
    return function


def _write_template(
    folder: Path, resources: Mapping[str, object], metadata: Mapping[str, object] | None = None
) -> None:
    template: dict[str, object] = {"Transform": "AWS::Serverless-2016-10-31"}
    if metadata:
        template["Metadata"] = metadata
    template["Resources"] = resources
    (folder / "template.yaml").write_text(json.dumps(template, indent=2), encoding="utf-8")


def many(
    folder: Path, count: int, method: str = "", metadata: Mapping[str, object] | None = None
) -> Path:
    """Make an application of many Plots that differ in one constant.

    Args:
        folder: an empty one, for it.
        count: of its functions.
        method: the build method in their metadata, if any.
        metadata: of the template, if any.
    """
    resources = {}
    for number in range(count):
        home = folder / f"plot{number:03}"
        shutil.copytree(HERE.parent / "plot", home, ignore=IGNORED)
        with (home / "app.py").open("a", encoding="utf-8") as file:
            file.write(f"\nNUMBER = {number}\n")
        resources[f"Plot{number:03}Function"] = _function(home.name, method)
    _write_template(folder, resources, metadata)
    return folder


def installed(name: str) -> str:
    """Return the command that is installed with the running interpreter."""
    return str(Path(sys.executable).with_name(name))
