"""A remote in a folder, such as that of a shared disk."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from shorts.remote.objects import MOST, Listed, Stored, Unavailable
from shorts.system import cache_root, files

# What the system says where something other than a file is in an object's place.
_OTHER = (errno.ELOOP, errno.EISDIR, errno.ENXIO)


class Folder:
    """The objects in a folder, each a file.

    Args:
        place: the path of the folder; made when first written to.
    """

    def __init__(self, place: str) -> None:
        self._place = Path(place)

    def get(self, name: str, arrived: Callable[[int], None]) -> Stored | None:
        """Return an object; None where there is none."""
        try:
            with open(cache_root.opened(self._place / name), "rb") as file:
                data = file.read(MOST)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError:  # something else is in its place
            data = b""
        except OSError as error:
            if error.errno not in _OTHER:
                raise _unavailable(error) from error
            data = b""
        arrived(len(data))
        return Stored(data=data, version=sha256(data).hexdigest())

    def put(self, name: str, data: bytes, replaced: str | None = None) -> bool:
        """Create an object, or replace one version of it."""
        place = self._place / name
        work = place.with_name(f".{place.name[:100]}.{os.urandom(8).hex()}")
        with _translated_errors():
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with work.open("xb") as file:
                    file.write(data)
                if replaced is None:
                    return _linked(work, place)
                there = self.get(name, lambda count: None)
                if there is None or there.version != replaced:
                    return False
                if place.is_dir() and not place.is_symlink():
                    files.discard(place)
                work.replace(place)
                return True
            finally:
                work.unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield all objects with names that begin with a prefix, sorted by name."""
        folder, _, start = prefix.rpartition("/")
        try:
            with os.scandir(self._place / folder) as entries:
                objects = [
                    Listed(name=f"{folder}/{entry.name}", size=entry.stat().st_size)
                    for entry in entries
                    if entry.name.startswith(start)
                    and not entry.name.startswith(".")
                    and entry.is_file(follow_symlinks=False)
                ]
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _unavailable(error) from error
        yield from sorted(objects, key=lambda listed: listed.name)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn an error of the system into `Unavailable`."""
    try:
        yield
    except OSError as error:
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(error.strerror or str(error))


def _linked(work: Path, place: Path) -> bool:
    """Give a file its name unless another file has it; return whether it did."""
    try:
        place.hardlink_to(work)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(place):
            return False
        work.replace(place)
    return True
