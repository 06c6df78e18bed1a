"""Whatever SHORTS_CACHE_DIR names, nothing of the user's is touched, and no one else's is used."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.slices.store import Store
from shorts.system import cache, cache_root
from tests.attacks.conftest import inventory
from tests.conftest import Done, Shorts, require, write_wheel

KEY = f"demo-1.0-{'0' * 40}"
TREE, RUNTIME, WORK = "0" * 64, f"3.13-{'0' * 16}", "tmpabcdefgh"
OTHERS = 12345  # a user's number


@pytest.fixture
def application(function: Path, wheels: Path) -> Path:
    """An application of one function with a distribution."""
    write_wheel(wheels, "small", {"small/__init__.py": "X = 1\n"})
    require(function, "small")
    return function


def filled(root: Path) -> Path:
    """A store that holds one of each kind."""
    cache_root.claim(root)
    for name in (f"slices/{KEY}/index", f"wheels/{TREE}/a.whl", f"runtimes/{RUNTIME}/bin/python"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("kept")
    (root / "work" / WORK).mkdir(parents=True)
    (root / "locks").mkdir()
    (root / "locks" / KEY).touch()
    return root


def refused(done: Done) -> str:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    message = done.stderr[done.stderr.index("shorts: ") :].strip()
    assert len(message.splitlines()) <= 3, message
    return message


COMMANDS = (["cache", "clear"], ["cache", "prune", "--older-than", "0d"], ["cache", "size"])


@pytest.mark.parametrize("named", ["~", "{home}", "{home}/", "{home}/../home", "{home}/.."])
def test_the_home_folder_is_no_store(
    application: Path, shorts: Shorts, home: Path, named: str
) -> None:
    """The home folder and what holds it are refused by name, and keep every file."""
    before = inventory(home)
    for command in (*COMMANDS, ["build"]):
        done = shorts(command, application, SHORTS_CACHE_DIR=named.format(home=home))
        assert "holds your home folder" in refused(done)
    assert inventory(home) == before


@pytest.mark.parametrize("command", [*COMMANDS, ["build"]])
def test_the_root_is_no_store(application: Path, shorts: Shorts, command: list[str]) -> None:
    """The file system's root is refused before anything is looked for in it."""
    done = shorts(command, application, SHORTS_CACHE_DIR="/")
    assert "holds your home folder" in refused(done)
    assert not Path("/CACHEDIR.TAG").exists()


def test_an_empty_home_is_no_store(application: Path, shorts: Shorts, tmp_path: Path) -> None:
    """A home folder without files is refused all the same."""
    (tmp_path / "new").mkdir()
    where = {"HOME": str(tmp_path / "new"), "SHORTS_CACHE_DIR": "~"}
    assert "holds your home folder" in refused(shorts(["build"], application, **where))
    assert [*(tmp_path / "new").iterdir()] == []


@pytest.mark.parametrize("names", [["a.txt"], ["slices/a"], [f"slices/{KEY}/index", "locks/b"]])
def test_a_folder_of_other_files_is_no_store(
    application: Path, shorts: Shorts, tmp_path: Path, names: list[str]
) -> None:
    """A folder without the mark is refused by name, with the way out, and keeps every file."""
    folder = tmp_path / "project"
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    before = inventory(folder)
    for command in (*COMMANDS, ["build"]):
        assert refused(shorts(command, application, SHORTS_CACHE_DIR=str(folder))) == (
            f"shorts: {folder} holds other files than a store's, so it is neither used nor "
            "emptied.\nSet SHORTS_CACHE_DIR to an empty folder, or to one that does not exist yet."
        )
    assert inventory(folder) == before


def test_another_tools_cache_is_no_store(tmp_path: Path) -> None:
    """The mark of another tool's cache counts for nothing, even next to an empty folder."""
    other = tmp_path / "other"
    (other / "work").mkdir(parents=True)
    (other / cache_root.TAG).write_bytes(
        cache_root.MARK.partition(b"\n")[0] + b"\n# of another tool\n"
    )
    with pytest.raises(ShortsError, match="holds other files"):
        cache.clear(Store(other))
    assert (other / "work").is_dir()


