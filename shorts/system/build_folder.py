"""Folders that a build replaces: which ones, and how, so that the user loses nothing.

A build replaces a folder only if it is absent, empty or left by an earlier build: one that is
remembered, or one with the layout that `shorts build` and ``sam build`` give it.

A build makes the new folder in a work folder next to its place, and moves the former one into that
work folder. A work folder has a mark, a file that is made first and removed last; it shows what
killed builds have left.
"""

import fcntl
import os
import pwd
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from shorts.errors import ShortsError
from shorts.system import files

MARK = ".shorts"
_MARK_TEXT = b"A work folder of `shorts build`, which removes it.\n"
_WORK = re.compile(r"\.[0-9a-f]{16}")
# samcli writes it into each resource of a template that it has built, and into no others.
_RESOURCE_ID = re.compile(r"^ +SamResourceId: *(\w+)$", re.MULTILINE | re.ASCII)
# https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
_MOUNTS = Path("/proc/self/mountinfo")
# The suffixes of a resource's folder and files.
_SUFFIXES = ("", ".zip", ".cdx.json", ".manifest.json")
# No build writes a file that is larger than this, in bytes.
_LARGEST = 64 * 1024 * 1024


def check_allowed(folder: Path, sources: Iterable[Path]) -> None:
    """Refuse a build folder that no build may replace, whatever it holds.

    Args:
        folder: the build folder, which need not exist.
        sources: the files and folders that the application is read from.

    Raises:
        ShortsError: it must not be replaced; the message gives the reason.
    """
    check_not_linked(folder)
    place = Path(os.path.realpath(folder))
    if ".git" in place.parts:
        raise _refused(folder, "lies in the .git folder of a repository")
    if not os.path.exists(place):  # noqa: PTH110, it answers for what cannot be looked at, too
        return
    if not place.is_dir():
        raise _refused(folder, "is a file")
    if _within(place, _homes()):
        raise _refused(folder, "is your home folder, or holds it")
    if _within(place, [Path.cwd()]):
        raise _refused(folder, "is the working folder, or holds it")
    mount = next((mount for mount in _mounts() if mount.is_relative_to(place)), None)
    if mount:
        raise _refused(folder, "is a mount point" if mount == place else f"holds {mount}, a mount")
    source = _within(place, [*sources, place / ".git"])
    if source:
        raise _refused(folder, f"holds {os.path.relpath(source)}")


def check_left_by_build(folder: Path, remembered: Iterable[str], states: Iterable[Path]) -> None:
    """Refuse to replace a folder that holds what no build has left there.

    Args:
        folder: the build folder, which need not exist.
        remembered: the names of files that the last build is known to have left there; where one of
            them is there, the whole folder is a build's.
        states: the files in which SAM names what it builds, in addition to ``build.toml`` next to
            the folder.

    Raises:
        ShortsError: there is something else; the message names the first.
    """
    if not folder.is_dir() or any((folder / name).is_file() for name in remembered):
        return
    names = {folder.with_name("build.toml"), *states}
    strangers = _strangers(folder, {name for state in names for name in _names(_text(state))})
    if strangers:
        raise _refused(folder, f"holds {strangers[0]}, which no build has left there")


def check_not_linked(folder: Path) -> None:
    """Refuse a folder that is a symbolic link, or is behind one below the working folder.

    A repository may hold such a link, to any folder of a user who builds it.

    Raises:
        ShortsError: there is a link.
    """
    path = folder.absolute()
    parents = [*path.parents]
    here = max((at for at, each in enumerate(parents) if _is_same(each, Path.cwd())), default=0)
    below = [path, *parents[:here]]
    for each in below:
        if os.path.islink(each):  # noqa: PTH114, it answers for what cannot be looked at, too
            raise ShortsError(
                f"{os.path.relpath(each)} is a symbolic link to {os.path.realpath(each)}, and what "
                "lies there would be replaced.\nRemove the link."
            )


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Make a folder to replace another one, in a work folder that is removed afterwards.

    First remove what killed builds have left next to the place, and put back a folder that one of
    them has moved away and not replaced.

    Returns:
        The new folder, empty, for `atomic.swap`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with work_folder(folder) as work:
        new = work / "new"
        new.mkdir()
        yield new


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Make a work folder next to another one, with a unique name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        while True:
            work = folder.with_name(f".{folder.name}.{os.urandom(8).hex()}")
            work.mkdir()
            with suppress(FileNotFoundError):  # another build has removed it while it was empty
                held.enter_context(_marked(work))
                break
        held.callback(_remove, work)
        yield work


