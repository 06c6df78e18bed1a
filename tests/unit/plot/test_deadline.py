"""The time that Plot's work has."""

import signal
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import deadline
from problems import Refusal


class Context:
    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def soon(seconds: float) -> float:
    return time.monotonic() + seconds


def forever() -> None:
    """Work that takes every exception for its own, as libraries do."""
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            continue


def test_a_margin_is_kept_back() -> None:
    """Work may take what Lambda says is left, less the margin; without a context it is not told."""
    end = deadline.end(Context(29_000))

    assert end is not None
    assert 26.5 < end - time.monotonic() <= 29 - deadline.MARGIN
    assert deadline.end(None) is None


def test_work_in_time_is_done() -> None:
    """Work that ends in time gives its result, and leaves neither alarm nor handler behind."""
    before = signal.getsignal(signal.SIGALRM)

    assert deadline.within(soon(5), lambda: "done") == "done"

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_work_that_takes_too_long_is_stopped() -> None:
    """When the time is up the work ends, whatever it catches, and is refused with 503."""
    before = signal.getsignal(signal.SIGALRM)
    start = time.monotonic()

    with pytest.raises(Refusal) as caught:
        deadline.within(soon(0.05), forever)

    assert time.monotonic() - start < 2
    assert caught.value.problem.status == 503
    assert caught.value.problem.detail == (
        "$: The chart was not drawn in time: ask for fewer points, or fewer pixels"
    )
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_an_import_is_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is up within an import the work ends behind it, so the module is whole."""
    text = "import time\nfor _ in range(30): time.sleep(0.01)\nWHOLE = True\n"
    (tmp_path / "takes_its_time.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))

    def work() -> None:
        import_module("takes_its_time")
        forever()

    with pytest.raises(Refusal) as caught:
        deadline.within(soon(0.05), work)

    assert caught.value.problem.status == 503
    assert sys.modules.pop("takes_its_time").WHOLE
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_work_without_time_is_not_begun() -> None:
    """Where only the margin is left, the request is refused at once."""
    with pytest.raises(Refusal):
        deadline.within(deadline.end(Context(1)), forever)


def test_a_failure_leaves_no_alarm() -> None:
    """Work that raises is not rung for afterwards."""
    with pytest.raises(ZeroDivisionError):
        deadline.within(soon(5), lambda: 1 / 0)

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_another_thread_is_not_interrupted() -> None:
    """Only the main thread can be interrupted; another one works without an alarm."""
    results: list[object] = []
    thread = threading.Thread(
        target=lambda: results.append(
            deadline.within(soon(0.001), lambda: signal.getitimer(signal.ITIMER_REAL))
        )
    )
    thread.start()
    thread.join()

    assert results == [(0, 0)]
