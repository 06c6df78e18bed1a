"""``shorts local start-api``: builds, serves, and builds again when a source changes."""

import os
import re
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from shorts import pipeline
from shorts.artifact.plan import Options
from shorts.emulator import invoke, layers
from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.pool import Pool
from shorts.errors import ShortsError
from shorts.model import DEFAULT, Application, Function, Serving
from shorts.requirements import local_projects
from shorts.sam.read import read_application, read_serving
from shorts.start_api import hosts, options, router, watch
from shorts.start_api.connections import Connections
from shorts.start_api.gateway import Site
from shorts.start_api.http_server import PortInUse, Server
from shorts.start_api.router import Table
from shorts.start_api.watch import Watch
from shorts.system import cache_root, process
from shorts.system.printed import printable, printable_lines
from shorts.targets.target import RUNTIMES

Say = Callable[[str], None]

# The emulator's own log of each invocation; the gateway's line for the request says more.
_ITS_OWN = re.compile(
    r"\d\d \w{3} \d{4} [\d:,]+ \[INFO\] \(rapid\) |(START|END|REPORT) RequestId: |\s*$"
)
# In Lambda, each sandbox has its own.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME"

_BREATH = 0.2  # in seconds

# How many ports above `--port` to try for a function's URL.
_PORTS = 100


class Asked(NamedTuple):
    """The template as built, if it is built here, and as served."""

    built: Application | None
    serving: Serving
    warnings: list[str]


class _Kept(NamedTuple):
    """A pool, what its sandboxes depend on, and what keeps the folder of their code."""

    identity: object
    pool: Pool
    held: ExitStack


def read(arguments: Sequence[str], report: Say) -> Asked:
    """Build, and read what to serve from the outcome.

    A template that a build has written is served without a build.

    Args:
        arguments: of `sam local start-api`.
        report: called with each step.

    Raises:
        ShortsError: it cannot be built or read.
        UsageError: SAM refuses the arguments.
    """
    named = options.value(arguments, options.TEMPLATE)
    if named and ".aws-sam" in Path(named).absolute().parts:
        return Asked(None, read_serving(arguments), [])
    shared, _ = options.parted(arguments, options.SHARED)
    asked = read_application(shared)
    built = pipeline.build(asked, Options(), report)
    said = {line for one in built.artifacts.values() for line in one.warnings}
    warnings = sorted({*said, *built.exposed, *cache_root.warnings()})
    _, rest = options.parted(arguments, options.TEMPLATE)
    written = os.path.join(asked.build_dir, "template.yaml")
    serving = read_serving([*rest, *options.configured(arguments), "-t", written])
    return Asked(asked, serving, warnings)


def serve(
    asked: Asked, arguments: Sequence[str], size: int, say: Say, names: Collection[str] = ()
) -> None:
    """Serve until interrupted.

    Args:
        asked: what to serve.
        arguments: that it was read from.
        size: how many sandboxes each function may have.
        say: called with every line of the log, which has no control characters.
        names: that clients may use for this host.

    Raises:
        ShortsError: there are no APIs, or the server cannot listen on the port.
        KeyboardInterrupt: at the end.
    """

    def safe(line: str) -> None:
        say(printable_lines(line))

    with Service(asked, size, safe, names) as service:
        if asked.serving.watch:
            follow(service, asked, arguments, safe)
        while True:
            time.sleep(_BREATH)  # a longer pause would go on if another thread got the signal


def follow(service: "Service", asked: Asked, arguments: Sequence[str], say: Say) -> None:
    """Build again at each change, and serve the outcome; log what cannot be built."""
    looking = Watch(watch.places(asked.built, asked.serving), asked.serving.log)
    changed = os.path.relpath(asked.serving.template)
    try:
        while True:  # at once: something may have changed before the watch began
            began = time.perf_counter()
            try:
                asked = read(arguments, lambda line: None)
                is_new = service.exchange(asked)
            except (ShortsError, OSError) as error:  # a file may go while it is read
                say(f"{changed} changed, and what was built before is served: {error}")
            else:
                if is_new:
                    took = time.perf_counter() - began
                    say(f"{changed} changed: built and served again after {took:.2f} s")
                places = watch.places(asked.built, asked.serving)
                if places != looking.places:
                    looking.stop()
                    looking = Watch(places, asked.serving.log)
                    continue
            changed = os.path.relpath(looking.wait())
    finally:
        looking.stop()


