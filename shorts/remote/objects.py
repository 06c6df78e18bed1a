"""What every kind of remote can do with objects; it knows nothing of what they hold."""

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from shorts.remote.address import Address

# The most bytes of one object. The largest wheels for Lambda make Slices of some 100 MB.
MOST = 256_000_000


class Unavailable(Exception):
    """A remote cannot be used; the message says why."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it is stored.

    Attributes:
        data: its bytes; cut off where there are more than `MOST`.
        version: changes whenever the object is replaced.
    """

    data: bytes
    version: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An object in a listing."""

    name: str
    size: int


class Objects(Protocol):
    """A store of objects by name. Several threads may use it at once."""

    def get(self, name: str, arrived: Callable[[int], None]) -> Stored | None:
        """Return an object; None where there is none.

        Args:
            name: of the object.
            arrived: called with the number of bytes that came, piece by piece.

        Raises:
            Unavailable: the store does not answer, or refuses.
        """

    def put(self, name: str, data: bytes, replaced: str | None = None) -> bool:
        """Create an object, or replace one version of it.

        Args:
            name: of the object.
            data: its bytes.
            replaced: the version to replace.

        Returns:
            Whether it was written; False where another object is there.

        Raises:
            Unavailable: the store does not answer, or refuses.
        """

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield all objects with names that begin with a prefix, sorted by name.

        Raises:
            Unavailable: the store does not answer, or refuses.
        """


def connect(address: Address) -> Objects:
    """Return the store at an address, ready for use.

    Raises:
        Unavailable: there are no credentials for it.
    """
    if address.scheme == "file":
        from shorts.remote.folder import Folder

        return Folder(address.place)
    from shorts.remote.s3 import Bucket

    return Bucket(address.place, address.prefix)
