"""Measures `shorts build` against `sam build` of the same template, and prints a table.

    python -m bench.engine [--runs N] [--only NAME …] [--json FILE]

Everything happens in temporary copies of the application, one for each system. The two take turns,
so that a drift of the machine meets both, and each ratio is of two figures taken one after the
other. The table shows medians, with the least and the most in brackets.

The copies lie in TMPDIR. A hundred functions are 5 GB of zips: where that passes what the system
lets wait for the disk (`vm.dirty_ratio`), the disk has its part in the figure.
"""

import argparse
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from bench.measure import Row, Run, table, taking_turns, timed
from shorts import interpreters, process
from shorts.cli import Progress
from shorts.errors import ShortsError

HERE = Path(__file__).absolute().parent
# What a person who clones the repository gets; caches of tools stay where they are.
APPLICATION = ("template.yaml", "samconfig.toml", "echo", "plot", "events")
FUNCTIONS = ("EchoFunction", "PlotFunction")
# The runtime that the template names; `sam build` wants its interpreter on PATH.
MINOR = "3.13"
# What the template asks of shorts for a function.
_SETTINGS = re.compile(r"    Metadata:\n      Shorts:\n(?:        .*\n)+")
# Functions in the applications that show how a build scales.
SIZES = (10, 50, 100)
# Functions, and the folders they share, in an application as people have it.
SHARING, SHARED = 86, 12
# What `sam package` does with a folder. The import is not in the figure, for `sam deploy` has it
# done by then, whoever built.
ZIP = """
import sys, time
from samcli.lib.package.utils import make_zip_with_lambda_permissions
started = time.perf_counter()
for folder in sys.argv[1:]:
    make_zip_with_lambda_permissions(folder, folder)
print(time.perf_counter() - started)
"""


