"""Builds that are killed, interrupted or run side by side, and Slices damaged on disk."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from shorts.system.project_state import FOLDER
from tests.conftest import ROOT, Done, Shorts, copy_application

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")

FORMER = "def handler(event, context):\n    return 'former'\n"
NEW = "import msgspec, six\ndef handler(event, context):\n    return 'new'\n"
# The command in a process that kills itself just before it moves a file for the nth time.
KILLED_AT_MOVE = """
import os, signal, sys
left = [int(sys.argv.pop(1))]
def hook(event, args):
    if event in ("os.rename", "os.link"):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from shorts.cli import command
sys.exit(command.main())
"""
# The command in a process that waits a second before it moves its build folder into its place.
SLOW_TO_MOVE = """
import sys, time
def hook(event, args):
    if event == "os.rename" and str(args[1]).endswith("build"):
        time.sleep(1)
sys.addaudithook(hook)
from shorts.cli import command
sys.exit(command.main())
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, which may be missing."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def start(arguments: list[str], folder: Path, **environment: str) -> "subprocess.Popen[str]":
    """A Python command in a process group of its own, as a shell starts one."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def at(moment: float, child: "subprocess.Popen[str]", *, packing: bool) -> str:
    """Wait until some time after a build has begun, or says that it packs; what it said.

    It has begun when the interpreter has found the command and what all of it imports.
    """
    assert child.stderr is not None
    said = child.stderr.readline() if packing else ""
    while said.startswith("Resolving "):
        said = child.stderr.readline()
    while not packing and b"/msgspec/_core" not in Path(f"/proc/{child.pid}/maps").read_bytes():
        time.sleep(0.005)
    time.sleep(moment)
    return said


def ended(child: "subprocess.Popen[str]", said: str = "") -> Done:
    out, log = child.communicate(timeout=60)
    return Done(child.returncode, out, said + log)


class Ground(NamedTuple):
    """An application of one function that has been built with two different handlers."""

    folder: Path
    store: Path
    former: dict[str, bytes]
    new: dict[str, bytes]

    @property
    def build(self) -> Path:
        return self.folder / ".aws-sam" / "build"

    def write(self, handler: str) -> None:
        (self.folder / "fn" / "app.py").write_text(handler)

    @property
    def litter(self) -> list[str]:
        """What lies next to the build folder and is not what shorts remembers."""
        return sorted({path.name for path in self.build.parent.iterdir()} - {"build", "shorts"})

    @property
    def half_remembered(self) -> list[str]:
        """What lies among that and was not moved into its place."""
        return sorted(path.name for path in (self.build.parent / "shorts").glob(".*"))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, shorts: Shorts) -> Iterator[Ground]:
    """An application with two small requirements, and what its builds hold."""
    root = tmp_path_factory.mktemp("killed")
    folder, store = root / "app", root / "store"
    (folder / "fn").mkdir(parents=True)
    (folder / "fn" / "requirements.txt").write_text("msgspec==0.22.0\nsix\n")
    (folder / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13}\n"
    )
    found = Ground(folder, store, {}, {})
    for handler, known in ((FORMER, found.former), (NEW, found.new)):
        found.write(handler)
        done = shorts(["build"], folder, SHORTS_CACHE_DIR=str(store))
        assert done.returncode == 0, done.stderr
        known.update(contents(found.build))
    yield found
    shutil.rmtree(root)


@pytest.fixture
def ground(grown: Ground, shorts: Shorts) -> Ground:
    """The application as its former build left it, with a new handler and an empty store."""
    grown.write(FORMER)
    assert shorts(["build"], grown.folder, SHORTS_CACHE_DIR=str(grown.store)).returncode == 0
    assert contents(grown.build) == grown.former
    grown.write(NEW)
    shutil.rmtree(grown.store)
    return grown


def check_next(ground: Ground, shorts: Shorts) -> None:
    """The next build with the same store gives the reference's bytes, and clears up."""
    done = shorts(["build"], ground.folder, SHORTS_CACHE_DIR=str(ground.store))
    assert done.returncode == 0, done.stderr
    assert contents(ground.build) == ground.new
    assert ground.litter == []


@pytest.mark.parametrize(
    ("moment", "packing", "over"),
    [
        (0.05, False, "a good build"),
        (0.2, False, "a good build"),
        (0.2, False, "nothing"),
        (0, True, "a good build"),
        (0.05, True, "a good build"),
        (0.05, True, "nothing"),
        (0.1, True, "a good build"),
        (0.2, True, "nothing"),
        (0.3, True, "a good build"),
    ],
)
def test_killed_after_a_time(
    ground: Ground, shorts: Shorts, moment: float, packing: bool, over: str
) -> None:
    """A build killed at any moment leaves the former build as it was, and the next one succeeds."""
    if over == "nothing":
        shutil.rmtree(ground.build)
    before = contents(ground.build)
    child = start(["-m", "shorts", "build"], ground.folder, SHORTS_CACHE_DIR=str(ground.store))
    said = at(moment, child, packing=packing)
    child.kill()
    done = ended(child, said)
    allowed = [ground.new] if done.returncode == 0 else [before, ground.new]
    assert contents(ground.build) in allowed
    check_next(ground, shorts)


