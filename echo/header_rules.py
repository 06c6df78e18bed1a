"""What a client may choose of an answer's headers, and which content types no browser runs."""

import re

# https://httpwg.org/specs/rfc9110.html#fields.names and #fields.values, the latter without the
# bytes beyond ASCII, which the services before the function do not pass on unchanged.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")

LONGEST_VALUE = 2_000

_FRAMING = "it says how the message travels"
_OURS = "Echo sets it"
_LASTING = "it would outlast the answer for all of this host"

REFUSED = {
    # https://httpwg.org/specs/rfc9110.html#field.connection and #message.framing
    **dict.fromkeys(("connection", "keep-alive", "proxy-connection", "te", "trailer"), _FRAMING),
    **dict.fromkeys(("transfer-encoding", "upgrade", "content-length", "host"), _FRAMING),
    **dict.fromkeys(("content-encoding", "x-content-type-options"), _OURS),
    **dict.fromkeys(("content-security-policy", "x-echo-delay"), _OURS),
    # https://www.w3.org/TR/clear-site-data/, RFC 6797, RFC 7838, https://www.w3.org/TR/reporting-1/,
    # https://www.w3.org/TR/service-workers/#service-worker-allowed
    **dict.fromkeys(("clear-site-data", "strict-transport-security", "alt-svc"), _LASTING),
    **dict.fromkeys(("nel", "report-to", "reporting-endpoints"), _LASTING),
    **dict.fromkeys(("service-worker-allowed", "public-key-pins"), _LASTING),
    "refresh": "it leads elsewhere on its own",
}
"""Headers that a client does not choose, and why."""

# No browser runs or renders these as a document that can have scripts.
# https://mimesniff.spec.whatwg.org/#mime-type-groups
_INERT = frozenset(
    (
        "application/gzip",
        "application/json",
        "application/octet-stream",
        "application/problem+json",
        "application/zip",
        "text/csv",
        "text/plain",
    )
)
_INERT_GROUPS = frozenset(("audio", "font", "image", "video"))
_CHARSET = re.compile(r';\s*charset\s*=\s*"?(utf-8|us-ascii|iso-8859-1)"?\s*(?:;|$)', re.IGNORECASE)


def fault(name: str, value: str) -> str:
    """Say why a client may not choose a header; empty where it may.

    Args:
        name: In lower case.
        value: Without the whitespace around it.
    """
    if not _TOKEN.fullmatch(name):
        return "Expected Name:Value, the name a token of at most 64 characters"
    if reason := REFUSED.get(name):
        return f"Expected another header than {name}: {reason}"
    if len(value) > LONGEST_VALUE or not _VALUE.fullmatch(value):
        return f"Expected a value of at most {LONGEST_VALUE} printable ASCII characters"
    if name == "content-type" and not inert(value):
        return "Expected a content type that no browser runs, such as text/plain"
    return ""


def inert(content_type: str) -> str:
    """Write a content type without its parameters but the charset; empty where it is active."""
    kind = content_type.partition(";")[0].strip().lower()
    group, _, name = kind.partition("/")
    is_media = group in _INERT_GROUPS and _TOKEN.fullmatch(name) and not name.endswith("+xml")
    is_json = group == "application" and _TOKEN.fullmatch(name) and name.endswith("+json")
    if kind not in _INERT and not is_media and not is_json:
        return ""
    charset = _CHARSET.search(content_type[:256])
    return f"{kind}; charset={charset[1].lower()}" if charset else kind


def made_inert(content_type: str) -> str:
    """Write a content type that no browser runs for bytes that came as any.

    Text of an active type becomes plain text, all else bytes.
    """
    if known := inert(content_type):
        return known
    if content_type.strip().lower().startswith("text/"):
        return inert("text/plain;" + content_type.partition(";")[2])
    return "application/octet-stream"
