"""Whatever becomes of a store's files, a build makes them again, and its zips are the same."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.slices.store import Store
from shorts.system import cache_root, files
from tests.conftest import Shorts, require, write_wheel

KEY = f"demo-1.0-{'0' * 40}"
BACKEND = """
import os, zipfile

def build_wheel(out, config_settings=None, metadata_directory=None):
    name = "mine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(out, name), "w") as wheel:
        info = "mine-1.0.dist-info"
        wheel.writestr(zipfile.ZipInfo("mine.py"), "X = 2\\n")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        rows = ["mine.py", info + "/METADATA", info + "/WHEEL", info + "/RECORD"]
        wheel.writestr(info + "/RECORD", "".join(row + ",,\\n" for row in rows))
    return name
"""
APP = "import mine, small.core\n\ndef handler(event, context):\n    return small.core.X + mine.X\n"
EVENTS = "    Metadata: {Shorts: {Events: [event.json]}}\n"


def truncated(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size + 1))


def scrambled(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(chance.choice((0, 1, 200, 100_000))))


def flipped(path: Path, chance: random.Random) -> None:
    """One other byte, with the former time."""
    data, status = bytearray(path.read_bytes()), path.stat()
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def no_text(path: Path, chance: random.Random) -> None:
    path.write_bytes(b"\xff\xfe\xed\x00" * chance.randrange(1, 99))


def of_another_version(path: Path, chance: random.Random) -> None:
    path.write_bytes(b"\x82\xa6format\xcd\xff\xff\xa4data\xc0")


def closed(path: Path, chance: random.Random) -> None:
    path.chmod(0)


def gone(path: Path, chance: random.Random) -> None:
    files.discard(path)


def folder(path: Path, chance: random.Random) -> None:
    files.discard(path)
    (path / "inner").mkdir(parents=True)
    (path / "inner" / "file").write_text("x")


def file(path: Path, chance: random.Random) -> None:
    files.discard(path)
    path.write_text("x")


def fifo(path: Path, chance: random.Random) -> None:
    files.discard(path)
    os.mkfifo(path)


def link(path: Path, chance: random.Random) -> None:
    """A link to a copy of it outside, so that nothing but the link is wrong."""
    outside = next(one for one in path.parents if one.name == "store").with_name("outside")
    outside.mkdir(exist_ok=True)
    copy = outside / str(len([*outside.iterdir()]))
    path.rename(copy)
    path.symlink_to(copy)


def dangling(path: Path, chance: random.Random) -> None:
    files.discard(path)
    path.symlink_to("/nowhere/at/all")


OF_FILES = (truncated, scrambled, flipped, no_text, of_another_version)
OF_LINKS = (gone, folder, file, fifo, dangling)
OF_ALL = (*OF_LINKS, closed, link)


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, shorts: Shorts
) -> tuple[Path, Path, dict[str, bytes]]:
    """An application with a wheel, a local project and an event, its store, and its zips."""
    root = tmp_path_factory.mktemp("damage")
    application = root / "app"
    (application / "fn").mkdir(parents=True)
    (application / "lib").mkdir()
    (application / "lib" / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (application / "lib" / "backend.py").write_text(BACKEND)
    write_wheel(
        application / "wheels", "small", {"small/__init__.py": "", "small/core.py": "X = 1\n"}
    )
    require(application, "small", "../lib")
    (application / "fn" / "app.py").write_text(APP)
    (application / "event.json").write_text("{}")
    (application / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13}\n"
        f"{EVENTS}"
        "  G:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13}\n"
    )
    return application, root / "store", built(application, root / "store", shorts)


def built(application: Path, store: Path, shorts: Shorts) -> dict[str, bytes]:
    """The build folder's files after a build that remembers nothing but its store."""
    shutil.rmtree(application / ".aws-sam", ignore_errors=True)
    # Without links to uv's cache, in which damage would be that of all.
    where = {"SHORTS_CACHE_DIR": str(store), "UV_LINK_MODE": "copy"}
    done = shorts(["build"], application, **where)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "not trimmed" not in done.stderr, done.stderr
    found = (application / ".aws-sam" / "build").iterdir()
    return {path.name: path.read_bytes() for path in found}


def places(store: Path) -> list[Path]:
    """Everything in a store but its mark, and of the many files of a runtime only some."""
    found = []
    for path in sorted(store.rglob("*")):
        parts = path.relative_to(store).parts
        if path == store / cache_root.TAG:
            continue
        if parts[0] != "runtimes" or len(parts) < 4 or path.name in ("python", "bootstrap.py"):
            found.append(path)
    return found


Attack = Callable[[Path, random.Random], None]


@given(st.integers(0, 10**9), st.integers(1, 3))
@settings(
    max_examples=int(os.environ.get("SHORTS_EXAMPLES", "8")),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_damage_ends_in_the_same_zips(
    whole: tuple[Path, Path, dict[str, bytes]], shorts: Shorts, seed: int, count: int
) -> None:
    """Damaged files, folders, links and modes anywhere in a store are made again."""
    application, store, zips = whole
    chance = random.Random(seed)
    for _ in range(count):
        path = chance.choice(places(store))
        strike(path, chance.choice(attacks(path)), chance)
    assert built(application, store, shorts) == zips


def attacks(path: Path) -> list[Attack]:
    return [*OF_ALL, *(OF_FILES if path.is_file() and not path.is_symlink() else ())]


def strike(path: Path, attack: Attack, chance: random.Random) -> None:
    """Damage one thing in a store; what a link leads to is out of bounds."""
    if os.path.lexists(path) and not (path.is_symlink() and attack not in OF_LINKS):
        assert attack in OF_LINKS or path.resolve() == path
        attack(path, chance)


@pytest.mark.parametrize("attack", [*OF_ALL, *OF_FILES], ids=lambda attack: attack.__name__)
def test_each_damage_of_each_kind_of_file(
    whole: tuple[Path, Path, dict[str, bytes]], shorts: Shorts, attack: Attack
) -> None:
    """One damage to everything of a kind at once: marks, indexes, zips, wheels, runtimes, locks."""
    application, store, zips = whole
    chance = random.Random(1)
    for path in reversed(places(store)):  # what a folder holds comes before it
        if attack in OF_FILES and not (path.is_file() and not path.is_symlink()):
            continue
        if attack in OF_FILES or path.parent.name in cache_root.FORMS or path.is_file():
            strike(path, attack, chance)
    assert built(application, store, shorts) == zips


@pytest.mark.parametrize("attack", OF_ALL, ids=lambda attack: attack.__name__)
def test_each_damage_of_the_folders(
    whole: tuple[Path, Path, dict[str, bytes]], shorts: Shorts, attack: Attack
) -> None:
    """The store's folders that are something else are made again."""
    application, store, zips = whole
    for name in cache_root.FORMS:
        strike(store / name, attack, random.Random(1))
    assert built(application, store, shorts) == zips
    assert files.is_folder(store / "slices")


@pytest.mark.parametrize("attack", [*OF_ALL, *OF_FILES], ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_each_damage_of_the_mark(tmp_path: Path, attack: Attack, seed: int) -> None:
    """A damaged mark of a folder that holds a store alone is made again, a missing one refused."""
    store = Store(tmp_path / "store")
    with store.locked([KEY]):
        pass
    strike(store.root / cache_root.TAG, attack, random.Random(seed))
    if attack is gone:
        with pytest.raises(ShortsError, match="holds other files"), store.locked([KEY]):
            pass
    else:
        with store.locked([KEY]):
            assert (store.root / cache_root.TAG).read_bytes() == cache_root.MARK
