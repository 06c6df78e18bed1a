"""Where the store is, whether that folder is a store, and whether only its user can write to it."""

import os
import re
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shorts.errors import ShortsError
from shorts.system import files

# The file in a store's root that makes backups skip the folder.
# https://bford.info/cachedir/
TAG = "CACHEDIR.TAG"
_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55\n"
MARK = _SIGNATURE + b"# The store of shorts: `shorts cache clear` empties it.\n"
# The names of the entries in each folder of a store; `cache clear` and `prune` touch nothing else.
_SLICE, _TREE, _RUNTIME = r".+-[0-9a-f]{40}", r"[0-9a-f]{64}", r"\d+\.\d+-[0-9a-f]{16}"
FORMS = {
    "slices": _SLICE,
    "wheels": _TREE,
    "runtimes": _RUNTIME,
    "work": r"tmp[a-z0-9_]{8}",  # from mkdtemp
    "locks": f"{_SLICE}|{_TREE}|{_RUNTIME}",
}
_OTHER = "Set SHORTS_CACHE_DIR to an empty folder, or to one that does not exist yet."
# Folders that this process uses instead of stores that other users can write to.
_private: dict[Path, Path] = {}
_warnings: list[str] = []
_lock = threading.Lock()


def root() -> Path:
    """Return the folder that ``SHORTS_CACHE_DIR`` names, else the platform's for caches.

    Raises:
        ShortsError: it is below a home folder that does not exist.
    """
    named = os.environ.get("SHORTS_CACHE_DIR")
    if not named:
        return _default()
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        raise ShortsError(f"SHORTS_CACHE_DIR: {named} names an unknown home.\n{_OTHER}") from error


def usable() -> Path:
    """Return the folder that a build keeps its store in.

    Where others may write to the store, it is a private folder, which `leave` removes.

    Raises:
        ShortsError: the folder holds something other than a store.
    """
    place = root()
    reason = distrust(place)
    if not reason:
        check(place)
        return place
    with _lock:
        if place not in _private:
            _private[place] = Path(tempfile.mkdtemp(prefix="shorts-"))
            _warnings.append(
                f"{reason}, so it is not used, and this run keeps nothing. Set SHORTS_CACHE_DIR "
                "to a folder that you alone may write"
            )
        return _private[place]


def warnings() -> list[str]:
    """Return the warnings about stores that are not used, each once."""
    texts = [*_warnings]
    _warnings.clear()
    return texts


def leave() -> None:
    """Remove the private folders."""
    while _private:
        files.discard(_private.popitem()[1])


def distrust(place: Path) -> str:
    """Return why a store must not be used; empty where only its user may write to it."""
    if not place.is_absolute():
        return "There is no home folder for a store"
    looks = [place.stat, place.lstat, *((place / name).lstat for name in FORMS)]
    for look in looks:
        try:
            status = look()
        except OSError:
            continue
        if status.st_uid != os.geteuid():
            return f"The store at {place} belongs to another user"
        if stat.S_ISDIR(status.st_mode) and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return f"Other users can write to the store at {place} (`chmod -R go-w` prevents that)"
    return ""


def check(place: Path) -> bool:
    """Return whether a folder is a store already; False where one can be made there.

    Raises:
        ShortsError: it holds something else, or is the home folder or above it.
    """
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 - Path's may raise
    if home.is_relative_to(os.path.realpath(place)):
        raise ShortsError(f"{place} holds your home folder, so it cannot be the store.\n{_OTHER}")
    try:
        names = {name for name in os.listdir(place) if not name.startswith(f".{TAG}.")}
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ShortsError(f"The store at {place} cannot be read: {error.strerror}.") from error
    mark = _mark_in(place / TAG)  # written before anything else
    if mark == MARK:
        return True
    # A store from a version that made no mark, or with a damaged mark, holds only its own names.
    of_another = mark.startswith(_SIGNATURE) and b"shorts" not in mark
    damaged = TAG in names and (MARK.startswith(mark) or not of_another)
    if not names or ((damaged or place == _default()) and _holds_a_store(place, names)):
        return False
    raise ShortsError(
        f"{place} holds other files than a store's, so it is neither used nor emptied.\n{_OTHER}"
    )


def claim(place: Path) -> None:
    """Make a folder a store: write the mark; a new folder is for its user alone.

    Raises:
        ShortsError: it holds something else.
        OSError: it cannot be written.
    """
    if check(place):
        return
    with suppress(FileExistsError):
        place.mkdir(mode=0o700, parents=True)
    descriptor, path = tempfile.mkstemp(prefix=f".{TAG}.", dir=place)
    try:
        with open(descriptor, "wb") as file:
            file.write(MARK)
        if (place / TAG).is_dir():
            files.discard(place / TAG)
        Path(path).replace(place / TAG)
    except BaseException:
        files.discard(Path(path))
        raise


def entries(place: Path, name: str) -> Iterator[Path]:
    """Yield a store's entries in one of its folders; skip other names and what is behind a link.

    Raises:
        ShortsError: the folder is not a store.
    """
    check(place)
    if files.is_folder(place / name):
        for path in sorted((place / name).iterdir()):
            if re.fullmatch(FORMS[name], path.name):
                yield path


def opened(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file, without following a link or waiting for a FIFO.

    Raises:
        OSError: it is missing, or it cannot be opened.
        ValueError: something else is there.
    """
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise ValueError(f"{path} is not a regular file")


def _default() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("shorts", appauthor=False)


def _mark_in(path: Path) -> bytes:
    """Return the first bytes of a file; empty where it cannot be read."""
    try:
        with open(opened(path), "rb") as file:
            return file.read(len(MARK) + 1)
    except (OSError, ValueError):
        return b""


def _holds_a_store(place: Path, names: set[str]) -> bool:
    """Return whether a folder holds only a store's folders, and these only a store's entries."""
    try:
        entries = [(name, path.name) for name in names - {TAG} for path in (place / name).iterdir()]
    except OSError:
        return False
    folders = names <= {TAG, *FORMS} and all(
        files.is_folder(place / name) for name in names - {TAG}
    )
    return folders and all(re.fullmatch(FORMS[name], inner) for name, inner in entries)