class Bench:
    """Copies of the application, and the two systems to build them with.

    Making one builds each of its two copies once, so that afterwards the store and the caches of uv
    and pip are warm.

    Args:
        root: a folder for everything.
        runs: figures to take of each system.
        say: told what is being done.

    Attributes:
        ours: the copy that shorts has built.
        theirs: the copy that `sam build --cached` has built.

    Raises:
        ShortsError: there is no interpreter for `sam build`, or a build failed.
    """

    def __init__(self, root: Path, runs: int, say: Callable[[str], None]) -> None:
        python = interpreters.find(MINOR)
        if python is None:
            raise ShortsError(f"`sam build` needs it.\n{interpreters.how_to_get(MINOR)}")
        self.runs = runs
        self.say = say
        self._root = root
        self._environment = {
            "SAM_CLI_TELEMETRY": "0",
            "SHORTS_CACHE_DIR": str(root / "store"),
            # Where this is set, both compile their own modules at each start.
            "PYTHONDONTWRITEBYTECODE": "",
            "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        say("preparing: shorts build")
        self.ours = self.copy("ours")
        self.shorts(self.ours)
        say("preparing: sam build")
        self.theirs = self.copy("theirs")
        self.sam(self.theirs, "--cached", "--parallel")

    def copy(self, name: str, *, trimmed: bool = True) -> Path:
        """The application in a folder of this name, made anew.

        Args:
            name: of the folder.
            trimmed: whether its functions are trimmed by their sample events.
        """
        folder = self.empty(name)
        for part in APPLICATION:
            source = HERE.parent / part
            if source.is_dir():
                ignored = shutil.ignore_patterns(".*", "__pycache__")
                shutil.copytree(source, folder / part, ignore=ignored)
            else:
                shutil.copy(source, folder)
        if not trimmed:
            template = folder / "template.yaml"
            template.write_text(_SETTINGS.sub("", template.read_text(encoding="utf-8")))
        return folder

    def empty(self, name: str) -> Path:
        """An empty folder of this name."""
        folder = self._root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def shorts(self, folder: Path, store: Path | None = None) -> Run:
        """Run `shorts build` in a folder."""
        environment = {"SHORTS_CACHE_DIR": str(store)} if store else {}
        return self.run([_beside("shorts"), "build"], folder, environment)

    def sam(self, folder: Path, *options: str) -> Run:
        """Run `sam build` in a folder."""
        return self.run([_beside("sam"), "build", *options], folder)

    def zip(self, folder: Path) -> float:
        """Zip what `sam build` left, and return how many seconds that took."""
        folders = [str(folder / ".aws-sam" / "build" / name) for name in FUNCTIONS]
        return float(self.run([sys.executable, "-c", ZIP, *folders], folder).output)

    def coldstart(self, folder: Path) -> float:
        """Start the built Plot in a new sandbox, and return its init duration in ms."""
        program = str(HERE / "coldstart.py")
        argv = [sys.executable, program, "PlotFunction", "events/plot.json"]
        return float(self.run(argv, folder).output)

    def turns(
        self, what: str, ours: Callable[[], float], theirs: Callable[[], float]
    ) -> tuple[list[float], list[float]]:
        """Take all figures of both systems."""
        return taking_turns(
            self.runs, ours, theirs, lambda run: self.say(f"{what}: run {run} of {self.runs}")
        )

    def run(self, argv: Sequence[str], folder: Path, extra: dict[str, str] | None = None) -> Run:
        """Run a command in a folder."""
        return timed(argv, cwd=folder, env={**self._environment, **(extra or {})})


def unchanged(bench: Bench) -> list[Row]:
    """Build what has been built before."""
    folder, other = bench.ours, bench.theirs
    what = "nothing changed"
    ours, theirs = bench.turns(
        what,
        lambda: bench.shorts(folder).seconds,
        lambda: bench.sam(other, "--cached", "--parallel").seconds,
    )
    return [Row(what=what, unit="s", ours=ours, theirs=theirs, most=0.15, most_ratio=0.05)]


def edited(bench: Bench) -> list[Row]:
    """Build after an edit of one function's handler: without its sample events, and with them."""
    plain = bench.copy("plain", trimmed=False)
    bench.shorts(plain)
    counts = dict.fromkeys((plain, bench.ours, bench.theirs), 0)

    def edit(folder: Path) -> Path:
        counts[folder] += 1
        with (folder / "plot" / "app.py").open("a", encoding="utf-8") as file:
            file.write(f"# Edit {counts[folder]}\n")
        return folder

    rows = []
    for ours, more, most in ((plain, "", 0.25), (bench.ours, ", its events run again", None)):
        what = f"`plot/app.py` edited{more}"
        mine, stock = bench.turns(
            what,
            lambda ours=ours: bench.shorts(edit(ours)).seconds,  # type: ignore[misc]
            lambda: bench.sam(edit(bench.theirs), "--cached", "--parallel").seconds,
        )
        rows.append(Row(what=what, unit="s", ours=mine, theirs=stock, most=most))
    return rows


def empty_store(bench: Bench) -> list[Row]:
    """Build both functions with nothing kept but what uv and pip have downloaded before."""

    def build(trimmed: bool) -> float:
        folder = bench.copy("cold", trimmed=trimmed)
        return bench.shorts(folder, bench.empty("cold-store")).seconds

    def build_and_zip() -> float:
        folder = bench.copy("stock")
        return bench.sam(folder).seconds + bench.zip(folder)

    what = "empty store, to zips"
    ours, theirs = bench.turns(what, lambda: build(trimmed=False), build_and_zip)
    bench.say(f"{what}, trimmed")
    trimmed = [build(trimmed=True) for _ in range(bench.runs)]
    return [
        Row(what=what, unit="s", ours=ours, theirs=theirs, most=6, most_ratio=0.5),
        Row(what=f"{what}, their events run", unit="s", ours=trimmed),
    ]


def scale(bench: Bench) -> list[Row]:
    """Build many functions with the same requirements for the first time, the store being warm."""
    rows = []
    for count in SIZES:
        done = []
        for run in range(1, bench.runs + 1):
            bench.say(f"{count} functions: run {run} of {bench.runs}")
            done.append(bench.shorts(_many(bench, count)))
        each = [one.seconds * 1000 / count for one in done]
        peak = [one.peak / 1e6 for one in done]
        most, most_peak = (60, 300) if count == max(SIZES) else (None, None)
        rows += [
            Row(what=f"{count} functions, each", unit="ms", ours=each, most=most),
            Row(what=f"{count} functions, largest process", unit="MB", ours=peak, most=most_peak),
        ]
    bench.empty("many")
    return rows


def shared(bench: Bench) -> list[Row]:
    """Build many functions that share a few folders again, with nothing changed."""
    ours, theirs = (_sharing(bench, name) for name in ("shared", "shared-stock"))
    bench.say("shared folders: the first builds")
    peak = bench.shorts(ours).peak / 1e6
    bench.sam(theirs, "--cached", "--parallel")
    what = f"{SHARING} functions on {SHARED} folders, nothing changed"
    mine, stock = bench.turns(
        what,
        lambda: bench.shorts(ours).seconds,
        lambda: bench.sam(theirs, "--cached", "--parallel").seconds,
    )
    return [
        Row(what=what, unit="s", ours=mine, theirs=stock, most=0.4),
        Row(what="their first build, largest process", unit="MB", ours=[peak], most=400),
    ]


def _sharing(bench: Bench, name: str) -> Path:
    """An application whose functions share folders: one of them Plot's, the others Echo's."""
    folder = bench.copy(name)
    resources = {}
    for number in range(SHARED):
        like = "plot" if number == 0 else "echo"
        ignored = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(HERE.parent / like, folder / f"code{number:02}", ignore=ignored)
    for number in range(SHARING):
        resources[f"F{number:02}"] = _function(f"code{number % SHARED:02}")
    _write_template(folder, resources)
    return folder


def _function(code: str) -> dict[str, object]:
    properties = {"CodeUri": f"{code}/", "Handler": "app.handler", "Runtime": f"python{MINOR}"}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _write_template(folder: Path, resources: Mapping[str, object]) -> None:
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (folder / "template.yaml").write_text(json.dumps(template, indent=2), encoding="utf-8")


def _many(bench: Bench, count: int) -> Path:
    """An application of many Plots that differ in one constant."""
    folder = bench.empty("many")
    resources = {}
    for number in range(count):
        home = folder / f"plot{number:03}"
        home.mkdir()
        for source in (*HERE.parent.glob("plot/*.py"), *HERE.parent.glob("plot/requirements.*")):
            shutil.copy(source, home)
        with (home / "app.py").open("a", encoding="utf-8") as file:
            file.write(f"\nNUMBER = {number}\n")
        resources[f"Plot{number:03}Function"] = _function(home.name)
    _write_template(folder, resources)
    return folder


def size(bench: Bench) -> list[Row]:
    """Compare what is uploaded, and what Lambda unpacks."""
    bench.say("sizes")
    bench.zip(bench.theirs)
    rows = []
    for name, zipped, unzipped in (("EchoFunction", 0.85, None), ("PlotFunction", 0.62, 0.60)):
        mine, stock = (
            folder / ".aws-sam" / "build" / f"{name}.zip" for folder in (bench.ours, bench.theirs)
        )
        for what, size_of, most in (("zip", _zipped, zipped), ("unzipped", _unzipped, unzipped)):
            rows.append(
                Row(
                    what=f"{name}, {what}",
                    unit="KB",
                    ours=[size_of(mine)],
                    theirs=[size_of(stock)],
                    most_ratio=most,
                )
            )
    return rows


def _zipped(path: Path) -> float:
    return path.stat().st_size / 1000


def _unzipped(path: Path) -> float:
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist()) / 1000


