"""Entity tags and conditional requests (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import os
import re
import sys
import zlib
from functools import cache
from pathlib import Path

import msgspec
from chartspec import ChartSpec

DRAWN_BY = ("matplotlib", "numpy", "pandas", "pillow")
"""The distributions whose version may change a chart."""

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"^(?:from|import) ([\w.]+)(?: import ([\w, ]+)$)?", re.MULTILINE)
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def chart_tag(spec: ChartSpec, coding: str) -> str:
    """Return the strong entity tag of a chart, known before it is drawn.

    The same request is drawn the same by the same code and libraries, so the tag is a digest of
    the three.

    Args:
        spec: The decoded request, its format settled.
        coding: The content coding of the answer; empty for none.
    """
    return tag(msgspec.json.encode(spec), coding, _code())


def tag(content: bytes, *parts: str) -> str:
    """Return the strong entity tag of some bytes and what else their sending depends on."""
    digest = hashlib.sha256("\0".join((*parts, "")).encode())
    digest.update(content)
    return f'"{digest.hexdigest()[:32]}"'


def matches(header: str, known: str) -> bool:
    """Tell whether `If-None-Match` names a tag, by the weak comparison, or any by `*`."""
    return header.strip() == "*" or known in _TAG.findall(header)


@cache
def _code() -> str:
    """Return a digest of the modules and fonts that draw, and of the libraries' versions.

    A PNG's bytes are those of the runtime's zlib, and an update of the runtime is no release.
    """
    versions = _versions() | {"zlib": zlib.ZLIB_RUNTIME_VERSION}
    digest = hashlib.sha256(repr(sorted(versions.items())).encode())
    fonts = sorted(path for path in _FOLDER.glob("fonts/*") if path.suffix in (".otf", ".ttf"))
    for path in [*_modules(), *fonts]:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _modules() -> list[Path]:
    """Return the function's own modules that decode and draw, by following their imports.

    In Lambda the libraries lie in the same folder, some of them single modules.
    """
    found: set[Path] = set()
    names = ["decoding", "drawing"]
    while names:
        path = _FOLDER / f"{names.pop().replace('.', '/')}.py"
        if path not in found and path.is_file():
            found.add(path)
            for module, several in _IMPORT.findall(path.read_text("utf-8")):
                names += [module, *(f"{module}.{name}" for name in several.split(", "))]
    return sorted(found)


def _versions() -> dict[str, str]:
    """Return the installed versions, by the names of their metadata's folders.

    `importlib.metadata` reads the same names, and takes longer to be imported than all that a 304
    needs besides. The first folder of the path that has a distribution counts, as for imports.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            distribution, _, version = name.removesuffix(".dist-info").partition("-")
            if name.endswith(".dist-info") and distribution.lower() in DRAWN_BY:
                found.setdefault(distribution.lower(), version)
    return found
