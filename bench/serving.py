"""Measures Plot against a plain pyplot handler on the same events, and prints a table.

    python -m bench.serving [--runs N] [--invocations N] [--json FILE]

`shorts build` packages both handlers in the same way, untrimmed, with the same requirements, so
that a ratio depends on the handlers only. They run under Lambda's emulator and take turns; the
emulator measures the duration. A first invocation has a new sandbox with an empty temporary folder,
and its figure is init and invocation together; the plain handler is also measured with matplotlib's
font cache there, which Lambda would not have. Clients of `shorts local start-api` that keep their
connections count requests per second.

The answers are checked: each is a PNG of the requested size.
"""

import argparse
import base64
import contextlib
import http.client
import json
import random
import shutil
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec

from bench import ground
from bench.coldstart import sandbox
from bench.measure import Row, table, taking_turns
from bench.program import described, machine
from shorts.cli.progress import Progress
from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.invoke import environment
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.sam.read import read_invocation
from shorts.system import process

HERE = Path(__file__).absolute().parent
SIZE = (800, 500)
CLIENTS = 2
TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Globals": {"Function": {"Handler": "app.handler", "Runtime": f"python{ground.MINOR}"}},
    "Resources": {
        f"{name}Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": f"{name.lower()}/",
                "MemorySize": 1769,
                "Timeout": 29,
                "Events": {
                    "Draw": {
                        "Type": "HttpApi",
                        "Properties": {"Path": f"/{name.lower()}", "Method": "POST"},
                    }
                },
            },
        }
        for name in ("Plot", "Plain")
    },
}


def charts() -> dict[str, dict[str, Any]]:
    """Return the requests, by name; the same numbers each time."""
    chance = random.Random(7)

    def numbers(count: int) -> list[float]:
        return [round(chance.gauss(50, 15), 3) for _ in range(count)]

    width, height = SIZE
    shown = {"title": "Sample figures", "width": width, "height": height}
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return {
        "simple line": shown
        | {
            "kind": "line",
            "x": "n",
            "columns": {"n": list(range(50)), "a": numbers(50), "b": numbers(50)},
        },
        "12 bars": shown | {"kind": "bar", "columns": {"month": months, "sales": numbers(12)}},
        "100,000 points": shown
        | {"kind": "scatter", "columns": {"x": numbers(100_000), "y": numbers(100_000)}},
    }


def event(chart: dict[str, Any], path: str) -> bytes:
    """Return the HTTP event that requests a chart."""
    said = json.loads((HERE.parent / "events" / "plot-http.json").read_text(encoding="utf-8"))
    said |= {"rawPath": path, "routeKey": f"POST {path}", "body": json.dumps(chart)}
    said["requestContext"]["http"]["path"] = path
    return msgspec.json.encode(said)


class Pair:
    """Both handlers, built in a folder."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "pair"
        for name, source in (("plot", HERE.parent / "plot"), ("plain", HERE / "plain")):
            ignored = shutil.ignore_patterns(".*", "__pycache__")
            shutil.copytree(source, self.folder / name, ignore=ignored)
        for name in ("requirements.txt", "requirements.lock"):
            shutil.copy(HERE.parent / "plot" / name, self.folder / "plain" / name)
        (self.folder / "template.yaml").write_text(json.dumps(TEMPLATE), encoding="utf-8")
        process.run([ground.beside("shorts"), "build"], cwd=self.folder)
        with contextlib.chdir(self.folder):
            read = read_invocation([])
        self.ours, self.theirs = (
            next(one for one in read.functions if one.name == name)
            for name in ("PlotFunction", "PlainFunction")
        )


def check(body: bytes) -> None:
    """Refuse an answer that is not the chart.

    Raises:
        ShortsError: it is not a PNG of the requested size.
    """
    answer = msgspec.json.decode(body)
    image = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else b""
    if image[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", image[16:24]) != SIZE:
        raise ShortsError(f"A handler gave no PNG of {SIZE} pixels: {body[:200]!r}")


def first(
    pair: Pair, name: str, chart: dict[str, Any], runs: int, say: Callable[[str], None]
) -> list[Row]:
    """Start each handler cold: init and first invocation together."""

    def take(function: Function, path: str, fonts: Path | None = None) -> float:
        with sandbox(function, unpacked(Path(function.code_uri)), fonts) as emulator:
            reply = emulator.invoke(event(chart, path))
        check(reply.body)
        return (reply.init or 0.0) + (reply.duration or 0.0)

    rows = []
    with tempfile.TemporaryDirectory() as kept:
        fonts = Path(kept, "fonts")
        fonts.mkdir()
        _font_cache(pair, fonts, chart)
        for given, most in ((fonts, 0.6), (None, None)):
            what = f"{name}, first invocation{' (plain has its fonts cached)' if given else ''}"
            ours, theirs = taking_turns(
                runs,
                lambda: take(pair.ours, "/plot"),
                lambda given=given: take(pair.theirs, "/plain", given),  # type: ignore[misc]
                lambda run, what=what: say(f"{what}: run {run} of {runs}"),  # type: ignore[misc]
            )
            rows.append(Row(what=what, unit="ms", ours=ours, theirs=theirs, most_ratio=most))
    return rows


def _font_cache(pair: Pair, fonts: Path, chart: dict[str, Any]) -> None:
    """Let the plain handler leave matplotlib's font cache in a folder."""
    variables = environment(pair.theirs, {}) | {"MPLCONFIGDIR": str(fonts)}
    task = unpacked(Path(pair.theirs.code_uri))
    with Emulator(pair.theirs, task, variables) as emulator:
        check(emulator.invoke(event(chart, "/plain")).body)


