"""The page and the API's description: files beside this module, sent as they are."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MAX_AGE = 300
"""Seconds that a browser keeps the page without asking whether it is still the same."""

_FOLDER = Path(__file__).parent
_INLINE = re.compile(rb"<(script|style)\b[^>]*>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to send.

    Attributes:
        content: Its bytes.
        headers: What is known of it, whoever asks.
    """

    content: bytes
    headers: dict[str, str]


@cache
def page() -> File:
    """Return the page. It loads nothing but charts, and runs nothing but what it holds."""
    content = (_FOLDER / "page.html").read_bytes()
    sources: dict[str, list[str]] = {"script": [], "style": []}
    for kind, inline in _INLINE.findall(content):
        digest = base64.b64encode(hashlib.sha256(inline).digest()).decode()
        sources[kind.decode()].append(f"'sha256-{digest}'")
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(sources["script"]) or "'none'",
        "style-src": " ".join(sources["style"]) or "'none'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return _file(
        content,
        {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": "; ".join(map(" ".join, policy.items())),
            "referrer-policy": "no-referrer",
        },
    )


@cache
def openapi() -> File:
    """Return the description of both functions' routes (https://spec.openapis.org/oas/v3.1)."""
    return _file((_FOLDER / "openapi.json").read_bytes(), {"content-type": "application/json"})


def _file(content: bytes, headers: dict[str, str]) -> File:
    return File(content=content, headers=headers | {"cache-control": f"public, max-age={MAX_AGE}"})
