"""Measures `shorts build` against `sam build` of the same template, and prints a table.

    python -m bench.engine [--runs N] [--only NAME …] [--json FILE]

Everything happens in temporary copies of the application, one for each system. The two take turns,
so that a drift of the machine affects both, and each ratio is of two figures taken one after the
other. The table shows medians, with the minimum and the maximum in brackets.

The copies are in TMPDIR. A hundred functions are 5 GB of zips: if that exceeds what may wait for
the disk (`vm.dirty_ratio`), the figures include the disk's time.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench import ground
from bench.ground import Bench
from bench.measure import Row, table
from bench.program import at_least_one, described, machine, writable
from shorts.cli.progress import Progress
from shorts.errors import ShortsError

# Functions in the applications that show how a build scales.
SIZES = (10, 50, 100)
# Functions, and the folders they share, in a typical application.
SHARING, SHARED = 86, 12


def unchanged(bench: Bench) -> list[Row]:
    """Build again with nothing changed."""
    folder, other = bench.ours, bench.theirs
    what = "nothing changed"
    ours, theirs = bench.turns(
        what,
        lambda: bench.shorts(folder).seconds,
        lambda: bench.sam(other, "--cached", "--parallel").seconds,
    )
    return [Row(what=what, unit="s", ours=ours, theirs=theirs, most=0.15, most_ratio=0.05)]


def edited(bench: Bench) -> list[Row]:
    """Build after an edit of one function's handler, without and with its sample events."""
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
        shorts, stock = bench.turns(
            what,
            lambda ours=ours: bench.shorts(edit(ours)).seconds,  # type: ignore[misc]
            lambda: bench.sam(edit(bench.theirs), "--cached", "--parallel").seconds,
        )
        rows.append(Row(what=what, unit="s", ours=shorts, theirs=stock, most=most))
    return rows


def deployed(bench: Bench) -> list[Row]:
    """Measure from an edit of a handler to the deployment, to a stand-in for the cloud."""
    from tests.e2e.cloud import service

    what = "`plot/app.py` edited, to deployed"
    counts = dict.fromkeys((bench.ours, bench.theirs), 0)
    with tempfile.TemporaryDirectory() as place, service.serving(Path(place, "log")) as cloud:

        def deploy(folder: Path) -> float:
            command = [ground.installed("sam"), "deploy", "--stack-name", folder.name]
            options = ["--no-confirm-changeset"]
            return bench.run([*command, *options], folder, cloud.environment).seconds

        def take(folder: Path, build: Callable[[], float]) -> float:
            counts[folder] += 1
            with (folder / "plot" / "app.py").open("a", encoding="utf-8") as file:
                file.write(f"# Deployment {counts[folder]}\n")
            return build() + deploy(folder)

        bench.say(f"{what}: the first deployments")
        for folder in counts:
            deploy(folder)
        ours, theirs = bench.turns(
            what,
            lambda: take(bench.ours, lambda: bench.shorts(bench.ours).seconds),
            lambda: take(bench.theirs, lambda: bench.sam(bench.theirs).seconds),
        )
    return [Row(what=what, unit="s", ours=ours, theirs=theirs, most_ratio=1 / 3)]


def empty_store(bench: Bench) -> list[Row]:
    """Build both functions with nothing kept except the downloads of uv and pip."""

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
    """Build many functions with the same requirements for the first time, with a warm store."""
    rows = []
    for count in SIZES:
        done = []
        for run in range(1, bench.runs + 1):
            bench.say(f"{count} functions: run {run} of {bench.runs}")
            done.append(bench.shorts(ground.many(bench.empty("many"), count)))
        each = [run.seconds * 1000 / count for run in done]
        peak = [run.peak / 1e6 for run in done]
        most, most_peak = (60, 300) if count == max(SIZES) else (None, None)
        rows += [
            Row(what=f"{count} functions, each", unit="ms", ours=each, most=most),
            Row(what=f"{count} functions, largest process", unit="MB", ours=peak, most=most_peak),
        ]
    bench.empty("many")
    return rows


