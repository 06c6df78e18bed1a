"""Measures builds on empty machines, with a full remote and without one, and prints a table.

    python -m bench remote [--runs N] [--servers NAME …] [--only NAME …] [--json FILE]
                           [--write DOCUMENT]

An empty machine is a clone and an empty store; uv's cache is warm. The remote is an S3 server on
loopback: SeaweedFS, or moto. Both kinds of machines take turns. CPU is the time of the build and of
all processes that it waited for.
"""

import argparse
import contextlib
import hashlib
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from bench import ground
from bench.measure import Row, Run, figure, in_turn, table, timed
from bench.program import Marked, at_least_one, described, machine, writable
from shorts.cli.progress import Progress
from shorts.errors import ShortsError

TABLE = Marked("remote")
_BUCKET = "machines"
# What 20 functions of a company may require, each with a list of its own.
LISTS = (
    "requests",
    "httpx orjson",
    "pydantic python-dateutil",
    "fastapi mangum",
    "flask",
    "sqlalchemy psycopg[binary]",
    "boto3 aws-lambda-powertools",
    "jinja2 markdown",
    "openpyxl",
    "numpy",
    "pandas",
    "pillow",
    "matplotlib",
    "cryptography pyjwt",
    "lxml beautifulsoup4",
    "redis",
    "pymysql",
    "aiohttp",
    "jsonschema pyyaml",
    "reportlab",
)
# How many pairs of builds with nothing changed, for each run.
_UNCHANGED = 10


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A remote to build with: its server, and the variables of a machine that may write to it."""

    server: str
    variables: dict[str, str]


class Bench:
    """Machines that build.

    Args:
        root: a folder for everything.
        runs: how often to measure each kind of machine.
        say: called with each step.
    """

    def __init__(self, root: Path, runs: int, say: Callable[[str], None]) -> None:
        self.root, self.runs, self.say = root, runs, say
        self.unequal = 0

    def empty(self, application: Path, variables: Mapping[str, str]) -> tuple[Run, dict[str, str]]:
        """Build on an empty machine; return the run, and the digests of the zips."""
        home = self.root / "machine"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(application, home / "clone")
        run = self.build(home / "clone", home / "store", variables)
        zips = sorted((home / "clone/.aws-sam/build").glob("*.zip"))
        return run, {zip.name: hashlib.sha256(zip.read_bytes()).hexdigest() for zip in zips}

    def build(self, folder: Path, store: Path, variables: Mapping[str, str]) -> Run:
        """Run `shorts build` in a folder."""
        given = {**ground.environment(store), "SHORTS_REMOTE": "", **variables}
        return timed([ground.installed("shorts"), "build"], cwd=folder, env=given)

    def against_none(
        self, what: str, application: Path, remote: Remote, most: float
    ) -> Iterator[Row]:
        """Build on empty machines, with the remote full and without one."""
        self.say(f"{what}: filling the remote in {remote.server}")
        self.empty(application, remote.variables)
        runs: dict[str, list[Run]] = {"full": [], "none": []}
        for number in range(1, self.runs + 1):
            self.say(f"{what}, {remote.server}: run {number} of {self.runs}")
            zips = []
            for name, variables in in_turn(
                [("full", remote.variables), ("none", dict[str, str]())], number
            ):
                run, made = self.empty(application, variables)
                runs[name].append(run)
                zips.append(made)
            self.unequal += sum(zips[0][name] != zips[1].get(name) for name in zips[0])
        for unit, attribute in (("s", "seconds"), ("s of CPU", "cpu")):
            yield Row(
                what=f"{what}, {remote.server}",
                unit=unit,
                ours=[getattr(run, attribute) for run in runs["full"]],
                theirs=[getattr(run, attribute) for run in runs["none"]],
                most_ratio=most,
            )

    def added(self, what: str, application: Path, variables: Mapping[str, str]) -> Row:
        """Measure what a remote that does not answer adds to a build, at most 2 s."""
        added = []
        for number in range(1, self.runs + 1):
            self.say(f"{what}: run {number} of {self.runs}")
            without, _ = self.empty(application, {})
            run, _ = self.empty(application, variables)
            added.append(max(0.0, run.seconds - without.seconds))
        return Row(what=f"{what}, added to a build", unit="s", ours=added, most=2)

    def unchanged(self, application: Path, variables: Mapping[str, str]) -> Row:
        """Measure what a remote adds to builds with nothing changed, at most 5 ms."""
        folder, store = self.root / "unchanged", self.root / "unchanged-store"
        shutil.copytree(application, folder)
        self.build(folder, store, variables)
        added = []
        for number in range(1, self.runs + 1):
            self.say(f"nothing changed: run {number} of {self.runs}")
            took: dict[bool, list[float]] = {True: [], False: []}
            for turn in range(_UNCHANGED):
                for given in in_turn((True, False), turn):
                    run = self.build(folder, store, variables if given else {})
                    took[given].append(run.seconds)
            added.append(max(0.0, median(took[True]) - median(took[False])) * 1000)
        return Row(what="nothing changed, added", unit="ms", ours=added, most=5)


def project(folder: Path) -> Path:
    """Make a copy of Plot and Echo, with their sample events."""
    folder.mkdir()
    ground.copy(folder)
    return folder


def lists(folder: Path) -> Path:
    """Make an application of 20 functions with lists of their own, and lock them."""
    resources: dict[str, object] = {}
    for number, names in enumerate(LISTS):
        home = folder / f"code{number:02}"
        home.mkdir(parents=True)
        (home / "requirements.txt").write_text(names.replace(" ", "\n") + "\n", encoding="utf-8")
        source = f"def handler(event, context):\n    return {number}\n"
        (home / "app.py").write_text(source, encoding="utf-8")
        resources[f"F{number:02}"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": f"{home.name}/",
                "Handler": "app.handler",
                "Runtime": f"python{ground.MINOR}",
            },
        }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (folder / "template.yaml").write_text(json.dumps(template, indent=2), encoding="utf-8")
    timed(
        [ground.installed("shorts"), "lock"],
        cwd=folder,
        env=ground.environment(folder.with_name("lock-store")),
    )
    shutil.rmtree(folder / ".aws-sam", ignore_errors=True)
    return folder


@contextlib.contextmanager
def _seaweedfs(folder: Path) -> Iterator[Remote]:
    from tests import s3

    with s3.serving(folder) as server:
        address = {"SHORTS_REMOTE": f"s3://{s3.BUCKET}/bench"}
        yield Remote(server="SeaweedFS", variables={**server.environment("writer"), **address})


@contextlib.contextmanager
def _moto(folder: Path) -> Iterator[Remote]:
    from tests.e2e.cloud import service

    with service.serving(folder / "log") as cloud:
        where = {"LocationConstraint": service.REGION}
        cloud.client("s3").create_bucket(Bucket=_BUCKET, CreateBucketConfiguration=where)
        address = {"SHORTS_REMOTE": f"s3://{_BUCKET}/bench"}
        yield Remote(server="moto", variables={**cloud.environment, **address})


SERVERS = {"seaweedfs": _seaweedfs, "moto": _moto}
WHAT = ("project", "lists", "failures", "unchanged")


def measure(bench: Bench, servers: Sequence[str], wanted: Sequence[str]) -> Iterator[Row]:
    """Yield all rows."""
    from shorts.remote import signature

    secret, public = signature.generate()
    keys = {signature.SIGNING: secret, signature.TRUSTED: public}
    small = project(bench.root / "project")
    bench.say("a build that fills uv's cache")
    bench.empty(small, {})
    many = lists(bench.root / "lists") if "lists" in wanted else small
    for name in servers:
        folder = bench.root / name
        folder.mkdir()
        with SERVERS[name](folder) as remote:
            full = Remote(server=remote.server, variables={**remote.variables, **keys})
            if "project" in wanted:
                yield from bench.against_none("Plot and Echo with events", small, full, 0.25)
            if "lists" in wanted:
                yield from bench.against_none("20 functions with 20 lists", many, full, 0.2)
    if {"project", "lists"} & {*wanted}:
        yield Row(what="zips that differ", unit="", ours=[float(bench.unequal)], most=0)
    nowhere = {
        **keys,
        "SHORTS_REMOTE": "s3://machines/bench",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    if "failures" in wanted:
        ground.untrim(small)
        with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            yield bench.added("remote silent", small, {**nowhere, "AWS_ENDPOINT_URL": address})
        down = {**nowhere, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        yield bench.added("remote down", small, down)
    if "unchanged" in wanted:
        yield bench.unchanged(small, {**nowhere, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 where a bound is missed."""
    options = parser().parse_args(arguments)
    rows: list[Row] = []
    try:
        about = machine()
        with (
            Progress() as progress,
            tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as root,
        ):
            bench = Bench(Path(root), options.runs, progress.say)
            rows += measure(bench, options.servers, options.only)
    except ShortsError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    lines = [*table(rows, "no remote", "remote"), "", f"{described(about)}, runs {options.runs}"]
    print("\n".join(lines))
    if options.json:
        document = msgspec.json.encode({"machine": about, "remote": rows})
        options.json.write_bytes(msgspec.json.format(document))
    if options.write:
        TABLE.fill(options.write, lines)
    missed = [row for row in rows if row.reached is False]
    for row in missed:
        print(f"missed: {row.what}: {figure(median(row.ours))} {row.unit}", file=sys.stderr)
    return int(bool(missed))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options = argparse.ArgumentParser(
        prog="bench remote", description="Measure builds on empty machines, with a remote."
    )
    options.add_argument("--runs", type=at_least_one, default=3, metavar="N", help="default: 3")
    options.add_argument(
        "--servers", nargs="+", choices=SERVERS, default=[*SERVERS], metavar="NAME"
    )
    options.add_argument("--only", nargs="+", choices=WHAT, default=WHAT, metavar="NAME")
    options.add_argument("--json", type=writable, metavar="FILE", help="write all figures here")
    options.add_argument(
        "--write", type=TABLE.document, metavar="DOCUMENT", help="put the table in its place"
    )
    return options
