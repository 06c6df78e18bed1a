"""What holds for unit tests alone: they start no process."""

import sys
from collections.abc import Iterator

import pytest

# https://docs.python.org/3/library/audit_events.html
_STARTS = frozenset(
    "subprocess.Popen os.exec os.fork os.forkpty os.posix_spawn os.spawn os.system".split()
)
_running: list[str] = []
_started: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in _STARTS and _running:
        _started.append(f"{_running[-1]}: {event} {arguments[:2]}")
        raise RuntimeError(f"a unit test starts a process: {event} {arguments[:2]}")


sys.addaudithook(_watch)  # it cannot be removed, so it looks only while a test here runs


@pytest.fixture(autouse=True)
def starts_no_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that starts a process; such a test belongs to tests/integration."""
    _started.clear()
    _running.append(request.node.nodeid)
    yield
    _running.pop()
    assert not _started, f"move it to tests/integration: {_started}"