class Service:
    """A running server of an application; a context manager.

    Args:
        asked: what to serve.
        size: how many sandboxes each function may have.
        say: called with every line of the log.
        names: that clients may use for this host.

    Raises:
        ShortsError: there are no APIs, or the server cannot listen on the port.
    """

    def __init__(self, asked: Asked, size: int, say: Say, names: Collection[str] = ()) -> None:
        self._names = names
        self._connections = Connections()
        self._asked = asked
        self._size = size
        self._say = say
        self._pools: dict[str, _Kept] = {}
        self._servers: dict[str, Server] = {}
        self._said: list[str] = []
        self._is_ended = False
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self._stream = f"{day}/[$LATEST]{uuid.uuid4().hex}"

    def __enter__(self) -> "Service":
        try:
            self.exchange(self._asked)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def exchange(self, asked: Asked) -> bool:
        """Serve this from now on; requests in progress end as they began.

        Returns:
            Whether it differs from what was served before.

        Raises:
            ShortsError: there are no APIs, or the server cannot listen on the port; the former
                ones are still served.
        """
        serving = asked.serving
        if not serving.apis:
            raise ShortsError(
                f"{serving.template} has no APIs.\n"
                "Give a function an event of type HttpApi or Api, or a FunctionUrlConfig."
            )
        pools = self._pooled(serving)
        root = Path(asked.built.template if asked.built else serving.template).parent
        folder = root / serving.static
        static = folder if serving.static and folder.is_dir() else None
        sites = {
            name: Site(
                table=Table(apis),
                pools={full_path: kept.pool for full_path, kept in pools.items()},
                static=None if name else static,
            )
            for name, apis in router.by_host(serving.apis).items()
        }
        for name in sites.keys() - self._servers.keys():
            self._servers[name] = self._server(name, sites[name], serving)
        for name in self._servers.keys() - sites.keys():
            self._servers.pop(name).stop()
        for name, site in sites.items():
            self._servers[name].site = site
        former, self._pools = self._pools, pools
        for full_path, kept in former.items():
            if full_path not in pools or pools[full_path].pool is not kept.pool:
                kept.pool.retire()
                kept.held.close()
        self._describe(asked)
        if serving.eager:
            for full_path, kept in pools.items():
                try:
                    kept.pool.warm()
                except ShortsError as error:  # the others run
                    self._say(f"{full_path} was not started: {error}")
        is_new = former != pools or serving.apis != self._asked.serving.apis
        self._asked = asked
        return is_new

    def _pooled(self, serving: Serving) -> dict[str, _Kept]:
        """Return a pool for each function of an API: the former one if nothing has changed."""
        functions = {function.full_path: function for function in serving.functions}
        replaced = invoke.overrides(serving.variables)
        pools: dict[str, _Kept] = {}
        asked = sorted(set(router.functions(serving.apis)) & functions.keys())
        for full_path in asked:
            function = functions[full_path]
            if not _runs_here(function):
                continue
            variables = invoke.environment(function, replaced)
            places = [function.code_uri, *(layer.code_uri for layer in function.layers)]
            digests = [
                local_projects.digest(Path(place)) for place in places if Path(place).exists()
            ]
            identity = (msgspec.json.encode(function), digests, variables)
            former = self._pools.get(full_path)
            if former and former.identity == identity:
                pools[full_path] = former
                continue
            prefix = f"{full_path}  " if len(asked) > 1 else ""
            task = unpacked(Path(function.code_uri))
            start = self._starter(function, task, {**variables, _STREAM: self._stream}, prefix)
            pools[full_path] = _Kept(identity, Pool(start, self._size), layers.hold([task]))
        return pools

    def _starter(
        self, function: Function, task: Path, variables: dict[str, str], prefix: str
    ) -> Callable[[], Emulator]:
        def log(line: str) -> None:
            if not _ITS_OWN.match(line):
                for part in line.split("\r"):  # the runtime's newline
                    self._say(f"{prefix}{printable(part)}")

        def start() -> Emulator:
            made = Emulator(function, task, variables, log, limited=self._asked.serving.limited)
            if self._is_ended:  # a waiting request is next, and nothing would end its sandbox
                raise ShortsError(f"{function.full_path} is not started: all is being ended.")
            return made.__enter__()

        return start

    def _server(self, name: str, site: Site, serving: Serving) -> Server:
        """Return a server of the APIs, or of a function URL on the next free port above theirs."""
        port = serving.port
        while True:
            if name and port:
                port += 1
            try:
                server = Server(
                    *(serving.host, port, site, self._say, serving.certificate),
                    names=self._names,
                    connections=self._connections,
                )
            except PortInUse:
                if not name or port > serving.port + _PORTS:
                    raise
                continue
            server.start()
            return server

    def _describe(self, asked: Asked) -> None:
        """Log what is served where, if that has changed."""
        serving = asked.serving
        lines = [f"warning: {warning}" for warning in asked.warnings]
        if not hosts.is_loopback(serving.host):
            lines.append(
                f"warning: {serving.host} can be reached from other machines, which can run these "
                "functions; only this one can reach 127.0.0.1"
            )
        lines += [f"note: {note}" for note in serving.notes]
        runs = self._pools.keys()
        lines += [
            f"note: {name} does not run here, and its routes answer 501: it is not a Python "
            "function with its code in a zip or folder"
            for name in sorted(set(router.functions(serving.apis)) - runs)
        ]
        page = ""
        for api in serving.apis:
            server = self._servers[api.name if api.kind == "url" else ""]
            host = f"[{serving.host}]" if ":" in serving.host else serving.host
            root = f"{server.scheme}://{host}:{server.port}"
            for route in api.routes:
                path = "/" if api.kind == "url" else "" if route.path == DEFAULT else route.path
                of = "its URL" if api.kind == "url" else route.key.partition(" ")[0]
                lines.append(f"{root}{path}  {of}  {route.function}")
            if api.kind != "url" and Table([api]).find("GET", "/"):
                page = f"{root}/"
        if page:
            lines.append(f"Open {page} in a browser; end with Ctrl-C.")
        if lines != self._said:
            self._said = lines
            for line in lines:
                self._say(line)

    def _end(self) -> None:
        self._is_ended = True
        for server in self._servers.values():
            server.stop()
        for kept in self._pools.values():
            kept.pool.close()
        process.end()


def _runs_here(function: Function) -> bool:
    return (
        function.package_type == "Zip" and function.runtime in RUNTIMES and bool(function.code_uri)
    )
