"""Whether the system of a target can load a program or a shared library; pure.

What it is asked of is what the file itself says (`elf.read`), for a wheel's name may say otherwise:
the tags are written by whoever builds it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from shorts.targets import elf
from shorts.targets.target import System, Target

# What Lambda starts of a function, or of its layers, whose runtime is none of Lambda's own.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
BOOTSTRAP = "bootstrap"
# Files of one artifact that a message names.
_NAMED = 10

# What a file names that was linked to musl: its loader, or its C library.
# https://wiki.musl-libc.org/guidelines-for-distributions ("Multilib/multi-arch")
_MUSL = re.compile(r"/lib/ld-musl-[!-~]*|libc\.musl-[!-~]*|libc\.so")

# The loaders of glibc and of musl, which some programs bring along with a C library of their own.
_LOADER = re.compile(r"(?:.*/)?ld-(?:(?:linux|musl)-.*\.so\.[0-9]+|[0-9.]+\.so)")

# How packages of Node.js, Ruby, .NET and Java name the machine, the C library and the system that
# one of their files is for, in a folder or in the file's own name; Prisma adds OpenSSL's version.
_MACHINE = (
    r"x86[_-]64|x64|amd64|x86|ia32|i[3-6]86|arm64(?:v8)?|aarch64|arm(?:v[5-8][a-z]?|hf|el)?"
    r"|ppc64(?:le)?|s390x|riscv64(?:gc)?|loong(?:arch)?64|mips(?:64)?(?:r6)?(?:el)?"
)
_OTHER_LIBRARY = r"(?:linux)?musl(?:eabi(?:hf)?)?|alpine|android"
_REST = r"linux(?:glibc)?|gnu(?:eabi(?:hf)?)?|glibc|debian|rhel|freebsd|openssl-[0-9.x]+"
_FOR = re.compile(
    rf"(?<![a-z0-9])(?:(?P<machine>{_MACHINE})|(?P<library>{_OTHER_LIBRARY})|{_REST})(?![a-z0-9])"
)
_NAMES = {
    "x86_64": {"x86_64", "x86-64", "x64", "amd64"},
    "aarch64": {"aarch64", "arm64", "arm64v8", "armv8"},
}


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


def weigh(faults: Mapping[str, str], machine: str) -> tuple[dict[str, str], list[str]]:
    """Tell what is wrong with an artifact from what may be.

    Packages ship one file for each of many machines, and load the one that is theirs. The others
    are no fault where that one is there: a file of the same path, but for what it is for. Where it
    is not, a path that says that its file is for others has told the truth, and the package may do
    without, as many do that have the same in JavaScript. All else is taken for what it seems to be.
    What Lambda starts itself has no choice.

    Args:
        faults: of all programs and libraries of an artifact, by path with slashes; empty for those
            that can be loaded.
        machine: that they have to be for; empty where it is not known.

    Returns:
        The faults that count, and the paths of what is for others while nothing is for this one.
    """
    there = {_whatever_for(path) for path, why in faults.items() if not why}
    without = {
        path: why
        for path, why in sorted(faults.items())
        if why and (path == BOOTSTRAP or _whatever_for(path) not in there)
    }
    others = [path for path in without if _is_for_others(path, machine)]
    return {path: why for path, why in without.items() if path not in others}, others


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
    return f"{name} holds what {target} cannot load, which {which}: {_listed(faults)}."


def doubt(name: str, target: Target | System, paths: Sequence[str]) -> str:
    """What to say of files for others, in one sentence; as `refusal`, but for their paths."""
    return (
        f"{name} has nothing for {target} in the place of {_listed(paths)}: "
        "what cannot do without fails there."
    )


def _listed(files: Sequence[str]) -> str:
    more = f", and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"


def _whatever_for(path: str) -> str:
    """A path without what its file is for."""
    return " ".join(re.findall(r"[a-z0-9]+", _FOR.sub("", path.lower())))


def _is_for_others(path: str, machine: str) -> bool:
    """Whether a path says that its file is for other machines alone, or for another C library."""
    found = [*_FOR.finditer(path.lower())]
    machines = {one["machine"] for one in found if one["machine"]}
    is_elsewhere = bool(machines) and machines.isdisjoint(_NAMES.get(machine, machines))
    return is_elsewhere or any(one["library"] for one in found)
