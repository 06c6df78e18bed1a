"""``shorts local start-lambda``: serves the functions of a template to SDKs."""

from shorts.emulator.output import Log
from shorts.errors import ShortsError
from shorts.local import debugging, serve
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.start_api import hosts
from shorts.start_api.http_server import Server
from shorts.start_lambda.invoke_api import Site

_REGION = "us-east-1"


class Service(serve.Service):
    """A running server of Lambda's API."""

    def __init__(self, prepared: Prepared, options: LocalOptions, log: Log) -> None:
        super().__init__(prepared, options, log)
        self._server: Server | None = None

    def exchange(self, prepared: Prepared) -> bool:  # noqa: D102
        serving = prepared.serving
        if not serving.functions:
            raise ShortsError(f"{serving.template} has no functions.")
        pools = self._functions.prepare(
            prepared, {function.full_path for function in serving.functions}
        )
        site = Site(
            functions=[
                debugging.with_time(function)
                if function.full_path in pools and pools[function.full_path].debugger
                else function
                for function in serving.functions
            ],
            pools={full_path: kept.pool for full_path, kept in pools.items()},
            region=serving.run.region or _REGION,
            log=self._log.note,
        )
        if self._server is None:
            self._server = Server(
                serving.host, serving.port, site, self._log.note, names=self._names
            )
            self._server.start()
        self._server.site = site
        is_new = self._functions.replace(pools)
        self._describe(self._lines(prepared, self._server))
        if serving.eager:
            self._functions.warm()
        self._prepared = prepared
        return is_new

    def _lines(self, prepared: Prepared, server: Server) -> list[str]:
        """Return what is served where."""
        serving = prepared.serving
        lines = list(prepared.warnings)
        if not hosts.is_loopback(serving.host):
            lines.append(hosts.warning(serving.host))
        lines += [f"note: {note}" for note in serving.notes]
        lines += [
            f"note: {function.full_path} does not run here, and calls of it get 501: it is not a "
            "Python function with its code in a zip or folder"
            for function in serving.functions
            if function.full_path not in self._functions.names
        ]
        host = f"[{serving.host}]" if ":" in serving.host else serving.host
        lines += [f"{host}:{server.port}  {name}" for name in sorted(self._functions.names)]
        lines.append(f"Call them with the endpoint http://{host}:{server.port}; end with Ctrl-C.")
        return lines

    def _stop(self) -> None:
        if self._server:
            self._server.stop()
