"""A remote as builds use it: a failure never stops a build.

Transfers run in threads that end with the process, whatever they wait for. After the first failure
the remote is off, and one note says so.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from shorts.errors import ShortsError
from shorts.remote import address, objects
from shorts.remote.objects import Listed, Objects, Unavailable
from shorts.remote.patience import NEXT, Patience
from shorts.remote.uploads import Uploads
from shorts.system.step import Step

if TYPE_CHECKING:
    from shorts.remote.signature import Keys

# What the objects are, in words, by the folder they lie in.
KINDS = {"slices": "Slices", "proofs": "proofs"}
# Downloads at once.
_DOWNLOADS = 8
# Seconds that uploads may take after the end of a build.
AFTERWARDS = 10.0
# Seconds between two looks at what has arrived.
_LOOK = 0.05


class _Count(msgspec.Struct):
    """What a build has asked for, and got: objects, bytes, seconds."""

    wanted: int = 0
    got: int = 0
    size: int = 0
    seconds: float = 0.0


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one name: a content, or nothing, or a failure."""

    wanted: str
    name: str = ""
    content: bytes | None = None
    failure: BaseException | None = None


def named(template: str) -> "Remote | None":
    """Return the remote that the environment or else a template names; None for none."""
    chosen = address.choose(template)
    return Remote(chosen) if chosen else None


