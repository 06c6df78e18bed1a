"""``shorts local start-api``: serves the APIs of a template, and each function's URL."""

from pathlib import Path

from shorts.emulator.debugger import TIMEOUT
from shorts.emulator.output import Log
from shorts.errors import ShortsError
from shorts.local import preparation, serve
from shorts.local.functions import Functions
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.model import DEFAULT, Serving
from shorts.sam.read import read_serving
from shorts.start_api import hosts, responses, router
from shorts.start_api.connections import Connections
from shorts.start_api.gateway import Site
from shorts.start_api.http_server import PortInUse, Server
from shorts.start_api.router import Table
from shorts.system import process

# How many ports above `--port` to try for a function's URL.
_PORTS = 100


def run(prepared: Prepared, options: LocalOptions, log: Log) -> None:
    """Serve until interrupted.

    Args:
        prepared: what to serve.
        options: that it was read with.
        log: takes every line.

    Raises:
        ShortsError: there are no APIs, or the server cannot listen on the port.
        KeyboardInterrupt: at the end.
    """

    def again() -> Prepared:
        return preparation.service(options, read_serving, lambda line: None)

    with Service(prepared, options, log) as service:
        serve.until_interrupted(service, prepared, again, log)


class Service:
    """A running server of an application; a context manager.

    Args:
        prepared: what to serve.
        options: of the command.
        log: takes every line.

    Raises:
        ShortsError: there are no APIs, or the server cannot listen on the port.
    """

    def __init__(self, prepared: Prepared, options: LocalOptions, log: Log) -> None:
        self._names = options.hosts
        self._connections = Connections()
        self._prepared = prepared
        self._functions = Functions(options.concurrency, log)
        self._log = log
        self._servers: dict[str, Server] = {}
        self._said: list[str] = []

    def __enter__(self) -> "Service":
        try:
            self.exchange(self._prepared)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def exchange(self, prepared: Prepared) -> bool:
        """Serve this from now on; requests in progress end as they began.

        Returns:
            Whether it differs from what was served before.

        Raises:
            ShortsError: there are no APIs, or the server cannot listen on the port; the former
                ones are still served.
        """
        serving = prepared.serving
        if not serving.apis:
            raise ShortsError(
                f"{serving.template} has no APIs.\n"
                "Give a function an event of type HttpApi or Api, or a FunctionUrlConfig."
            )
        pools = self._functions.prepare(prepared, set(router.functions(serving.apis)))
        root = Path(prepared.built.template if prepared.built else serving.template).parent
        folder = root / serving.static
        static = folder if serving.static and folder.is_dir() else None
        patience = responses.PATIENCE
        if serving.run.debugging.ports:  # a client waits while its function stands at a breakpoint
            patience = dict.fromkeys(patience, TIMEOUT)
        sites = {
            name: Site(
                table=Table(apis),
                pools={full_path: kept.pool for full_path, kept in pools.items()},
                static=None if name else static,
                patience=patience,
            )
            for name, apis in router.by_host(serving.apis).items()
        }
        for name in sites.keys() - self._servers.keys():
            self._servers[name] = self._server(name, sites[name], serving)
        for name in self._servers.keys() - sites.keys():
            self._servers.pop(name).stop()
        for name, site in sites.items():
            self._servers[name].site = site
        is_new = self._functions.replace(pools)
        self._describe(prepared)
        if serving.eager:
            self._functions.warm()
        is_new |= serving.apis != self._prepared.serving.apis
        self._prepared = prepared
        return is_new

    def _server(self, name: str, site: Site, serving: Serving) -> Server:
        """Return a server of the APIs, or of a function URL on the next free port above theirs."""
        port = serving.port
        while True:
            if name and port:
                port += 1
            try:
                server = Server(
                    *(serving.host, port, site, self._log.note, serving.certificate),
                    names=self._names,
                    connections=self._connections,
                )
            except PortInUse:
                if not name or port > serving.port + _PORTS:
                    raise
                continue
            server.start()
            return server

    def _describe(self, prepared: Prepared) -> None:
        """Log what is served where, if that has changed."""
        serving = prepared.serving
        lines = list(prepared.warnings)
        if not hosts.is_loopback(serving.host):
            lines.append(hosts.warning(serving.host))
        lines += [f"note: {note}" for note in serving.notes]
        lines += [
            f"note: {name} does not run here, and its routes answer 501: it is not a Python "
            "function with its code in a zip or folder"
            for name in sorted(set(router.functions(serving.apis)) - {*self._functions.names})
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
                self._log.note(line)

    def _end(self) -> None:
        self._functions.refuse()
        for server in self._servers.values():
            server.stop()
        self._functions.end()
        process.end()
