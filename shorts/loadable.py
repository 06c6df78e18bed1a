"""Whether the system of a target can load a program or a shared library; pure.

What it is asked of is what the file itself says (`elf.read`), for a wheel's name may say otherwise:
the tags are written by whoever builds it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from shorts import elf
from shorts.target import System, Target

# What Lambda starts of a function, or of its layers, whose runtime is none of Lambda's own.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
BOOTSTRAP = "bootstrap"
# Files of one artifact that a message names.
_NAMED = 10

# What a file names that was linked to musl: its loader, or its C library.
# https://wiki.musl-libc.org/guidelines-for-distributions ("Multilib/multi-arch")
_MUSL = re.compile(r"/lib/ld-musl-.*|libc\.musl-.*|libc\.so")

# The loaders of glibc and of musl, which some programs bring along with a C library of their own.
_LOADER = re.compile(r"(?:.*/)?ld-(?:(?:linux|musl)-.*\.so\.[0-9]+|[0-9.]+\.so)")

# How packages of Node.js, Ruby, .NET and Java name the machine, the system and the C library that
# one of their files is for, in a folder or in the file's own name; Prisma adds OpenSSL's version.
_FOR = re.compile(
    r"(?<![a-z0-9])(?:"
    r"x86[_-]64|x64|amd64|x86|ia32|i[3-6]86|arm64(?:v8)?|aarch64|arm(?:v[5-8][a-z]?|hf|el)?"
    r"|ppc64(?:le)?|s390x|riscv64(?:gc)?|loong(?:arch)?64|mips(?:64)?(?:r6)?(?:el)?"
    r"|linux(?:musl|glibc)?|(?:gnu|musl)(?:eabi(?:hf)?)?|glibc|alpine|debian|rhel|android|freebsd"
    r"|openssl-[0-9.x]+"
    r")(?![a-z0-9])"
)


def fault(image: bytes, target: Target | System) -> str:
    """Why a target cannot load a file, such as ``needs glibc 2.38``; empty where it can.

    Files that are no programs and no shared libraries are fit for every target, and so are those
    that need no library at all, if they are for its machine. What is not known of a system is not
    asked for.

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
    if form or (target.machine and found.machine != target.machine):
        return f"is for {found.machine}{form}"
    if target.glibc is None:
        return ""
    named = [name for name in (found.interpreter, *found.needed) if name]
    musl = next((name for name in named if _MUSL.fullmatch(name)), None)
    if musl:
        return f"needs musl ({musl})"
    if found.glibc and found.glibc > target.glibc:
        return f"needs glibc {'.'.join(map(str, found.glibc))}"
    return ""


def brings_loader(paths: Iterable[str]) -> bool:
    """Whether an artifact holds a loader, and so the C library that its programs need."""
    return any(_LOADER.fullmatch(path) for path in paths)


def unanswered(faults: Mapping[str, str]) -> dict[str, str]:
    """The faults of files for which no other stands in.

    Packages ship one file for each of many machines, and load the one that is theirs. The others
    are no fault where that one is there: a file of the same path, but for what it is for. What
    Lambda starts itself has no such choice.

    Args:
        faults: of all programs and libraries of an artifact, by path with slashes; empty for those
            that can be loaded.
    """
    there = {_whatever_for(path) for path, why in faults.items() if not why}
    return {
        path: why
        for path, why in faults.items()
        if why and (path == BOOTSTRAP or _whatever_for(path) not in there)
    }


def refusal(name: str, target: Target | System, faults: Sequence[str]) -> str:
    """What to say of an artifact, in one sentence.

    Args:
        name: of its function or layer.
        target: where it will lie.
        faults: the files and what is wrong with each, such as ``a.so needs glibc 2.38``.
    """
    glibc = f"glibc {'.'.join(map(str, target.glibc))}" if target.glibc else ""
    known = {"is": target.machine, "with" if target.machine else "has": glibc}
    which = " ".join(f"{verb} {what}" for verb, what in known.items() if what)
    more = f", and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    named = ", ".join(faults[:_NAMED])
    return f"{name} holds what {target} cannot load, which {which}: {named}{more}."


def _whatever_for(path: str) -> str:
    """A path without what its file is for."""
    return " ".join(re.findall(r"[a-z0-9]+", _FOR.sub("", path.lower())))