def shared(bench: Bench) -> list[Row]:
    """Build many functions that share a few folders again with nothing changed."""
    ours, theirs = (
        ground.sharing(bench, name, SHARING, SHARED) for name in ("shared", "shared-stock")
    )
    bench.say("shared folders: the first builds")
    peak = bench.shorts(ours).peak / 1e6
    bench.sam(theirs, "--cached", "--parallel")
    what = f"{SHARING} functions on {SHARED} folders, nothing changed"
    shorts, stock = bench.turns(
        what,
        lambda: bench.shorts(ours).seconds,
        lambda: bench.sam(theirs, "--cached", "--parallel").seconds,
    )
    return [
        Row(what=what, unit="s", ours=shorts, theirs=stock, most=0.4),
        Row(what="their first build, largest process", unit="MB", ours=[peak], most=400),
    ]


def size(bench: Bench) -> list[Row]:
    """Compare what is uploaded, and what Lambda unpacks."""
    bench.say("sizes")
    bench.zip(bench.theirs)
    rows = []
    for name, zipped, unzipped in (("EchoFunction", 0.85, None), ("PlotFunction", 0.62, 0.60)):
        shorts, stock = (
            folder / ".aws-sam" / "build" / f"{name}.zip" for folder in (bench.ours, bench.theirs)
        )
        for what, size_of, most in (("zip", _zipped, zipped), ("unzipped", _unzipped, unzipped)):
            rows.append(
                Row(
                    what=f"{name}, {what}",
                    unit="KB",
                    ours=[size_of(shorts)],
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
    command = [ground.installed("shorts"), "check"]
    ours = [bench.run(command, bench.ours).seconds for _ in range(bench.runs)]
    return [Row(what="check of both functions", unit="s", ours=ours, most=0.3)]


def init(bench: Bench) -> list[Row]:
    """Start Plot cold under Lambda's emulator, with a warm page cache."""
    folder, other = bench.ours, bench.theirs
    bench.say("cold start of Plot: warming the page cache")
    bench.coldstart(folder)
    bench.coldstart(other)
    whole: dict[Path, list[float]] = {folder: [], other: []}

    def take(built: Path) -> float:
        first, both = bench.coldstart(built)
        whole[built].append(both)
        return first

    ours, theirs = bench.turns("cold start of Plot", lambda: take(folder), lambda: take(other))
    return [
        Row(
            what="init of Plot, page cache warm",
            unit="ms",
            ours=ours,
            theirs=theirs,
            most_ratio=0.22,
        ),
        Row(
            what="init of Plot and its first invocation",
            unit="ms",
            ours=whole[folder],
            theirs=whole[other],
        ),
    ]


# Every measure by name, in the order of the table.
MEASURES: dict[str, Callable[[Bench], list[Row]]] = {
    "unchanged": unchanged,
    "edited": edited,
    "deployed": deployed,
    "empty-store": empty_store,
    "scale": scale,
    "shared": shared,
    "size": size,
    "check": checked,
    "init": init,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 if all rows were made, whatever they show."""
    options = _parser().parse_args(arguments)
    rows: list[Row] = []
    try:
        about = machine()
        with Progress() as progress, tempfile.TemporaryDirectory(prefix="bench-") as root:
            bench = Bench(Path(root), options.runs, progress.say)
            for name, measure in MEASURES.items():
                if name in (options.only or MEASURES):
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
    print(f"\n{described(about)}")
    if options.json:
        options.json.write_bytes(msgspec.json.encode({"machine": about, "rows": rows}))
    return 0


def _print(rows: Sequence[Row]) -> None:
    if rows:
        print("\n".join(table(rows, "sam")), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.engine", description="Measure shorts against SAM.")
    parser.add_argument("--runs", type=at_least_one, default=5, metavar="N", help="default: 5")
    names = ", ".join(MEASURES)
    parser.add_argument(
        "--only", nargs="+", choices=MEASURES, metavar="NAME", help=f"some of: {names}"
    )
    parser.add_argument("--json", type=writable, metavar="FILE", help="write all figures here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