def checked(bench: Bench) -> list[Row]:
    """Check both functions' requirements."""
    bench.say("shorts check")
    command = [_beside("shorts"), "check"]
    ours = [bench.run(command, bench.ours).seconds for _ in range(bench.runs)]
    return [Row(what="check of both functions", unit="s", ours=ours, most=0.3)]


def init(bench: Bench) -> list[Row]:
    """Start Plot cold under Lambda's emulator, the page cache being warm."""
    folder, other = bench.ours, bench.theirs
    bench.say("cold start of Plot: warming the page cache")
    bench.coldstart(folder)
    bench.coldstart(other)
    ours, theirs = bench.turns(
        "cold start of Plot", lambda: bench.coldstart(folder), lambda: bench.coldstart(other)
    )
    what = "init of Plot, page cache warm"
    return [Row(what=what, unit="ms", ours=ours, theirs=theirs, most_ratio=0.22)]


# Every measure by its name, in the order of the table.
MEASURES: dict[str, Callable[[Bench], list[Row]]] = {
    "unchanged": unchanged,
    "edited": edited,
    "empty-store": empty_store,
    "scale": scale,
    "shared": shared,
    "size": size,
    "check": checked,
    "init": init,
}


def machine() -> dict[str, str]:
    """What was measured, on what, and when."""
    versions = {
        name: process.run([_beside(name), "--version"]).split(" (")[0].split()[-1]
        for name in ("shorts", "sam", "uv")
    }
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return {
        "machine": f"{platform.system()} on {platform.machine()}",
        "cores": str(cores),
        "Python": platform.python_version(),
        **versions,
        "date": date.today().isoformat(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the status says whether all rows were made, not what they show."""
    asked = _parser().parse_args(arguments)
    rows: list[Row] = []
    try:
        about = machine()
        with Progress() as progress, tempfile.TemporaryDirectory(prefix="bench-") as root:
            bench = Bench(Path(root), asked.runs, progress.say)
            for name, measure in MEASURES.items():
                if name in (asked.only or MEASURES):
                    rows += measure(bench)
    except ShortsError as error:
        _print(rows)
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _print(rows)
        print("bench: interrupted", file=sys.stderr)
        return 130
    _print(rows)
    print(f"\n{', '.join(f'{name} {value}' for name, value in about.items())}")
    if asked.json:
        asked.json.write_bytes(msgspec.json.encode({"machine": about, "rows": rows}))
    return 0


def _print(rows: Sequence[Row]) -> None:
    if rows:
        print("\n".join(table(rows, "sam")), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.engine", description="Measure shorts against SAM.")
    parser.add_argument("--runs", type=_count, default=5, metavar="N", help="default: 5")
    names = ", ".join(MEASURES)
    parser.add_argument(
        "--only", nargs="+", choices=MEASURES, metavar="NAME", help=f"some of: {names}"
    )
    parser.add_argument("--json", type=_writable, metavar="FILE", help="write all figures here")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one run is needed")
    return count


def _writable(text: str) -> Path:
    path = Path(text)
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path


def _beside(name: str) -> str:
    """The command that is installed with the running interpreter."""
    return str(Path(sys.executable).with_name(name))


if __name__ == "__main__":
    sys.exit(main())
