"""What a client accepts, and what it already has: RFC 9110, sections 8.8.3, 12.5 and 13.1.2."""

import hashlib
import re
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import matplotlib as mpl
import msgspec
import numpy as np
import pandas as pd
from chartspec import ChartSpec

LONGEST = 2_000  # characters of a header that are read: browsers send less than 200

_FOLDER = Path(__file__).parent
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def quality(header: str, offer: str) -> float:
    """Return how much a client likes a media type or a content coding, from 0 to 1.

    Without a header it accepts everything alike. Of several ranges that hold the offer the most
    specific counts; a range with a malformed quality counts as absent.
    """
    if not header.strip():
        return 1.0
    rank = {offer: 3, f"{offer.partition('/')[0]}/*": 2, "*/*": 1, "*": 1}
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
    weights = {offer: quality(header, offer) for offer in offers}
    most = max(weights, key=weights.__getitem__)
    return most if weights[most] else None


def chart_tag(spec: ChartSpec, coding: str) -> str:
    """Return a chart's strong entity tag before it is drawn: of the request, coding and code."""
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
    """Return a digest of the function's modules and fonts, and of the versions that draw."""
    versions = [module.__version__ for module in (mpl, np, pd)]
    digest = hashlib.sha256(repr([*versions, zlib.ZLIB_RUNTIME_VERSION]).encode())
    for pattern in ("*.py", "charts/*.py", "fonts/*", "styles/*"):
        for path in sorted(_FOLDER.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