@pytest.mark.parametrize("move", range(1, 8))
def test_killed_at_each_move(ground: Ground, shorts: Shorts, move: int) -> None:
    """A build killed just before it moves a file into its place leaves no half of anything."""
    child = start(
        ["-c", KILLED_AT_MOVE, str(move), "build"],
        ground.folder,
        SHORTS_CACHE_DIR=str(ground.store),
    )
    done = ended(child)
    left = contents(ground.build)
    if done.returncode == 0:
        assert left == ground.new
    else:
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert left in (ground.former, ground.new, {})
    check_next(ground, shorts)


def test_killed_while_it_takes_a_note(ground: Ground, shorts: Shorts) -> None:
    """What a killed build leaves among its notes goes with a later build."""
    for path in (ground.build.parent / "shorts").glob(".*"):
        path.unlink()
    move = 6
    child = start(
        ["-c", KILLED_AT_MOVE, str(move), "build"],
        ground.folder,
        SHORTS_CACHE_DIR=str(ground.store),
    )
    assert ended(child).returncode == -signal.SIGKILL
    assert len(ground.half_remembered) == 1
    check_next(ground, shorts)
    assert ground.half_remembered == []


def test_a_heavy_build_killed(tmp_path: Path, built: Path, shorts: Shorts) -> None:
    """A build of both functions killed in the middle leaves nothing, and the next is the same."""
    folder, store = copy_application(tmp_path / "app"), str(tmp_path / "store")
    # It ends while it packs, long before its events would run.
    shutil.copytree(built / FOLDER / "proofs", folder / FOLDER / "proofs")
    child = start(["-m", "shorts", "build"], folder, SHORTS_CACHE_DIR=store)
    said = at(2, child, packing=True)
    child.kill()
    assert ended(child, said).returncode == -signal.SIGKILL
    assert not (folder / ".aws-sam" / "build").exists()
    done = shorts(["build"], folder, SHORTS_CACHE_DIR=store)
    assert done.returncode == 0, done.stderr
    for name in ("EchoFunction.zip", "PlotFunction.zip"):
        one, other = (place / ".aws-sam" / "build" / name for place in (folder, built))
        assert one.read_bytes() == other.read_bytes()


