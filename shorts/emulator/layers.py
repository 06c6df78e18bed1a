"""A function's layers as it sees them in Lambda, and the zips of layers and functions.

Unpacked and merged folders are kept under ``.aws-sam/shorts``, one for each content.
"""

import errno
import fcntl
import glob
import hashlib
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shorts.emulator.sandbox import OPT
from shorts.errors import ShortsError, writing
from shorts.model import Function, Layer
from shorts.system import atomic, files, project_state
from shorts.system.project_state import FOLDER
from shorts.targets.limits import DEPTH, UNPACKED

# What zipfile raises for a damaged or an encrypted zip.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    UnicodeDecodeError,
)
# The kinds of members: files, folders, links, and 0 for a zip that does not give the kind.
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
# Errors of the disk: with these, a member's name is not why it cannot be written.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
# A link's target is shorter than this: PATH_MAX.
_LONGEST = 4096
_CHUNK = 1 << 20
_SHOWN = 100
_DIGITS = 16


def folders(function: Function, say: Callable[[str], None]) -> list[Path]:
    """Return the folders of a function's layers, in the template's order.

    Args:
        function: the function.
        say: receives a note of each layer that has only an ARN, and is skipped.

    Raises:
        ShortsError: a layer does not exist, or is not a zip.
    """
    for layer in function.layers:
        if not layer.code_uri:
            say(
                f"note: the layer {layer.name} is not here; SAM would download it, and "
                f"{function.full_path} runs without it"
            )
    return [_folder(layer, function) for layer in function.layers if layer.code_uri]


def merged(name: str, folders: Sequence[Path]) -> Path:
    """Return one folder with the content of several; a later folder's file wins.

    It holds links into them, so it is cheap, and an edit of a layer shows.

    Args:
        name: of the function.
        folders: of its layers, at least one.
    """
    if len(folders) == 1 and not _leads_out(folders[0]):
        return folders[0]
    links = list(_links(folders))

    def fill(folder: Path) -> None:
        for path, target in links:
            link = folder / path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)

    return _kept("layers", name.replace("/", "."), repr(links).encode(), fill)


def unzipped(archive: Path, kind: str, way_out: str) -> Path:
    """Return a folder with a zip's content, its executables executable.

    Args:
        archive: the zip.
        kind: the folder under ``.aws-sam/shorts`` that it is unpacked in.
        way_out: what to do where it is not a zip.

    Raises:
        ShortsError: it is not a zip, or it is too large.
    """

    def fill(folder: Path) -> None:
        try:
            extract(archive, folder)
        except UNREADABLE as error:
            raise ShortsError(f"{archive} is not a zip: {error}.\n{way_out}") from error

    if archive.stat().st_size > UNPACKED:
        raise ShortsError(f"{archive} is larger than {UNPACKED / 1e9:.1f} GB.\n{way_out}")
    name = f"{archive.stem}-{_digest(bytes(archive))[:8]}"
    return _kept(kind, name, archive.read_bytes(), fill)


def extract(archive: Path, folder: Path) -> None:
    """Unpack what zipfile unpacks, and the modes and symbolic links that it does not.

    The sizes in a zip may be wrong, so bytes are counted as they are read.

    Raises:
        ShortsError: it holds too much, or a member that is not a file within it.
    """
    links: list[tuple[Path, str]] = []
    left = UNPACKED
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            name, mode = member.filename, member.external_attr >> 16
            parts = [part for part in name.split("/") if part not in ("", ".")]
            if stat.S_IFMT(mode) not in _KINDS:
                raise _refusal(archive, name, "is a device or a pipe")
            if name.startswith("/") or ".." in parts:
                raise _refusal(archive, name, "lies outside the zip's own folder")
            if len(parts) > DEPTH:
                raise _refusal(archive, name, f"lies more than {DEPTH} folders deep")
            if not parts and not name.endswith("/"):
                raise _refusal(archive, name, "is a name without letters")
            path = folder.joinpath(*parts)
            with _naming(archive, name):
                if member.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as source, path.open("wb") as target:
                    while chunk := source.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            most = f"the zip hold more than {UNPACKED / 1e9:.1f} GB"
                            raise _refusal(archive, name, f"and what lies before it in {most}")
                        target.write(chunk)
            if stat.S_ISLNK(mode):
                links.append((path, name))
            elif mode & 0o111:
                path.chmod(mode & 0o777 | stat.S_IWUSR)
    for path, name in links:  # last, so that nothing is written through one
        aim = os.fsdecode(path.read_bytes()) if path.stat().st_size < _LONGEST else "\0"
        path.unlink()
        with _naming(archive, name):
            path.symlink_to(aim)
    inside = os.path.realpath(folder)
    for path, name in links:
        if os.path.normpath(path.readlink()).startswith(f"{OPT}/"):
            continue  # it leads into the layers, where they lie in Lambda and in a sandbox
        if os.path.commonpath([inside, os.path.realpath(path)]) != inside:
            raise _refusal(archive, name, f"is a link that leads out of it, to {path.readlink()}")


