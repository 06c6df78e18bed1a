"""The files of a distribution that are needed at run time.

Names alone decide about files that no program reads when it runs; a ``tests`` package is left out
only if nothing imports it.
"""

import re
from pathlib import PurePosixPath

from shorts.targets import elf

_SOURCES = frozenset(
    (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".pyx", ".pxd", ".pxi", ".a")
)
_STUBS = ".pyi"
_INSTALLER_FILES = frozenset(
    ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
)
_TEST_FOLDERS = frozenset(("test", "tests"))
# Where a wheel keeps its licences (PEP 639, and setuptools before it), and their names.
_LICENCE_FOLDERS = ("licenses/", "license_files/")
_LICENCE = re.compile(r"(UN)?LICEN[CS]E|COPYING|COPYRIGHT|NOTICE", re.IGNORECASE)
# A header with the lines that continue it.
_DESCRIPTION = re.compile(
    rb"^Description:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE
)
_CODE = frozenset((".py", ".pyc", ".pyi", ".so"))
# A requirement on a folder or wheel of the machine that built the distribution.
_OF_A_MACHINE = re.compile(
    rb"^(Requires-Dist:[ \t]*[\w.-]+(?:[ \t]*\[[^\]\n]*\])?)[ \t]*@[ \t]*file:\S*",
    re.IGNORECASE | re.MULTILINE,
)


def is_needed(path: str, *, stubs: bool = False) -> bool:
    """Return whether a running program may need a file of an installed distribution.

    Args:
        path: relative to site-packages, with slashes.
        stubs: keep ``*.pyi``; ``lazy_loader`` reads them at run time.
    """
    return not rule(path, stubs=stubs)


def rule(path: str, *, stubs: bool = False) -> str:
    """Return the reason to leave out a file of an installed distribution; empty if it is needed.

    Args:
        path: relative to site-packages, with slashes.
        stubs: keep ``*.pyi``; ``lazy_loader`` reads them at run time.
    """
    parts = path.split("/")
    name = parts[-1]
    suffix = PurePosixPath(name).suffix
    if parts[0] == "bin" or parts[:2] == ["share", "man"]:
        return "scripts and manuals"
    if "__pycache__" in parts:
        return "bytecode of the wheel"
    if parts[0].endswith(".dist-info"):
        return "" if len(parts) > 2 or name not in _INSTALLER_FILES else "notes of installers"
    if (suffix == _STUBS and not stubs) or name == "py.typed":
        return "stubs"
    if suffix in _SOURCES:
        return "sources and static libraries"
    return "notes of installers" if path == ".lock" else ""


def is_licence(path: str) -> bool:
    """Return whether a file of an installed distribution is a licence or a notice.

    Args:
        path: relative to site-packages, with slashes.
    """
    name = path.rpartition("/")[2]
    if _LICENCE.match(name) and PurePosixPath(name).suffix.lower() not in _CODE:
        return True
    info, _, rest = path.partition(".dist-info/")
    return "/" not in info and rest.startswith(_LICENCE_FOLDERS)


def test_package(path: str) -> str | None:
    """Return the outermost ``tests`` or ``test`` folder that holds a file, None without one.

    A top-level folder counts only as part of its distribution's package: the name alone does not
    say that a whole distribution called ``test`` is tests.
    """
    parts = path.split("/")[:-1]
    for depth, part in enumerate(parts):
        if depth and part in _TEST_FOLDERS and not parts[0].endswith(".dist-info"):
            return "/".join(parts[: depth + 1])
    return None


def content(path: str, data: bytes) -> bytes:
    """Return a file's bytes as they ship: no symbols in libraries, no long description."""
    name = path.rpartition("/")[2]
    if name.endswith(".so") or ".so." in name:
        return elf.strip(data)
    if name == "METADATA" and path.count("/") == 1 and ".dist-info/" in path:
        return _headers(data)
    return data


def _headers(metadata: bytes) -> bytes:
    """Return core metadata without its body, its ``Description`` and another machine's paths.

    https://packaging.python.org/en/latest/specifications/core-metadata/
    """
    headers = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    headers = _OF_A_MACHINE.sub(rb"\1", _DESCRIPTION.sub(b"", headers))
    return headers.rstrip(b"\n") + b"\n"
