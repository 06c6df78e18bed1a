"""Headers that a client may choose, and content types that no browser runs."""

import re

CHOSEN = frozenset(
    "age allow cache-control content-disposition content-language content-range content-type "
    "date deprecation etag expires last-modified link location pragma retry-after server-timing "
    "set-cookie sunset vary warning www-authenticate".split()
)
"""Headers that a client may choose, with those that begin with `x-` or `access-control-`."""

ECHOS = frozenset(("x-content-type-options", "x-echo-delay"))
"""Headers that begin with `x-` and that Echo alone sets."""

# https://httpwg.org/specs/rfc9110.html#fields.names and #fields.values. Bytes beyond ASCII are left
# out: the services before the function do not pass them on unchanged.
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
# https://mimesniff.spec.whatwg.org/#mime-type-groups
_INERT = re.compile(
    r"text/(?:plain|csv)|application/(?:octet-stream|zip|gzip|(?:[a-z0-9.-]+\+)?json)"
    r"|(?:image|audio|video|font)/(?![a-z0-9.+-]*xml)[a-z0-9.+-]+"
)
_UTF_8 = re.compile(r';\s*charset\s*=\s*"?utf-8"?\s*(?:;|$)', re.IGNORECASE)


def header(text: str) -> tuple[str, str]:
    """Read a header that a client chooses, `Name:Value`, or raise ValueError."""
    name, colon, value = text.partition(":")
    name, value = name.lower(), value.strip(" \t")
    if not colon or not _NAME.fullmatch(name):
        raise ValueError("Expected Name:Value, the name of letters, digits and hyphens, at most 64")
    is_free = name.startswith(("x-", "access-control-")) and name not in ECHOS
    if not is_free and name not in CHOSEN:
        raise ValueError(f"Expected x-…, access-control-… or one of {', '.join(sorted(CHOSEN))}")
    if not _VALUE.fullmatch(value):
        raise ValueError("Expected a value of printable ASCII characters")
    if name == "content-type" and not (value := inert(value)):
        raise ValueError("Expected a content type that no browser runs, such as text/plain")
    return name, value


def inert(content_type: str) -> str:
    """Write a content type without parameters other than UTF-8; empty if a browser may run it."""
    kind = content_type.partition(";")[0].strip().lower()
    if not _INERT.fullmatch(kind):
        return ""
    return f"{kind}; charset=utf-8" if _UTF_8.search(content_type[:256]) else kind


def made_inert(content_type: str) -> str:
    """Write a content type that no browser runs: other text becomes plain text, the rest bytes."""
    kind, semicolon, parameters = content_type.partition(";")
    is_text = kind.strip().lower().startswith("text/")
    other = inert(f"text/plain{semicolon}{parameters}") if is_text else "application/octet-stream"
    return inert(content_type) or other