def marked(marker: str) -> list[str]:
    """The processes that have a marker in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def left_behind(marker: str) -> list[str]:
    """The marked processes that are there still after the half second that dying may take."""
    until = time.monotonic() + 0.5
    while (found := marked(marker)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def to_the_process(child: "subprocess.Popen[str]") -> None:
    child.send_signal(signal.SIGINT)


def to_the_group(child: "subprocess.Popen[str]") -> None:
    """As a terminal does it at Ctrl-C: uv gets the signal too."""
    os.killpg(child.pid, signal.SIGINT)


def as_a_pipeline_does(child: "subprocess.Popen[str]") -> None:
    child.terminate()


@pytest.mark.parametrize("interrupt", [to_the_process, to_the_group, as_a_pipeline_does])
@pytest.mark.parametrize(
    ("moment", "packing"), [(0.4, False), (0, True), (0.05, True), (0.15, True)]
)
def test_interrupted(
    ground: Ground,
    shorts: Shorts,
    moment: float,
    packing: bool,
    interrupt: Callable[["subprocess.Popen[str]"], None],
) -> None:
    """An interrupt ends with status 130 and one line, and no child process is left behind."""
    if not packing:  # have SAM read the template, which takes a second
        shutil.rmtree(ground.folder / ".aws-sam" / "shorts")
    marker = uuid.uuid4().hex
    child = start(
        ["-m", "shorts", "build"],
        ground.folder,
        SHORTS_CACHE_DIR=str(ground.store),
        TEST_MARKER=marker,
    )
    said = at(moment, child, packing=packing)
    interrupt(child)
    done = ended(child, said)
    assert left_behind(marker) == []
    if "Built in" in done.stdout:  # it was over before
        assert contents(ground.build) == ground.new
        return
    steps = ("Resolving ", "Packing ")
    lines = [line for line in done.stderr.splitlines() if not line.startswith(steps)]
    assert (done.returncode, lines) == (130, ["shorts: interrupted"])
    assert contents(ground.build) == ground.former
    assert ground.litter == []
    check_next(ground, shorts)


def test_interrupted_while_events_run(function: Path, tmp_path: Path) -> None:
    """An interrupt ends the emulator that a build runs sample events in, and soon."""
    text = "import time\ndef handler(event, context):\n    time.sleep(1)\n"
    (function / "fn" / "app.py").write_text(text)
    for number in range(9):
        (function / f"event{number}.json").write_text("{}")
    with (function / "template.yaml").open("a") as template:
        template.write("    Metadata: {Shorts: {Events: ['event*.json']}}\n")
    marker = uuid.uuid4().hex
    child = start(["-m", "shorts", "build"], function, TEST_MARKER=marker, TMPDIR=str(tmp_path))
    said = at(2, child, packing=True)
    assert said == "Tracing F on 9 events\n"
    child.terminate()
    done = ended(child, said)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (130, "shorts: interrupted")
    assert left_behind(marker) == []
    assert [path.name for path in (function / ".aws-sam").iterdir()] == ["shorts"]
    assert [path.name for path in tmp_path.iterdir()] == [function.name]


def test_two_builds_at_once(ground: Ground, tmp_path: Path) -> None:
    """Two builds with one empty store make each Slice once, and the same bytes."""
    folders = [ground.folder, tmp_path / "app"]
    shutil.copytree(ground.folder, folders[1])
    where = {"SHORTS_CACHE_DIR": str(ground.store)}
    children = [start(["-m", "shorts", "build"], folder, **where) for folder in folders]
    finished = [ended(child) for child in children]
    assert [done.returncode for done in finished] == [0, 0], finished
    for folder in folders:
        assert contents(folder / ".aws-sam" / "build") == ground.new
    said = "".join(done.stderr for done in finished)
    assert (said.count("Packing"), said.count("msgspec=="), said.count("six==")) == (1, 1, 1)
    slices = sorted(path.name.split("-")[0] for path in (ground.store / "slices").iterdir())
    assert slices == ["msgspec", "six"]
    assert [*(ground.store / "work").iterdir()] == []


@pytest.mark.parametrize("round_", range(2))
def test_two_builds_of_one_folder(ground: Ground, shorts: Shorts, round_: int) -> None:
    """Two builds of the same application at the same time both succeed, with the same bytes."""
    where = {"SHORTS_CACHE_DIR": str(ground.store)}
    children = [start(["-m", "shorts", "build"], ground.folder, **where) for _ in range(2)]
    finished = [ended(child) for child in children]
    assert [done.returncode for done in finished] == [0, 0], finished
    assert contents(ground.build) == ground.new
    said = "".join(done.stderr for done in finished)
    assert said.count("Packing") == 1
    check_next(ground, shorts)


def test_a_build_that_is_overtaken(ground: Ground, shorts: Shorts) -> None:
    """A build that another one overtakes while it moves its folder succeeds as well."""
    where = {"SHORTS_CACHE_DIR": str(ground.store)}
    slow = start(["-c", SLOW_TO_MOVE, "build"], ground.folder, **where)
    while ground.build.exists() and slow.poll() is None:
        time.sleep(0.005)
    done = shorts(["build"], ground.folder, **where)
    assert done.returncode == 0, done.stderr
    overtaken = ended(slow)
    assert overtaken.returncode == 0, overtaken.stderr
    assert contents(ground.build) == ground.new
    check_next(ground, shorts)


def flipped(place: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(place * (len(data) - 1))] ^= 1
        path.write_bytes(data)

    return damage


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = {"first": flipped(0), "middle": flipped(0.5), "last": flipped(1)}
DAMAGES |= {"cut": cut, "emptied": emptied}


@pytest.mark.parametrize("file", ["slice.zip", "index"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_slice(grown: Ground, shorts: Shorts, file: str, damage: str) -> None:
    """A Slice that is not what was written is named and made again, and the zip is right."""
    where = {"SHORTS_CACHE_DIR": str(grown.store)}
    grown.write(NEW)
    assert shorts(["build"], grown.folder, **where).returncode == 0
    (slice_,) = (grown.store / "slices").glob("six-*")
    whole = contents(slice_)
    DAMAGES[damage](slice_ / file)
    shutil.rmtree(grown.build)
    done = shorts(["build"], grown.folder, **where)
    assert done.returncode == 0, done.stderr
    warning = f"warning: {slice_.name} in the store was damaged and has been made again"
    assert done.stderr.splitlines().count(warning) == 1
    assert "DecodeError" not in done.stderr
    assert contents(slice_) == whole
    assert contents(grown.build) == grown.new
    with zipfile.ZipFile(grown.build / "F.zip") as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("file", ["slice.zip", "index"])
def test_half_a_slice(grown: Ground, shorts: Shorts, file: str) -> None:
    """A Slice without one of its files is made again."""
    where = {"SHORTS_CACHE_DIR": str(grown.store)}
    grown.write(NEW)
    assert shorts(["build"], grown.folder, **where).returncode == 0
    (path,) = (grown.store / "slices").glob(f"six-*/{file}")
    path.unlink()
    shutil.rmtree(grown.build)
    done = shorts(["build"], grown.folder, **where)
    assert done.returncode == 0, done.stderr
    assert path.is_file()
    assert contents(grown.build) == grown.new
