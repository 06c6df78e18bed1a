"""Serves until interrupted, and builds again when a source changes."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

from shorts.emulator.output import Log
from shorts.errors import ShortsError
from shorts.local import watch
from shorts.local.functions import Functions
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.local.watch import Watch
from shorts.system import process

_BREATH = 0.2  # in seconds


class Service(ABC):
    """A running server of functions; a context manager.

    Args:
        prepared: what to serve.
        options: of the command.
        log: takes every line.

    Raises:
        ShortsError: there is nothing to serve, or the server cannot listen on the port.
    """

    def __init__(self, prepared: Prepared, options: LocalOptions, log: Log) -> None:
        self._prepared = prepared
        self._names = options.hosts
        self._functions = Functions(options.concurrency, log)
        self._log = log
        self._described: list[str] = []

    def __enter__(self) -> Self:
        try:
            self.exchange(self._prepared)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @abstractmethod
    def exchange(self, prepared: Prepared) -> bool:
        """Serve this from now on; requests in progress end as they began.

        Returns:
            Whether it differs from what was served before.

        Raises:
            ShortsError: there is nothing to serve, or the server cannot listen on the port; what
                was served before still is.
        """

    @abstractmethod
    def _stop(self) -> None:
        """Stop the servers."""

    def _describe(self, lines: list[str]) -> None:
        """Log what is served where, if that has changed."""
        if lines != self._described:
            self._described = lines
            for line in lines:
                self._log.note(line)

    def _end(self) -> None:
        self._functions.refuse()
        self._stop()
        self._functions.end()
        process.end()


def until_interrupted(
    service: Service, prepared: Prepared, prepare: Callable[[], Prepared], log: Log
) -> None:
    """Serve until interrupted.

    Args:
        service: what serves.
        prepared: what it serves.
        prepare: builds again, and reads what to serve.
        log: takes what changes.

    Raises:
        KeyboardInterrupt: at the end.
    """
    if prepared.serving.watch:
        _follow(service, prepared, prepare, log)
    while True:
        time.sleep(_BREATH)  # a longer pause would go on if another thread got the signal


def _follow(
    service: Service, prepared: Prepared, prepare: Callable[[], Prepared], log: Log
) -> None:
    """Build again at each change, and serve the outcome; log what cannot be built."""
    looking = _watch(prepared)
    changed = os.path.relpath(prepared.serving.template)
    try:
        while True:  # at once: something may have changed before the watch began
            began = time.perf_counter()
            try:
                prepared = prepare()
                is_new = service.exchange(prepared)
            except (ShortsError, OSError) as error:  # a file may go while it is read
                log.note(f"{changed} changed, but the last build is still served: {error}")
            else:
                if is_new:
                    took = time.perf_counter() - began
                    log.note(f"{changed} changed: built and served again after {took:.2f} s")
                if watch.places(prepared.built, prepared.serving) != looking.places:
                    looking.stop()
                    looking = _watch(prepared)
                    continue
            changed = os.path.relpath(looking.wait())
    finally:
        looking.stop()


def _watch(prepared: Prepared) -> Watch:
    return Watch(watch.places(prepared.built, prepared.serving), prepared.serving.run.log)
