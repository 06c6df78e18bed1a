"""What is kept of an ELF file, to say later which others it takes along."""

import msgspec

from shorts.targets import elf


class Library(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An ELF file of an artifact.

    Attributes:
        needed: the names of the libraries that the loader gives it.
        names: what it is found by.
        module: whether Python can import it.
    """

    needed: tuple[str, ...]
    names: tuple[str, ...]
    module: bool


def read(path: str, image: bytes) -> Library | None:
    """What is to be known of a file; None for one that is no ELF image.

    Args:
        path: where it is to lie in the artifact.
        image: its whole content.
    """
    found = elf.read(image)
    if found is None:
        return None
    names = {path.rpartition("/")[2], *([found.soname] if found.soname else [])}
    module = b"\0PyInit_" in image or b"\0PyInitU_" in image
    return Library(needed=found.needed, names=tuple(sorted(names)), module=module)