class Remote:
    """A remote for one build. It connects when something is first asked for.

    Args:
        where: its address.

    Attributes:
        where: its address.
        notes: what the user should know.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.notes: list[str] = []
        self._objects: Objects | None = None
        self._keys: Keys | None = None
        self._off = self._heard = False
        self._counts = {kind: _Count() for kind in KINDS}
        self._refused: dict[str, str] = {}
        self._written = 0
        self._lock = threading.RLock()
        self._uploads = Uploads(self._put, lambda why: self._say(f"gets no uploads: {why}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        ended = kind is None or issubclass(kind, ShortsError)
        self.close(AFTERWARDS if ended else 0.0)
        if isinstance(error, ShortsError):
            for note in self.notes:
                error.add_note(note)
        self.notes += self._summary()

    def require(self) -> Self:
        """Connect now, for a command that needs the remote.

        Raises:
            ShortsError: it cannot be used.
        """
        if self._connected() is None:
            raise ShortsError(self.notes[0])
        return self

    @property
    def failed(self) -> bool:
        """Return whether it refused something, did not answer, or held what is not valid."""
        return bool(self.notes)

    @property
    def can_write(self) -> bool:
        """Return whether it is connected, and there is a key that signs."""
        return bool(self._keys and self._keys.can_sign) and not self._off

    def fetch(
        self,
        kind: str,
        wanted: Mapping[str, Sequence[str]],
        take: Callable[[str, str, bytes], None],
        report: Callable[[str], None],
    ) -> None:
        """Get objects, several at once.

        Args:
            kind: of the objects.
            wanted: by the name asked for, the names that will do, the best one first.
            take: called with the name asked for, the one found, and its content.
            report: receives lines about the progress.
        """
        started = time.monotonic()
        if not wanted:
            return
        with self._lock:
            self._counts[kind].wanted += len(wanted)
        store = self._connected()
        if store is None:
            return
        waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        patience = Patience(time.monotonic(), heard=self._heard)
        for name in wanted:
            waiting.put(name)

        def work() -> None:
            with suppress(queue.Empty):
                while not self._off:
                    name = waiting.get_nowait()
                    answers.put(self._answer(store, kind, name, wanted[name], patience))

        for _ in range(min(_DOWNLOADS, len(wanted))):
            threading.Thread(target=work, daemon=True).start()
        count = _Count()
        line = f"Fetching {counted(len(wanted), kind)} from the remote"
        report(Step(line, 0, len(wanted)))
        for answer in self._answers(len(wanted), answers, patience):
            if answer.content is not None:
                count.got += 1
                count.size += len(answer.content)
                take(answer.wanted, answer.name, answer.content)
                report(Step(line, count.got, len(wanted)))
        with self._lock:
            total = self._counts[kind]
            total.got += count.got
            total.size += count.size
            total.seconds += time.monotonic() - started

    def list(self, kind: str, prefix: str = "") -> list[Listed]:
        """Return the objects of a kind, without the kind in their names.

        Raises:
            ShortsError: the remote cannot be used.
        """
        store = self.require()._objects
        assert store is not None
        try:
            return [
                Listed(name=listed.name.removeprefix(f"{kind}/"), size=listed.size)
                for listed in store.list(f"{kind}/{prefix}")
            ]
        except Unavailable as error:
            raise ShortsError(f"The remote {self.where} cannot be used: {error}.") from error

    def share(self, kind: str, name: str, content: Callable[[], bytes]) -> None:
        """Upload an object in a thread, where there is a key that signs.

        Args:
            kind: of the object.
            name: of the object.
            content: returns its content when its turn has come.
        """
        if self.can_write:
            self._uploads.add(kind, name, content)

    def close(self, seconds: float | None = None) -> int:
        """Wait for the uploads, at most so many seconds; None waits for as long as they take.

        Returns:
            How many objects were written.
        """
        self._uploads.wait(seconds)
        self._off = True
        return self._written

    def _summary(self) -> Iterator[str]:
        """Yield a line about each kind of objects that the remote sent."""
        for kind, count in self._counts.items():
            if count.got:
                made = f", {count.wanted - count.got:,} made" if count.wanted > count.got else ""
                yield (
                    f"{counted(count.wanted, kind)}: {count.got:,} from the remote "
                    f"({_shown(count)}, {count.seconds:.1f} s){made}"
                )

    def _connected(self) -> Objects | None:
        """Connect, if that is not done; None where the remote is off."""
        with self._lock:
            if self._objects is None and not self._off:
                try:
                    from shorts.remote.signature import Keys

                    place = address.parse(self.where)
                    self._keys = Keys.of(os.environ)
                    self._objects = _in_time(lambda: objects.connect(place))
                except ShortsError as error:
                    self._fail(str(error).replace("\n", " ").removesuffix("."))
                except Unavailable as error:
                    self._fail(str(error))
            return None if self._off else self._objects

    def _answer(
        self, store: Objects, kind: str, wanted: str, names: Sequence[str], patience: Patience
    ) -> _Answer:
        """Get one object, in a thread of its own."""
        from shorts.remote.signature import Refused

        assert self._keys is not None
        name = names[0]
        try:
            if len(names) > 1:
                prefix = name.rpartition("-")[0]
                there = {listed.name for listed in store.list(f"{kind}/{prefix}-")}
                existing = next(
                    (candidate for candidate in names if f"{kind}/{candidate}" in there), None
                )
                if existing is None:
                    return _Answer(wanted=wanted)
                name = existing
            stored = store.get(
                f"{kind}/{name}", lambda count: patience.hear(time.monotonic(), count)
            )
            if stored is None:
                return _Answer(wanted=wanted)
            try:
                content = self._keys.open(kind, name, stored.data)
            except Refused as why:
                with self._lock:
                    self._refused[f"{kind}/{name}"] = stored.version
                    self.notes.append(f"{kind}/{name} of the remote is not used: {why}")
                return _Answer(wanted=wanted)
            return _Answer(wanted=wanted, name=name, content=content)
        except BaseException as failure:  # raised again, or noted, in the thread that waits
            return _Answer(wanted=wanted, failure=failure)

    def _answers(
        self, count: int, answers: "queue.SimpleQueue[_Answer]", patience: Patience
    ) -> Iterator[_Answer]:
        """Yield answers until all have come, or the remote is off."""
        while count and not self._off:
            try:
                answer = answers.get(timeout=_LOOK)
            except queue.Empty:
                if why := patience.complaint(time.monotonic()):
                    self._fail(why)
                continue
            if isinstance(answer.failure, Unavailable):
                self._fail(str(answer.failure))
                return
            if answer.failure is not None:
                raise answer.failure
            self._heard = True
            patience.hear(time.monotonic())
            count -= 1
            yield answer

    def _put(self, kind: str, name: str, content: bytes) -> None:
        """Upload one object, in the place of one that was refused, if there was one."""
        assert self._keys is not None and self._objects is not None
        place = f"{kind}/{name}"
        sealed = self._keys.seal(kind, name, content)
        if len(sealed) > objects.MOST:  # no machine would read it
            return
        if self._objects.put(place, sealed, self._refused.get(place)):
            with self._lock:
                self._written += 1

    def _fail(self, why: str) -> None:
        with self._lock:
            if not self._off:
                self._off = True
                self._say(f"is not used: {why}")

    def _say(self, what: str) -> None:
        self.notes.append(f"the remote {self.where} {what}")


def _in_time(call: Callable[[], Objects]) -> Objects:
    """Return what a call returns, which may ask servers for credentials.

    Raises:
        Unavailable: it takes too long.
    """
    returned: queue.SimpleQueue[Objects | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            returned.put(call())
        except BaseException as error:  # raised again in the thread that waits
            returned.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = returned.get(timeout=NEXT)
    except queue.Empty:
        raise Unavailable(f"no credentials within {NEXT:g} s") from None
    if isinstance(result, BaseException):
        raise result
    return result


def counted(count: int, kind: str) -> str:
    """Return a number of objects of a kind, in words."""
    return f"{count:,} {KINDS[kind] if count != 1 else KINDS[kind][:-1]}"


def _shown(count: _Count) -> str:
    return f"{count.size / 1e6:,.{0 if count.size >= 9.5e6 else 1}f} MB"
