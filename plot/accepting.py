"""What a client accepts: `Accept` and `Accept-Encoding` (RFC 9110, section 12.5)."""

import re
from collections.abc import Iterable

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