def test_a_link_is_no_mark(tmp_path: Path) -> None:
    """A mark that is a link to a store's makes no store."""
    cache_root.claim(tmp_path / "store")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / cache_root.TAG).symlink_to(tmp_path / "store" / cache_root.TAG)
    (tmp_path / "other" / "photo.jpg").touch()
    with pytest.raises(ShortsError, match="holds other files"):
        cache.clear(Store(tmp_path / "other"))


def test_clearing_takes_only_what_a_store_keeps(tmp_path: Path) -> None:
    """Files of other names stay, in the store's folders and next to them; no link is followed."""
    root = filled(tmp_path / "store")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / KEY).write_text("the user's")
    others = ["notes.txt", "slices/mine", f"slices/{KEY}.txt", "work/draft", "locks/x", "wheels/a"]
    for name in others:
        (root / name).write_text("the user's")
    (root / "slices" / f"linked-{KEY}").symlink_to(tmp_path / "outside")
    cache.clear(Store(root))
    left = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    assert left == sorted([cache_root.TAG, *others])
    assert (tmp_path / "outside" / KEY).read_text() == "the user's"


@pytest.mark.parametrize("name", cache_root.FORMS)
def test_clearing_follows_no_link(tmp_path: Path, name: str) -> None:
    """One of the store's folders that is a link keeps what lies behind it."""
    root, outside = filled(tmp_path / "store"), tmp_path / "outside"
    (root / name).rename(outside)
    (root / name).symlink_to(outside)
    before = inventory(outside)
    cache.clear(Store(root))
    assert cache.prune(Store(root), 0, 2e12) == 0
    assert cache.size(Store(root)) == (0, 0)
    assert inventory(outside) == before


