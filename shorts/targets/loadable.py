"""Whether the system of a target can load a program or a shared library; pure.

The file itself decides (`elf.read`), because a wheel's name may be wrong: whoever builds a wheel
chooses its tags.
"""

import re
from collections.abc import Sequence

from shorts.targets import elf
from shorts.targets.target import Target

# How many files of one artifact a message names.
_NAMED = 10

# What a file linked to musl names: its loader, or its C library.
# https://wiki.musl-libc.org/guidelines-for-distributions ("Multilib/multi-arch")
_MUSL = re.compile(r"/lib/ld-musl-[!-~]*|libc\.musl-[!-~]*|libc\.so")


def fault(image: bytes, target: Target) -> str:
    """Return why a target cannot load a file, such as ``needs glibc 2.38``; empty where it can.

    Files that are neither programs nor shared libraries fit every target, and so do files that need
    no library at all, if they are for its machine.

    Args:
        image: a whole file of any kind.
        target: where it will run.
    """
    if not elf.is_program(image):
        return ""
    binary = elf.read(image)
    if binary is None:
        return "is damaged, so that no system loads it"
    form = ("" if binary.bits == 64 else ", 32 bits") + (
        "" if binary.byte_order == "little" else ", big-endian"
    )
    if form or binary.machine != target.machine:
        return f"is for {binary.machine}{form}"
    named = [name for name in (binary.interpreter, *binary.needed) if name]
    musl = next((name for name in named if _MUSL.fullmatch(name)), None)
    if musl:
        return f"needs musl ({musl})"
    if binary.glibc and binary.glibc > target.glibc:
        return f"needs glibc {'.'.join(map(str, binary.glibc))}"
    return ""


def refusal(name: str, target: Target, faults: Sequence[str]) -> str:
    """Return the message about an artifact that cannot be loaded, in one sentence.

    Args:
        name: of its function or layer.
        target: where it will run.
        faults: the files and what is wrong with each, such as ``a.so needs glibc 2.38``.
    """
    glibc = ".".join(map(str, target.glibc))
    return (
        f"{name} holds what {target} cannot load, which is {target.machine} with glibc {glibc}: "
        f"{_listed(faults)}."
    )


def _listed(files: Sequence[str]) -> str:
    more = f", and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"