def warm(
    pair: Pair, name: str, chart: dict[str, Any], invocations: int, say: Callable[[str], None]
) -> list[Row]:
    """Invoke both warm handlers in turns: the median and the slowest hundredth."""
    say(f"{name}, warm")
    tasks = [unpacked(Path(one.code_uri)) for one in (pair.ours, pair.theirs)]
    with sandbox(pair.ours, tasks[0]) as mine, sandbox(pair.theirs, tasks[1]) as stock:

        def take(emulator: Emulator, asked: bytes) -> float:
            reply = emulator.invoke(asked)
            check(reply.body)
            return reply.duration or 0.0

        asked, other = event(chart, "/plot"), event(chart, "/plain")
        for _ in range(3):
            take(mine, asked)
            take(stock, other)
        ours, theirs = taking_turns(
            invocations, lambda: take(mine, asked), lambda: take(stock, other)
        )
    rows = []
    for what, hundredth, most in (("p50", 50, 0.6), ("p99", 99, None)):
        figures = [[quantiles(taken, n=100)[hundredth - 1]] for taken in (ours, theirs)]
        rows.append(
            Row(
                what=f"{name}, warm {what}",
                unit="ms",
                ours=figures[0],
                theirs=figures[1],
                most_ratio=most,
            )
        )
    return rows


def throughput(
    pair: Pair, name: str, chart: dict[str, Any], runs: int, say: Callable[[str], None]
) -> list[Row]:
    """Count requests per second through `shorts local start-api`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    body = msgspec.json.encode(chart)

    def requests(path: str, count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(connection):
            for _ in range(count):
                connection.request(
                    "POST", path, body=body, headers={"content-type": "application/json"}
                )
                answer = connection.getresponse()
                image = answer.read()
                if answer.status != 200 or image[:4] != b"\x89PNG":
                    raise ShortsError(f"{path} answered {answer.status}: {image[:200]!r}")

    def rate(path: str, count: int = 40) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(requests, [path] * CLIENTS, [count] * CLIENTS))
        return CLIENTS * count / (time.perf_counter() - started)

    with tempfile.TemporaryFile() as log:
        server = process.start(
            [ground.beside("shorts"), "local", "start-api", "--port", str(port)],
            cwd=pair.folder,
            env=process.environment(),
            stdout=log,
            stderr=log,
        )
        try:
            _await(port)
            for path in ("/plot", "/plain"):
                rate(path, 4)
            what = f"{name}, requests a second through start-api, {CLIENTS} clients"
            ours, theirs = taking_turns(
                runs,
                lambda: rate("/plot"),
                lambda: rate("/plain"),
                lambda run: say(f"{what}: run {run} of {runs}"),
            )
        finally:
            server.terminate()
            server.wait()
    return [Row(what=what, unit="1/s", ours=ours, theirs=theirs)]


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise ShortsError(f"`shorts local start-api` does not listen on port {port}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 if all rows were made, whatever they show."""
    asked = _parser().parse_args(arguments)
    rows: list[Row] = []
    try:
        about = machine()
        with Progress() as progress, tempfile.TemporaryDirectory(prefix="bench-") as root:
            progress.say("building both handlers")
            pair = Pair(Path(root))
            for name, chart in charts().items():
                rows += first(pair, name, chart, asked.runs, progress.say)
                rows += warm(pair, name, chart, asked.invocations, progress.say)
            name, chart = next(iter(charts().items()))
            rows += throughput(pair, name, chart, asked.runs, progress.say)
    except ShortsError as error:
        print("\n".join(table(rows, "plain", "Plot")))
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print("\n".join(table(rows, "plain", "Plot")))
    print(f"\n{described(about)}")
    if asked.json:
        asked.json.write_bytes(msgspec.json.encode({"machine": about, "rows": rows}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench.serving", description="Measure Plot against a plain pyplot handler."
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="cold starts of each")
    parser.add_argument(
        "--invocations", type=int, default=60, metavar="N", help="warm invocations of each"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