def test_an_older_store_is_adopted_where_it_is_the_default(
    application: Path, shorts: Shorts, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store without a mark is one in the platform's place, if it holds nothing else."""
    monkeypatch.delenv("SHORTS_CACHE_DIR")
    root = filled(home / ".cache" / "shorts")
    (root / cache_root.TAG).unlink()
    assert shorts(["build"], application).returncode == 0
    assert (root / cache_root.TAG).read_bytes() == cache_root.MARK
    (root / cache_root.TAG).unlink()
    assert shorts(["cache", "clear"], application).returncode == 0
    assert inventory(root) == {}
    filled(root)
    (root / cache_root.TAG).unlink()
    (root / "notes.txt").touch()
    assert "holds other files" in refused(shorts(["cache", "clear"], application))


def test_the_empty_name_is_none(
    application: Path, shorts: Shorts, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SHORTS_CACHE_DIR without a value counts as not set."""
    done = shorts(["cache", "dir"], application, SHORTS_CACHE_DIR="")
    assert done.stdout.strip() == str(home / ".cache" / "shorts")


def test_a_relative_name_is_of_the_working_folder(application: Path, shorts: Shorts) -> None:
    """A relative folder lies in the working folder, and `.` with an application is refused."""
    assert shorts(["build"], application, SHORTS_CACHE_DIR="kept").returncode == 0
    assert (application / "kept" / cache_root.TAG).is_file()
    assert "holds other files" in refused(
        shorts(["build", "-b", "other"], application, SHORTS_CACHE_DIR=".")
    )


def test_an_unknown_home_is_refused(application: Path, shorts: Shorts) -> None:
    """A tilde of a user that there is none of is named."""
    for command in (["build"], ["cache", "dir"], ["cache", "clear"]):
        message = refused(shorts(command, application, SHORTS_CACHE_DIR="~nemo-of-none/x"))
        assert "SHORTS_CACHE_DIR: ~nemo-of-none/x" in message


def test_a_file_is_no_store(application: Path, shorts: Shorts, tmp_path: Path) -> None:
    """A file stays as it is, and clearing it does nothing."""
    file = tmp_path / "file"
    file.write_text("kept")
    for command in COMMANDS:
        assert shorts(command, application, SHORTS_CACHE_DIR=str(file)).returncode == 0
    refused(shorts(["build"], application, SHORTS_CACHE_DIR=str(file)))
    assert file.read_text() == "kept"


def test_a_link_to_a_folder_is_what_it_leads_to(
    application: Path, shorts: Shorts, tmp_path: Path, home: Path
) -> None:
    """A link to an empty folder makes that a store; one to a folder with files is refused."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    where = {"SHORTS_CACHE_DIR": str(tmp_path / "link")}
    assert shorts(["build"], application, **where).returncode == 0
    assert (tmp_path / "disk" / cache_root.TAG).is_file()
    (tmp_path / "link").unlink()
    for behind, said in ((home, "holds your home"), (home / "photos", "holds other files")):
        (tmp_path / "link").symlink_to(behind)
        assert said in refused(shorts(["build", "-b", "other"], application, **where))
        (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    done = shorts(["build", "-b", "other"], application, **where)
    assert "cannot be written" in refused(done)


def test_a_new_store_is_its_users_alone(tmp_path: Path) -> None:
    """The folders of a store are for its user, whatever the umask; a folder that is there stays."""
    before = os.umask(0)
    try:
        store = Store(tmp_path / "store")
        with store.locked([KEY]), store.scratch() as work:
            (work / "a").touch()
            store.keep(work, "wheels", TREE)
        (tmp_path / "given").mkdir(mode=0o755)
        with Store(tmp_path / "given").locked([KEY]):
            pass
    finally:
        os.umask(before)
    folders = [store.root, *(path for path in store.root.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert stat.S_IMODE((tmp_path / "given").stat().st_mode) == 0o755


def private(done: Done, temporary: Path, before: dict[str, bytes]) -> str:
    """The warning of a build that did not use a store, and left nothing of its own."""
    assert done.returncode == 0, done.stderr
    assert inventory(temporary) == before
    (warning,) = [line for line in done.stderr.splitlines() if "it is not used" in line]
    return warning


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that no one else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("place", ["", "slices", "locks"])
@pytest.mark.parametrize("kind", ["owner", "group", "others"])
def test_a_store_that_others_may_write_is_not_used(
    application: Path, shorts: Shorts, tmp_path: Path, temporary: Path, place: str, kind: str
) -> None:
    """The build warns, makes what it needs in a private folder, and removes that at its end."""
    root = tmp_path / "store"
    assert shorts(["build"], application, SHORTS_CACHE_DIR=str(root)).returncode == 0
    zipped = application / ".aws-sam" / "build" / "F.zip"
    before, kept = zipped.read_bytes(), inventory(root)
    (application / "fn" / "new.py").touch()
    if kind == "owner":
        if os.geteuid():
            pytest.skip("only root can give a folder away")
        os.chown(root / place, OTHERS, OTHERS)
    else:
        (root / place).chmod(0o770 if kind == "group" else 0o707)
    done = shorts(["build"], application, SHORTS_CACHE_DIR=str(root))
    warning = private(done, temporary, {})
    assert str(root) in warning and "SHORTS_CACHE_DIR" in warning
    assert inventory(root) == kept
    (application / "fn" / "new.py").unlink()
    assert shorts(["build"], application, SHORTS_CACHE_DIR=str(root)).returncode == 0
    assert zipped.read_bytes() == before
    for command in COMMANDS:
        refused(shorts(command, application, SHORTS_CACHE_DIR=str(root)))
    assert inventory(root) == kept


def test_another_users_link_is_not_followed(
    application: Path, shorts: Shorts, tmp_path: Path, temporary: Path
) -> None:
    """A link that another user has laid, in a folder that all may write to, leads nowhere."""
    if os.geteuid():
        pytest.skip("only root can give a link away")
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    os.chown(tmp_path / "link", OTHERS, OTHERS, follow_symlinks=False)
    done = shorts(["build"], application, SHORTS_CACHE_DIR=str(tmp_path / "link"))
    assert "belongs to another user" in private(done, temporary, {})
    assert [*(tmp_path / "mine").iterdir()] == []


def test_without_a_home_nothing_is_kept(
    application: Path, shorts: Shorts, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no folder for caches is known, the build makes what it needs in a private one."""
    monkeypatch.delenv("SHORTS_CACHE_DIR")
    monkeypatch.setattr(cache_root, "_default", lambda: Path("~/.cache/shorts"))
    private(shorts(["build"], application), temporary, {})
    assert not (application / "~").exists()
