"""Measures what deployments upload, with layers that functions share and without.

    python -m bench deploy [--functions N] [--json FILE] [--write DOCUMENT]

`sam deploy` uploads each zip that it has not uploaded before, under a digest of its content. So a
deployment's bytes are those of the zips in the build folder that the build before did not have. The
last row deploys to a stand-in for the cloud on this machine; it takes the tests' environment.
"""

import argparse
import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench import ground, lists
from bench.ground import installed
from bench.measure import figure, padded, timed
from bench.program import Marked, at_least_one, described, machine, writable
from shorts.cli.progress import Progress
from shorts.errors import ShortsError

if TYPE_CHECKING:
    from tests.e2e.cloud.service import Cloud

TABLE = Marked("deploy")
_ON = {"Shorts": {"SharedLayers": True}}
_MB = 1e6
# Requirements that an edit adds, and the number of the function that gets each; the last one is
# another version of what the function has.
_ADDED = (
    (0, "boto3"),
    (2, "pydantic"),
    (7, "pandas"),
    (13, "jinja2"),
    (16, "requests"),
    (2, "certifi==2025.1.31"),
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, with and without shared layers.

    Attributes:
        what: in words.
        unit: of both.
        apart: without shared layers.
        shared: with them.
        goal: the most that the latter may be of what it is compared with; 0 where there is none.
        compared: what that is, in words.
        ratio: to it.
    """

    what: str
    unit: str
    apart: float
    shared: float
    compared: str
    ratio: float
    goal: float = 0


class Application:
    """One application, and the zips that were uploaded of it.

    Args:
        folder: of its template.
        store: where shorts keeps Slices.
    """

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder = folder
        self._environment = ground.environment(store)
        self._uploaded: set[str] = set()

    def build(self, *options: str) -> float:
        """Build it, and return the seconds that this took."""
        argv = [installed("shorts"), "build", *options]
        return timed(argv, cwd=self.folder, env=self._environment).seconds

    def zips(self) -> dict[Path, str]:
        """Return the zips in the build folder with their digests."""
        zips = sorted((self.folder / ".aws-sam" / "build").rglob("*.zip"))
        return {path: hashlib.md5(path.read_bytes()).hexdigest() for path in zips}

    def upload(self) -> int:
        """Return the bytes that a deployment uploads, and count them as uploaded."""
        new = {digest: path for path, digest in self.zips().items() if digest not in self._uploaded}
        self._uploaded |= new.keys()
        return sum(path.stat().st_size for path in new.values())

    def disk(self) -> int:
        """Return the bytes of the build folder; a file with several names counts once."""
        statuses = (path.stat() for path in (self.folder / ".aws-sam" / "build").rglob("*"))
        return sum({status.st_ino: status.st_size for status in statuses}.values())

    def packed(self) -> int:
        """Return the compressed bytes of all different files of distributions in the zips."""
        sizes = {}
        for path in self.zips():
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    sizes[member.filename, member.CRC, member.file_size] = member.compress_size
        return sum(sizes.values())


def measure(functions: int, root: Path, say: Callable[[str], None]) -> list[Row]:
    """Measure everything.

    Args:
        functions: how many Plots.
        root: a folder for everything.
        say: called with each step.
    """
    return [*_plots(functions, root, say), *_lists(root, say), *_deployed(root, say)]


def _plots(functions: int, root: Path, say: Callable[[str], None]) -> list[Row]:
    """Measure many Plots: the first deployment, the disk, and an edit of one."""
    figures: dict[bool, tuple[int, int, int]] = {}
    plot = 0
    for shared in (False, True):
        say(f"{functions} Plots{' with shared layers' * shared}")
        folder = root / f"plots-{shared}"
        folder.mkdir()
        ground.many(folder, functions, metadata=_ON if shared else {})
        application = Application(folder, root / "store")
        application.build()
        first, disk = application.upload(), application.disk()
        if not shared:
            plot = max(path.stat().st_size for path in application.zips())
        _append(folder / "plot000" / "app.py")
        application.build()
        figures[shared] = first, disk, application.upload()
    (first, disk, edit), (first_shared, disk_shared, edit_shared) = figures[False], figures[True]
    return [
        Row(
            what=f"{functions} Plots, first deployment",
            unit="MB",
            apart=first / _MB,
            shared=first_shared / _MB,
            compared="one Plot",
            ratio=first_shared / plot,
            goal=1.1,
        ),
        Row(
            what=f"{functions} Plots, build folder",
            unit="MB",
            apart=disk / _MB,
            shared=disk_shared / _MB,
            compared="without",
            ratio=disk_shared / disk,
        ),
        Row(
            what="edit of one Plot",
            unit="MB",
            apart=edit / _MB,
            shared=edit_shared / _MB,
            compared="without",
            ratio=edit_shared / edit,
        ),
    ]


def _lists(root: Path, say: Callable[[str], None]) -> list[Row]:
    """Measure functions with different requirements: the first deployment, and edits of them."""
    count = len(lists.LISTS)
    applications = {}
    for shared in (False, True):
        say(f"{count} functions with different requirements{' and shared layers' * shared}")
        folder = root / f"lists-{shared}"
        folder.mkdir()
        lists.write(folder, lists.LISTS, ground.MINOR, shared=shared)
        applications[shared] = Application(folder, root / "store")
        applications[shared].build()
    first = {shared: application.upload() for shared, application in applications.items()}
    distinct = applications[False].packed()
    rows = [
        Row(
            what=f"{count} functions, first deployment",
            unit="MB",
            apart=first[False] / _MB,
            shared=first[True] / _MB,
            compared="all different files",
            ratio=first[True] / distinct,
            goal=1.3,
        )
    ]
    for number, name in _ADDED:
        say(f"an edit that adds {name}")
        changed = [*lists.LISTS]
        changed[number] = (*changed[number], name)
        figures = {}
        for shared, application in applications.items():
            lists.write(application.folder, changed, ground.MINOR, shared=shared)
            application.build()
            figures[shared] = application.upload()
            lists.write(application.folder, lists.LISTS, ground.MINOR, shared=shared)
            application.build()
            application.upload()
        rows.append(
            Row(
                what=f"{name} is added to {', '.join(lists.LISTS[number])}",
                unit="MB",
                apart=figures[False] / _MB,
                shared=figures[True] / _MB,
                compared="without",
                ratio=figures[True] / figures[False],
            )
        )
    return rows


def _deployed(root: Path, say: Callable[[str], None]) -> list[Row]:
    """Measure an edit of Plot until it is deployed, against `sam build` and `sam deploy`."""
    from tests.e2e.cloud.service import serving

    seconds = {}
    with serving(root / "cloud.log") as cloud:
        for system in ("sam", "shorts"):
            say(f"an edit of Plot, built and deployed: {system}")
            folder = root / f"deployed-{system}"
            folder.mkdir()
            metadata = _ON if system == "shorts" else {}
            ground.many(folder, 1, metadata=metadata)
            environment = {**ground.environment(root / "store"), **cloud.environment}
            build = [installed(system), "build", *(["--cached"] if system == "sam" else [])]
            deploy = _deployment(cloud, f"bench-{system}")

            def run(
                build: Sequence[str] = build,
                deploy: Sequence[str] = deploy,
                folder: Path = folder,
                environment: Mapping[str, str] = environment,
            ) -> float:
                done = [timed(argv, cwd=folder, env=environment) for argv in (build, deploy)]
                return sum(run.seconds for run in done)

            run()
            _append(folder / "plot000" / "app.py")
            seconds[system] = run()
    return [
        Row(
            what="edit of Plot, built and deployed by `sam deploy`",
            unit="s",
            apart=seconds["sam"],
            shared=seconds["shorts"],
            compared="sam build",
            ratio=seconds["shorts"] / seconds["sam"],
            goal=0.2,
        )
    ]


def _deployment(cloud: "Cloud", stack: str) -> list[str]:
    """Return a command that deploys a built application, into a bucket that is made for it."""
    bucket = f"{stack}-uploads"
    region = cloud.environment["AWS_DEFAULT_REGION"]
    cloud.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region}
    )
    options = ["--stack-name", stack, "--s3-bucket", bucket, "--capabilities", "CAPABILITY_IAM"]
    return [installed("sam"), "deploy", "--no-confirm-changeset", *options]


def _append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("EDITED = True\n")


def table(rows: Sequence[Row]) -> list[str]:
    """Return a document's lines."""
    cells = [["what", "without", "with shared layers", "ratio", "to", "must reach"]]
    for row in rows:
        bound = f"≤ {row.goal:g}" if row.goal else "–"
        values = [f"{figure(value)} {row.unit}" for value in (row.apart, row.shared)]
        cells.append([row.what, *values, figure(row.ratio), row.compared, bound])
    return padded(cells)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    options = parser().parse_args(arguments)
    try:
        about = machine()
        with (
            Progress() as progress,
            tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as root,
        ):
            rows = measure(options.functions, Path(root), progress.say)
    except ShortsError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    lines = [*table(rows), "", described(about)]
    print("\n".join(lines))
    if options.json:
        document = msgspec.json.encode({"machine": about, "deploy": rows})
        options.json.write_bytes(msgspec.json.format(document))
    if options.write:
        TABLE.fill(options.write, lines)
    return int(any(row.goal and row.ratio > row.goal for row in rows))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options = argparse.ArgumentParser(
        prog="bench deploy", description="Measure what deployments upload, with shared layers."
    )
    options.add_argument(
        "--functions", type=at_least_one, default=100, metavar="N", help="Plots; default: 100"
    )
    options.add_argument("--json", type=writable, metavar="FILE", help="write all figures here")
    options.add_argument(
        "--write", type=TABLE.document, metavar="DOCUMENT", help="put the table in its place"
    )
    return options
