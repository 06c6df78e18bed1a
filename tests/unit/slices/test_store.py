"""Several builds use one store: here they are threads."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import deflate
import msgspec
import pytest

import shorts
from shorts.errors import ShortsError
from shorts.modules.compiler import Module
from shorts.requirements.core_metadata import Metadata
from shorts.slices import zip_format
from shorts.slices.store import Index, Store
from shorts.system import cache

KEY = f"demo-1.0-{'0123456789' * 4}"
ROOT = Path(shorts.__file__).parents[1]


def made(content: bytes = b"import os\n" * 50) -> tuple[Index, list[bytes]]:
    """A Slice of one module, as it is put."""
    entries, blob = zip_format.join(
        [zip_format.pack("demo.py", content), zip_format.pack("é.txt", b"e")]
    )
    directory = zip_format.plan((0, entry) for entry in entries).directory
    index = Index(
        name="demo",
        version="1.0",
        hashes=("sha256:0",),
        metadata=Metadata(name="demo", version="1.0"),
        checksum=deflate.crc32(blob + directory),
        entries=entries,
        modules={"demo.py": Module(imports=[("os", ("path",), 1)])},
        programs=["demo"],
        warnings=["said"],
        faults={},
        libraries={},
        left_out={"demo/tests/x.py": "tests"},
        sought=["demo/tests/y.py"],
    )
    return index, [blob, directory]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that holds one Slice."""
    store = Store(tmp_path / "store")
    store.put(KEY, *made())
    return store


def again(store: Store) -> Store:
    """Another build's view of a store."""
    return Store(store.root)


