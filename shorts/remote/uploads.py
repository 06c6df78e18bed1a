"""Uploads that go on while a build works, in threads that end with the process."""

import queue
import threading
from collections.abc import Callable

from shorts.remote.objects import Unavailable

_THREADS = 4
# A kind, a name, and what returns the content when its turn has come.
_Upload = tuple[str, str, Callable[[], bytes]]


class Uploads:
    """A queue of uploads, and the threads that work on it.

    Args:
        put: uploads one object: of a kind, with a name and a content.
        fail: called once with the reason why nothing more is uploaded.
    """

    def __init__(self, put: Callable[[str, str, bytes], None], fail: Callable[[str], None]) -> None:
        self._put, self._fail = put, fail
        self._waiting: queue.SimpleQueue[_Upload] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._threads = self._left = 0
        self._stopped = False

    def add(self, kind: str, name: str, content: Callable[[], bytes]) -> None:
        """Upload an object soon."""
        with self._changed:
            if self._stopped:
                return
            self._left += 1
            self._waiting.put((kind, name, content))
            if self._threads < _THREADS:
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()

    def stop(self, why: str) -> None:
        """Upload nothing more."""
        with self._changed:
            if not self._stopped:
                self._stopped = True
                self._fail(why)
            self._changed.notify_all()

    def wait(self, seconds: float | None) -> None:
        """Wait until all is uploaded, at most so many seconds; None waits for as long as it takes.

        What is not uploaded then is given up.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._left, seconds)
            if self._left and not self._stopped:
                self.stop(f"{self._left} uploads were not done in time")

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopped or self._waiting.empty():
                    self._threads -= 1
                    return
                kind, name, content = self._waiting.get()
            try:
                self._put(kind, name, content())
            except (Unavailable, OSError) as error:
                self.stop(str(error))
            finally:
                with self._changed:
                    self._left -= 1
                    self._changed.notify_all()