@contextmanager
def _marked(work: Path) -> Iterator[None]:
    """Give a work folder its mark, and hold its lock, which shows other builds that it is in use.

    Raises:
        OSError: another build holds the lock, or something else is in its place.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    mark = os.open(work / MARK, flags, 0o666)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.pwrite(mark, _MARK_TEXT, 0)
        yield
    finally:
        os.close(mark)


def _sweep(folder: Path) -> None:
    """Remove the work folders that killed builds have left next to a folder."""
    for left in sorted(folder.parent.iterdir()):
        if not left.name.startswith(f".{folder.name}.") or left.is_symlink():
            continue
        if not _WORK.fullmatch(left.suffix) or left.stem != f".{folder.name}":
            continue
        with suppress(OSError):  # one that is in use
            if not (left / MARK).is_file():
                left.rmdir()  # empty where a build was killed before it made the mark or after
                continue
            with _marked(left):
                if (left / "former").is_dir() and not os.path.lexists(folder):
                    (left / "former").rename(folder)
                _remove(left)


def _remove(work: Path) -> None:
    """Remove a work folder, its mark last."""
    with suppress(OSError):
        for name in os.listdir(work):
            if name != MARK:
                files.discard(work / name)
    with suppress(OSError):
        (work / MARK).unlink()
        work.rmdir()


def _refused(folder: Path, why: str) -> ShortsError:
    return ShortsError(
        f"The build folder {os.path.relpath(folder)} {why}, and each build replaces it as a whole."
        "\nName another folder with --build-dir."
    )


def _homes() -> list[Path]:
    """Return the user's home folder in the environment, and the one in the list of users."""
    homes = []
    with suppress(RuntimeError):
        homes.append(Path.home())
    with suppress(KeyError):
        homes.append(Path(pwd.getpwuid(os.getuid()).pw_dir))
    return [home for home in homes if home.is_absolute()]


def _mounts() -> list[Path]:
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return []
    escaped = (line.split(b" ")[4] for line in lines)
    return [Path(os.fsdecode(re.sub(rb"\\(\d{3})", _octal, path))) for path in escaped]


def _octal(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8)])


def _within(place: Path, paths: Iterable[Path]) -> Path | None:
    """Return the first of some paths that is a folder or is in it, however each is spelled."""
    known: dict[Path, bool] = {}
    for path in paths:
        real = Path(os.path.realpath(path))
        if not real.exists():
            continue
        for each in (real, *real.parents):
            if each not in known:
                known[each] = _is_same(each, place)
            if known[each]:
                return path
    return None


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _strangers(folder: Path, known: set[str]) -> list[str]:
    """Return the names in a folder that no build leaves, sorted.

    A build leaves the template, and for each function, layer and stack a folder, or a zip with its
    manifest and bill of materials.

    Args:
        folder: the build folder.
        known: functions and layers that SAM has built, even if the template does not name them.
    """
    listed = os.listdir(folder)
    names = known | {*_RESOURCE_ID.findall(_text(folder / "template.yaml"))}
    names |= {name.removesuffix(".zip") for name in listed if _has_manifest(folder, name)}
    files = {f"{name}{suffix}" for name in names for suffix in _SUFFIXES}
    files |= {"template.yaml"} if names else set()
    return sorted(name for name in listed if name not in files)


def _has_manifest(folder: Path, name: str) -> bool:
    """Return whether a file is a zip that `shorts build` has written a manifest of."""
    manifest = _text(folder / f"{name.removesuffix('.zip')}.manifest.json")
    return name.endswith(".zip") and f'"path": "{name}"' in manifest[:1000]


def _names(document: str) -> set[str]:
    """Return the functions and layers in SAM's ``build.toml``; none where it is not one."""
    import tomllib  # which takes time, and few builds need it

    try:
        tables = tomllib.loads(document)
        functions = tables.get("function_build_definitions", {}).values()
        layers = tables.get("layer_build_definitions", {}).values()
        names = {name for entry in functions for name in entry["functions"]}
        return {str(name) for name in names | {layer["layer"] for layer in layers}}
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError, RecursionError):
        return set()


def _text(path: Path) -> str:
    """Return the text of a file that a build may have written; empty where there is none."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