def test_what_is_put_is_got(store: Store) -> None:
    """A Slice comes back whole: its index, and a zip that zipfile reads."""
    index, pieces = made()
    found = again(store).get(KEY)
    assert found is not None
    assert found.index == index
    assert bytes(found.data) == b"".join(pieces)
    with zipfile.ZipFile(io.BytesIO(found.data)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["demo.py", "é.txt"]


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    """A store with a missing folder has no Slice, and looking makes no folder."""
    store = Store(tmp_path / "empty")
    assert store.get(KEY) is None
    assert store.damaged == []
    assert not store.root.exists()


def test_a_slice_is_opened_once(store: Store) -> None:
    """Asking twice gives the same open Slice."""
    assert store.get(KEY) is store.get(KEY)


def test_an_open_slice_outlives_its_files(store: Store) -> None:
    """A build that has opened a Slice reads it to the end, even if it is removed meanwhile."""
    found = store.get(KEY)
    shutil.rmtree(store.root)
    assert found is not None and bytes(found.data) == b"".join(made()[1])


def test_putting_leaves_nothing_behind(store: Store) -> None:
    """After a put, the store holds its mark, the entry's two files and nothing more."""
    store.put(KEY, *made(b"other"))
    files = sorted(path.relative_to(store.root).as_posix() for path in store.root.rglob("*.*"))
    assert files == ["CACHEDIR.TAG", f"slices/{KEY}", f"slices/{KEY}/slice.zip"]
    assert [path.name for path in (store.root / "slices" / KEY).iterdir() if path.name != "index"]
    assert list((store.root / "work").iterdir()) == []


def test_a_failed_put_leaves_nothing_behind(store: Store) -> None:
    """A put that fails midway leaves the former entry, and no work folder."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.put(KEY, made()[0], pieces())  # type: ignore[arg-type]
    assert again(store).get(KEY) is not None
    assert list((store.root / "work").iterdir()) == []


def test_scratch_is_gone_afterwards(store: Store) -> None:
    """A scratch folder lies in the store and is removed with all that is in it."""
    with store.scratch() as work:
        assert work.parent == store.root / "work"
        (work / "a/b").mkdir(parents=True)
    assert not work.exists()
    with pytest.raises(RuntimeError), store.scratch():
        raise RuntimeError
    assert list((store.root / "work").iterdir()) == []


def damaged(store: Store) -> bool:
    """Whether another build finds the entry damaged, and has removed it."""
    other = again(store)
    assert other.get(KEY) is None
    gone = not (store.root / "slices" / KEY).exists()
    assert (other.damaged == [KEY]) is gone
    return gone


@pytest.mark.parametrize("place", [0, 100, -1])
def test_finds_a_changed_zip(store: Store, place: int) -> None:
    """One other byte anywhere in the zip is found, and the entry removed and named."""
    zipped = store.root / "slices" / KEY / "slice.zip"
    content = bytearray(zipped.read_bytes())
    content[place] ^= 1
    zipped.write_bytes(content)
    assert damaged(store)


@pytest.mark.parametrize("size", [0, 1, 100])
def test_finds_a_truncated_zip(store: Store, size: int) -> None:
    """A zip that was cut off is found, even if nothing is left of it."""
    os.truncate(store.root / "slices" / KEY / "slice.zip", size)
    assert damaged(store)


def test_finds_every_truncated_index(store: Store) -> None:
    """An index that was cut off anywhere is found."""
    index = store.root / "slices" / KEY / "index"
    whole = index.read_bytes()
    for size in range(len(whole)):
        index.write_bytes(whole[:size])
        assert damaged(store)
        store.put(KEY, *made())


def test_finds_every_changed_index(store: Store) -> None:
    """One other byte anywhere in the index is found, for it says what is copied from the zip."""
    index = store.root / "slices" / KEY / "index"
    whole = index.read_bytes()
    for place in range(len(whole)):
        index.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert damaged(store)
        store.put(KEY, *made())


def test_finds_an_index_of_another_form(store: Store) -> None:
    """An index that is good msgpack of something else is damaged."""
    (store.root / "slices" / KEY / "index").write_bytes(msgspec.msgpack.encode({"name": "demo"}))
    assert damaged(store)


@pytest.mark.parametrize("name", ["index", "slice.zip"])
def test_an_entry_without_a_file_is_none(store: Store, name: str) -> None:
    """An entry that lacks a file is none, and a new one takes its place."""
    (store.root / "slices" / KEY / name).unlink()
    other = again(store)
    assert other.get(KEY) is None
    other.put(KEY, *made())
    assert other.get(KEY) is not None


def test_getting_marks_the_entry_as_used(store: Store) -> None:
    """An entry's time is when it was last opened."""
    place = store.root / "slices" / KEY
    os.utime(place, (1, 1))
    again(store).get(KEY)
    assert place.stat().st_mtime > 1


def test_a_lock_is_held_by_one(store: Store) -> None:
    """Two threads that want the same key hold it one after the other."""
    inside: list[int] = []
    seen: list[int] = []

    def work(number: int) -> None:
        with again(store).locked([f"other{number}", KEY]):
            inside.append(number)
            seen.append(len(inside))
            time.sleep(0.002)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert seen == [1] * 24


def test_other_keys_are_not_waited_for(store: Store) -> None:
    """A lock does not keep others from another key."""
    with store.locked(["a", "b"]), again(store).locked(["c"]):
        pass


def test_locks_are_taken_in_one_order(store: Store) -> None:
    """Whoever waits for the first key holds no later one, in whatever order they were named."""
    done = threading.Event()

    def work() -> None:
        with again(store).locked(["b", "c", "a", "b"]):
            done.set()

    with store.locked(["a"]):
        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.1)
        assert sorted(path.name for path in (store.root / "locks").iterdir()) == ["a"]
        assert not done.is_set()
    thread.join(10)
    assert done.is_set()


def test_locks_end_with_an_error(store: Store) -> None:
    """What fails under a lock gives it back."""
    with pytest.raises(RuntimeError), store.locked([KEY]):
        raise RuntimeError
    with (store.root / "locks" / KEY).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


# What a build does with a store: look, lock, look again, make. Says how often it had to make it.


