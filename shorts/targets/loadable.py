"""Whether the system of a target can load a program or a shared library; pure.

The file itself decides (`elf.read`), because a wheel's name may be wrong: whoever builds a wheel
chooses its tags.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from shorts.targets import elf
from shorts.targets.target import System, Target

# The file of a function or its layers that Lambda starts where the runtime is a custom one.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
BOOTSTRAP = "bootstrap"
# How many files of one artifact a message names.
_NAMED = 10

# What a file linked to musl names: its loader, or its C library.
# https://wiki.musl-libc.org/guidelines-for-distributions ("Multilib/multi-arch")
_MUSL = re.compile(r"/lib/ld-musl-[!-~]*|libc\.musl-[!-~]*|libc\.so")

# The loaders of glibc and of musl, which some programs ship with a C library of their own.
_LOADER = re.compile(r"(?:.*/)?ld-(?:(?:linux|musl)-.*\.so\.[0-9]+|[0-9.]+\.so)")

# How packages of Node.js, Ruby, .NET and Java name the machine, the C library and the system that a
# file is for, in a folder's name or in the file's own; Prisma adds OpenSSL's version.
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
    """Return why a target cannot load a file, such as ``needs glibc 2.38``; empty where it can.

    Files that are neither programs nor shared libraries fit every target, and so do files that need
    no library at all, if they are for its machine. Unknown facts of a system are not checked.

    Args:
        image: a whole file of any kind.
        target: where it will run.
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
    """Return whether an artifact holds a loader, and so the C library that its programs need."""
    return any(_LOADER.fullmatch(path) for path in paths)


def weigh(faults: Mapping[str, str], machine: str) -> tuple[dict[str, str], list[str]]:
    """Separate the faults of an artifact that count from those that may be harmless.

    Packages ship one file for each of many machines, and load the one for theirs. The others do not
    count where that one is there: a file with the same path, except for the machine in it. Where it
    is missing, a path that names other machines is believed, and the package may do without the
    file, as many do that have the same in JavaScript. All other faults count, and so does one of
    the file that Lambda itself starts.

    Args:
        faults: of all programs and libraries of an artifact, by path with slashes; empty for those
            that can be loaded.
        machine: the machine they have to be for; empty where it is not known.

    Returns:
        The faults that count, and the paths of files for other machines without one for this one.
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
    """Return the message about an artifact that cannot be loaded, in one sentence.

    Args:
        name: of its function or layer.
        target: where it will run.
        faults: the files and what is wrong with each, such as ``a.so needs glibc 2.38``.
    """
    glibc = f"glibc {'.'.join(map(str, target.glibc))}" if target.glibc else ""
    known = {"is": target.machine, "with" if target.machine else "has": glibc}
    which = " ".join(f"{verb} {what}" for verb, what in known.items() if what)
    return f"{name} holds what {target} cannot load, which {which}: {_listed(faults)}."


def doubt(name: str, target: Target | System, paths: Sequence[str]) -> str:
    """Return the message about files for other machines; as `refusal`, but with their paths."""
    return (
        f"{name} has nothing for {target} in the place of {_listed(paths)}: "
        "what cannot do without fails there."
    )


def _listed(files: Sequence[str]) -> str:
    more = f", and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return f"{', '.join(files[:_NAMED])}{more}"


def _whatever_for(path: str) -> str:
    """Return a path without the words that say what its file is for."""
    return " ".join(re.findall(r"[a-z0-9]+", _FOR.sub("", path.lower())))


def _is_for_others(path: str, machine: str) -> bool:
    """Return whether a path names only other machines, or another C library."""
    found = [*_FOR.finditer(path.lower())]
    machines = {one["machine"] for one in found if one["machine"]}
    is_elsewhere = bool(machines) and machines.isdisjoint(_NAMES.get(machine, machines))
    return is_elsewhere or any(one["library"] for one in found)
