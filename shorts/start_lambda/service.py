"""``shorts local start-lambda``: serves the functions of a template to SDKs."""

from shorts.emulator.output import Log
from shorts.errors import ShortsError
from shorts.local import debugging, preparation, serve
from shorts.local.functions import Functions
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.sam.read import read_lambda_serving
from shorts.start_api import hosts
from shorts.start_api.http_server import Server
from shorts.start_lambda.invoke_api import Site
from shorts.system import process

_REGION = "us-east-1"


def run(prepared: Prepared, options: LocalOptions, log: Log) -> None:
    """Serve until interrupted.

    Args:
        prepared: what to serve.
        options: that it was read with.
        log: takes every line.

    Raises:
        ShortsError: there are no functions, or the server cannot listen on the port.
        KeyboardInterrupt: at the end.
    """

    def again() -> Prepared:
        return preparation.service(options, read_lambda_serving, lambda line: None)

    with Service(prepared, options, log) as service:
        serve.until_interrupted(service, prepared, again, log)


class Service:
    """A running server of functions; a context manager.

    Args:
        prepared: what to serve.
        options: of the command.
        log: takes every line.

    Raises:
        ShortsError: there are no functions, or the server cannot listen on the port.
    """

    def __init__(self, prepared: Prepared, options: LocalOptions, log: Log) -> None:
        self._prepared = prepared
        self._functions = Functions(options.concurrency, log)
        self._log = log
        self._names = options.hosts
        self._server: Server | None = None
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
            ShortsError: there are no functions, or the server cannot listen on the port.
        """
        serving = prepared.serving
        if not serving.functions:
            raise ShortsError(f"{serving.template} has no functions.")
        pools = self._functions.prepare(prepared, {one.full_path for one in serving.functions})
        site = Site(
            functions=[
                debugging.with_time(one)
                if one.full_path in pools and pools[one.full_path].debugger
                else one
                for one in serving.functions
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
        self._describe(prepared, self._server)
        if serving.eager:
            self._functions.warm()
        self._prepared = prepared
        return is_new

    def _describe(self, prepared: Prepared, server: Server) -> None:
        """Log what is served where, if that has changed."""
        serving = prepared.serving
        lines = list(prepared.warnings)
        if not hosts.is_loopback(serving.host):
            lines.append(hosts.warning(serving.host))
        lines += [f"note: {note}" for note in serving.notes]
        lines += [
            f"note: {one.full_path} does not run here, and calls of it get 501: it is not a Python "
            "function with its code in a zip or folder"
            for one in serving.functions
            if one.full_path not in self._functions.names
        ]
        host = f"[{serving.host}]" if ":" in serving.host else serving.host
        lines += [f"{host}:{server.port}  {name}" for name in sorted(self._functions.names)]
        lines.append(f"Call them with the endpoint http://{host}:{server.port}; end with Ctrl-C.")
        if lines != self._said:
            self._said = lines
            for line in lines:
                self._log.note(line)

    def _end(self) -> None:
        self._functions.refuse()
        if self._server:
            self._server.stop()
        self._functions.end()
        process.end()
