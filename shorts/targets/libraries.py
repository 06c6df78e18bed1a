"""The facts kept of an ELF file, to find later which other files it needs."""

import msgspec

from shorts.targets import elf


class Library(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An ELF file of an artifact.

    Attributes:
        needed: the names of the libraries that it needs.
        names: the names that a loader can find it by.
        module: whether Python can import it.
    """

    needed: tuple[str, ...]
    names: tuple[str, ...]
    module: bool


def read(path: str, image: bytes) -> Library | None:
    """Return the facts of a file; None where it is not an ELF image.

    Args:
        path: its place in the artifact.
        image: its whole content.
    """
    binary = elf.read(image)
    if binary is None:
        return None
    names = {path.rpartition("/")[2], *([binary.soname] if binary.soname else [])}
    module = b"\0PyInit_" in image or b"\0PyInitU_" in image
    return Library(needed=binary.needed, names=tuple(sorted(names)), module=module)
