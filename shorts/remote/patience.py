"""How long a build waits for a remote; times are seconds of a monotonic clock."""

# For the first answer. A remote that is silent costs a build this much, once.
FIRST = 1.5
# For the next bytes or answer.
NEXT = 5.0
# Bytes in a second, on average, after so many seconds. An answer counts like some bytes.
RATE, SLOW, ANSWER = 100_000, 20.0, 100_000


class Patience:
    """What has arrived, and whether that is enough.

    Args:
        now: when the waiting begins.
        heard: whether the remote has answered before.
    """

    def __init__(self, now: float, *, heard: bool) -> None:
        self._started = self._last = now
        self._heard = heard
        self._arrived = 0

    def hear(self, now: float, count: int = ANSWER) -> None:
        """Note that some bytes, or an answer, have arrived."""
        self._last = now
        self._heard = True
        self._arrived += count

    def complaint(self, now: float) -> str:
        """Return why waiting ends; empty while it goes on."""
        limit = NEXT if self._heard else FIRST
        if now - self._last > limit:
            return f"no answer within {limit:g} s"
        if now - self._started > SLOW + self._arrived / RATE:
            return f"less than {RATE // 1000} KB a second arrived"
        return ""
