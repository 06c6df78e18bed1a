"""What a client accepts, and what it already has: RFC 9110, sections 8.8.3, 12.5 and 13.1.2."""

import hashlib
import os
import re
import sys
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from chartspec import ChartSpec

LONGEST = 2_000
"""Characters of a header that are read: what browsers send has less than 200."""

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def quality(header: str, offer: str) -> float:
    """Tell how much a client likes a media type or a content coding.

    Args:
        header: The value of `Accept` or `Accept-Encoding`; empty where there was none, which
            accepts everything alike.
        offer: Such as `image/png` or `gzip`, in lower case.

    Returns:
        From 0, not accepted, to 1. Of several ranges that hold the offer the most specific counts.
        A range whose quality cannot be read counts as absent.
    """
    if not header.strip():
        return 1.0
    kind = offer.partition("/")[0]
    rank = {offer: 3, f"{kind}/*": 2, "*/*": 1, "*": 1}
    found: dict[int, float] = {}
    for part in header[:LONGEST].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [text[2:].strip() for text in parameters if text.startswith("q=")]
        weight = weights[0] if weights else "1"
        if name in rank and _QUALITY.fullmatch(weight):
            found[rank[name]] = max(float(weight), found.get(rank[name], 0.0))
    return found[max(found)] if found else 0.0


def best(header: str, offers: Iterable[str]) -> str | None:
    """Choose what a client likes most; among equals the first, and nothing that it refuses."""
    liked = [(quality(header, offer), offer) for offer in offers]
    most = max(weight for weight, _ in liked)
    return next(offer for weight, offer in liked if weight == most) if most else None


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
