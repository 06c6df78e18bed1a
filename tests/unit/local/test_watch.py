"""Which changes are seen."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shorts.local.watch import Place, Watch, places
from shorts.model import Application, Function, Layer, Serving, Settings
from tests import records


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watch]:
    """A watch of a folder of code, and of a template's."""
    for name in ("code/below", "code/.venv", "beside/below"):
        (tmp_path / name).mkdir(parents=True)
    watch = Watch({(tmp_path / "code", True), (tmp_path / "beside", False)})
    yield watch
    watch.stop()


@pytest.mark.parametrize(
    ("counts", "passed_over"),
    [
        ("code/below/app.py", "code/.venv/app.py"),
        ("code/data.bin", "beside/app.py"),
        ("beside/template.yaml", "beside/out.log"),
        ("beside/layer.zip", "beside/layer.tar"),
        ("beside/requirements-all.txt", "beside/notes.txt"),
        ("beside/uv.lock", "beside/below/template.yaml"),
    ],
)
def test_sees_what_counts(seen: Watch, tmp_path: Path, counts: str, passed_over: str) -> None:
    """Code counts wherever it lies but in caches; of the rest, what templates are read with."""
    stop = threading.Event()

    def write() -> None:  # a watch has no word for its having begun
        while not stop.wait(0.05):
            (tmp_path / passed_over).write_text("passed over")
            (tmp_path / counts).write_text("counts")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert seen.wait() == str(tmp_path / counts)
    finally:
        stop.set()
        writer.join()


def test_passes_over_its_own_log(tmp_path: Path) -> None:
    """What is written at each change is none, or it would never end."""
    log, change = tmp_path / "a.log", tmp_path / "b.log"
    log.touch()
    watch = Watch({(tmp_path, True)}, str(log))
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.05):
            log.write_text("passed over")
            change.write_text("counts")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert watch.wait() == str(change)
    finally:
        stop.set()
        writer.join()
        watch.stop()


class Signalled(Exception):
    """What a handler raises."""


def test_a_signal_ends_waiting(seen: Watch, tmp_path: Path) -> None:
    """What a signal asks for is done, whichever thread the system tells of it."""

    def handle(*_: object) -> None:
        raise Signalled

    former = signal.signal(signal.SIGUSR1, handle)
    tell = threading.Timer(0.1, lambda: signal.raise_signal(signal.SIGUSR1))
    change = tmp_path / "code" / "data.bin"
    otherwise = threading.Timer(5, change.write_text, ["counts"])
    tell.start()
    otherwise.start()
    try:
        with pytest.raises(Signalled):
            seen.wait()
        assert not change.exists()
    finally:
        signal.signal(signal.SIGUSR1, former)
        otherwise.cancel()


def function(folder: Path, code: Path, layer: Path, *roots: str) -> Function:
    return records.function(
        code_uri=str(code),
        layers=[
            Layer(full_path="L", name="L", architecture="", code_uri=str(layer), build_method="")
        ],
        settings=Settings(source_roots=list(roots)),
        folder=str(folder),
    )


def test_looks_where_a_change_matters(tmp_path: Path) -> None:
    """Code, layers and source roots count with all below; what is built does not count."""
    names = ("app/code", "app/lib", "layer", "app/.aws-sam/build", "api", "app/nested")
    folders = {name: tmp_path / name for name in names}
    for folder in folders.values():
        folder.mkdir(parents=True)
    one = function(folders["app/nested"], folders["app/code"], folders["layer"], "../lib")
    built = folders["app/.aws-sam/build"]
    serving = Serving(
        template=str(built / "template.yaml"),
        functions=[one],
        apis=[],
        host="",
        port=0,
        static="",
        eager=False,
        watch=True,
        certificate=None,
        files=[str(tmp_path / "api" / "openapi.yaml"), str(built / "template.yaml")],
        notes=[],
    )
    application = Application(
        template=str(tmp_path / "app" / "template.yaml"),
        build_dir=str(built),
        manifest=None,
        functions=[one],
        templates={},
        notes=[],
    )
    expected: set[Place] = {
        (tmp_path / "app" / "code", True),
        (tmp_path / "app" / "lib", True),
        (tmp_path / "layer", True),
        (tmp_path / "app", False),
        (tmp_path / "app" / "nested", False),
        (tmp_path / "api", False),
    }
    assert places(application, serving) == expected
    assert (built, False) in places(None, serving)