def test_writers_of_one_key_leave_a_whole_entry(tmp_path: Path) -> None:
    """Threads that put the same key under its lock, again and again, never show half an entry."""
    root = tmp_path / "store"
    Store(root).put(KEY, *made(b"x" * 1000))  # who writes a key always writes the same
    stop = threading.Event()

    def write(content: bytes) -> None:
        for _ in range(30):
            with Store(root).locked([KEY]):
                Store(root).put(KEY, *made(content))

    def look() -> list[str]:
        damaged = []
        while not stop.is_set():
            reader = Store(root)
            try:
                found = reader.get(KEY)
            except FileNotFoundError:  # the entry was replaced between two of its steps
                continue
            assert found is None or len(found.index.entries) == 2
            damaged += reader.damaged
        return damaged

    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(look)
        list(pool.map(write, [b"x" * 1000, b"x" * 1000]))
        stop.set()
        assert reading.result() == []
    assert Store(root).get(KEY) is not None


def test_the_default_store_is_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SHORTS_CACHE_DIR names the store, with a tilde or relative to the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for named, root in (("~/s", "home/s"), ("s", "s"), (str(tmp_path / "x"), "x")):
        monkeypatch.setenv("SHORTS_CACHE_DIR", named)
        assert Store.default().root == tmp_path / root


def test_the_default_store_is_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without SHORTS_CACHE_DIR the store lies in the platform's folder for caches."""
    monkeypatch.delenv("SHORTS_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = Store.default().root
    assert root.is_relative_to(tmp_path) and root.name == "shorts"


def refused(store: Store) -> list[str]:
    """What the store says to each way of writing to it."""
    said = []
    for write in (
        lambda: store.put(KEY, *made()),
        lambda: store.locked([KEY]).__enter__(),
        lambda: store.scratch().__enter__(),
    ):
        with pytest.raises(ShortsError) as caught:
            write()
        said.append(str(caught.value))
    return said


def test_says_where_it_cannot_write(tmp_path: Path) -> None:
    """A store with a folder that cannot be made is named, with the way out."""
    (tmp_path / "file").write_bytes(b"")
    root = tmp_path / "file/store"
    assert set(refused(Store(root))) == {
        f"The store at {root} cannot be written: Not a directory.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    }


def test_a_store_that_is_no_folder_has_nothing(tmp_path: Path) -> None:
    """Looking into a store below a file finds nothing; writing to it says what is wrong."""
    (tmp_path / "file").write_bytes(b"")
    assert Store(tmp_path / "file/store").get(KEY) is None


@pytest.fixture
def others() -> Iterator[Store]:
    """A store with a Slice that this process may read and not write."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        store.put(KEY, *made())
        with store.locked([KEY]):
            pass
        folders = [Path(folder), *(path for path in Path(folder).rglob("*") if path.is_dir())]
        for path in folders:
            path.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield Store(store.root)
        finally:
            if root:
                os.seteuid(0)
            for path in folders:
                path.chmod(0o755)


def test_says_where_others_may_write(others: Store) -> None:
    """A store of another user is named, with the way out."""
    for said in refused(others):
        assert said == (
            f"The store at {others.root} cannot be written: Permission denied.\n"
            "Set SHORTS_CACHE_DIR to a folder that can."
        )


def test_reads_what_others_may_write(others: Store) -> None:
    """A Slice in a store that only others may write is read all the same."""
    assert others.get(KEY) is not None


def test_size_counts_what_is_kept(store: Store) -> None:
    """The size is the number of Slices and the bytes of all files."""
    folder = store.root / "slices" / KEY
    kept = sum(path.stat().st_size for path in folder.iterdir())
    assert cache.size(store) == (1, kept)


def test_prune_goes_by_the_last_reading(store: Store) -> None:
    """A Slice that was read within the days stays, an older one goes."""
    read = (store.root / "slices" / KEY).stat().st_mtime
    assert cache.prune(store, 30, read + 29 * 86400) == 0
    assert store.get(KEY) is not None
    assert cache.prune(store, 30, read + 32 * 86400) == 1
    assert again(store).get(KEY) is None


def test_clear_leaves_what_is_not_ours(store: Store) -> None:
    """All Slices go; a file of somebody else's in the same folder stays."""
    (store.root / "mine.txt").write_text("mine")
    cache.clear(store)
    assert {path.name for path in store.root.iterdir()} == {"CACHEDIR.TAG", "mine.txt"}