def _refusal(archive: Path, name: str, why: str) -> ShortsError:
    shown = name if len(name) < _SHOWN else f"{name[:_SHOWN]}…"
    return ShortsError(f"{archive}: {shown!r} {why}.\nLeave it out, and zip the rest again.")


@contextmanager
def _naming(archive: Path, name: str) -> Iterator[None]:
    """Refuse a member that the file system rejects, by its name.

    Raises:
        ShortsError: the name is too long, is both a file's and a folder's, or the like.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise _refusal(archive, name, f"cannot be unpacked: {why}") from error


def hold(folders: Iterable[Path]) -> ExitStack:
    """Keep folders until the returned stack is closed, even if newer content replaces them."""
    held = ExitStack()
    for folder in folders:
        opened = os.open(folder, os.O_RDONLY)
        held.callback(os.close, opened)
        fcntl.flock(opened, fcntl.LOCK_SH)
    return held


def _is_free(folder: Path) -> bool:
    """Return whether no process holds a folder."""
    with ExitStack() as closing:
        try:
            opened = os.open(folder, os.O_RDONLY)
            closing.callback(os.close, opened)
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _folder(layer: Layer, function: Function) -> Path:
    place = Path(layer.code_uri)
    if place.is_dir():
        return place
    if not place.is_file():
        raise ShortsError(
            f"The layer {layer.full_path} of {function.full_path} should be at {place}, "
            "which does not exist.\nBuild it with `shorts build`, or fix its ContentUri."
        )
    way_out = f"A layer is a folder or a zip: fix the ContentUri of {layer.full_path}."
    return unzipped(place, "layers", way_out)


def _links(folders: Sequence[Path], below: str = "") -> Iterator[tuple[str, str]]:
    """Yield the merged folder's links and their targets; what only one layer has is one link."""
    entries: dict[str, list[Path]] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            former = entries.setdefault(path.name, [])
            if not (_is_folder(path) and former and _is_folder(former[-1])):
                former.clear()
            former.append(path)
    for name, paths in sorted(entries.items()):
        if len(paths) > 1:
            yield from _links(paths, f"{below}{name}/")
        else:
            yield f"{below}{name}", str(paths[0])


def _leads_out(folder: Path) -> bool:
    """Return whether a symbolic link leads out of a folder, so that /opt cannot be the folder."""
    inside = os.path.realpath(folder)
    for within, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(within, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                return True
    return False


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _kept(kind: str, name: str, content: bytes, fill: Callable[[Path], None]) -> Path:
    """Return the folder for some content; fill it where it is missing, and remove older ones.

    A folder with files that are not as they were when it was filled counts as missing.
    """
    place = (FOLDER / kind).absolute() / f"{name}-{_digest(content)}"
    if _is_whole(place):
        return place
    with writing(str(place.parent), "Free some space there, or fix its permissions."):
        place.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as closing:
            opened = os.open(place.parent, os.O_RDONLY)
            closing.callback(os.close, opened)
            fcntl.flock(opened, fcntl.LOCK_EX)
            if _is_whole(place):  # another process was faster
                return place
            for former in place.parent.glob(f"{glob.escape(name)}-{'[0-9a-f]' * _DIGITS}"):
                if former != place and _is_free(former):
                    files.discard(former)
                    _listing(former).unlink(missing_ok=True)
            with atomic.folder(place) as new:
                fill(new)
                project_state.keep(_listing(place), _states(new))
    return place


def _listing(place: Path) -> Path:
    """Return the path of the file that remembers what a folder was filled with."""
    return place.parents[1] / "filled" / f"{place.parent.name}-{place.name}.json"


def _states(folder: Path) -> dict[str, str]:
    return {
        os.path.relpath(os.path.join(within, name), folder): _state(Path(within, name))
        for within, folders, names in os.walk(folder)
        for name in (*folders, *names)
    }


def _state(path: Path) -> str:
    """Return what shows that a file is unchanged, and that a link or a folder is the same."""
    status = path.lstat()
    if stat.S_ISREG(status.st_mode):
        return f"{status.st_mode:o} {status.st_size} {status.st_mtime_ns}"
    return f"{status.st_mode:o} {path.readlink() if path.is_symlink() else ''}"


def _is_whole(place: Path) -> bool:
    known = project_state.recall(_listing(place), dict[str, str])
    try:
        return (
            known is not None
            and _is_folder(place)
            and all(_state(place / path) == state for path, state in known.items())
        )
    except OSError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
