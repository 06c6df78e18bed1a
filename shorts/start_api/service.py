"""``shorts local start-api``: serves the APIs of a template, and each function's URL."""

from pathlib import Path

from shorts.emulator.debugger import TIMEOUT
from shorts.emulator.output import Log
from shorts.errors import ShortsError
from shorts.local import serve
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.model import DEFAULT, Serving
from shorts.start_api import hosts, responses, router
from shorts.start_api.connections import Connections
from shorts.start_api.gateway import Site
from shorts.start_api.http_server import PortInUse, Server
from shorts.start_api.router import Table

# How many ports above `--port` to try for a function's URL.
_PORTS = 100


class Service(serve.Service):
    """A running server of an application's APIs."""

    def __init__(self, prepared: Prepared, options: LocalOptions, log: Log) -> None:
        super().__init__(prepared, options, log)
        self._connections = Connections()
        self._servers: dict[str, Server] = {}

    def exchange(self, prepared: Prepared) -> bool:  # noqa: D102
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
        self._describe(self._lines(prepared))
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

    def _lines(self, prepared: Prepared) -> list[str]:
        """Return what is served where."""
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
        return lines

    def _stop(self) -> None:
        for server in self._servers.values():
            server.stop()
