"""Whether the system of a target can load a program or a shared library; pure.

What it is asked of is what the file itself says (`elf.read`), for a wheel's name may say otherwise:
the tags are written by whoever builds it.
"""

import re

from shorts import elf
from shorts.target import Target

# What a file names that was linked to musl: its loader, or its C library.
# https://wiki.musl-libc.org/guidelines-for-distributions ("Multilib/multi-arch")
_MUSL = re.compile(r"/lib/ld-musl-.*|libc\.musl-.*|libc\.so")


def fault(image: bytes, target: Target) -> str:
    """Why a target cannot load a file, such as ``needs glibc 2.38``; empty where it can.

    Files that are no programs and no shared libraries are fit for every target, and so are those
    that need no library at all, if they are for its machine.

    Args:
        image: a whole file, whatever it is.
        target: where it will lie.
    """
    if not elf.is_program(image):
        return ""
    found = elf.read(image)
    if found is None:
        return "is damaged, so that no system loads it"
    form = ("" if found.bits == 64 else ", 32 bits") + (
        "" if found.byte_order == "little" else ", big-endian"
    )
    if found.machine != target.machine or form:
        return f"is for {found.machine}{form}"
    named = [name for name in (found.interpreter, *found.needed) if name]
    musl = next((name for name in named if _MUSL.fullmatch(name)), None)
    if musl:
        return f"needs musl ({musl})"
    if found.glibc and found.glibc > target.glibc:
        return f"needs glibc {'.'.join(map(str, found.glibc))}"
    return ""
