"""Plot's signed URLs."""

import base64
import hashlib
import hmac
import sys
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import signing

PLOT = Path(__file__).parents[3] / "plot"
KEY = "a secret"
URL = "https://example.org/plot?kind=bar&csv=a%2Cb%0Ax%2C1+2"


def query_of(url: str) -> str:
    return urlsplit(url).query


def test_a_signature_is_what_anyone_can_compute() -> None:
    """It is HMAC-SHA256 over the sorted, percent-encoded query, in base64url without padding."""
    message = b"GET /plot?csv=a%2Cb%0Ax%2C1%202&expires=2000000000&kind=bar"
    digest = hmac.new(KEY.encode(), message, hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")

    url = signing.signed(URL, KEY, 2_000_000_000)

    assert url == (
        "https://example.org/plot?kind=bar&csv=a%2Cb%0Ax%2C1%202&expires=2000000000"
        f"&signature={expected}"
    )


def test_a_signed_query_holds_until_it_expires() -> None:
    """The expiry is told before its time, and nothing from it on."""
    query = query_of(signing.signed(URL, KEY, 1000))

    assert signing.expiry(query, KEY, 999.9) == 1000
    assert signing.expiry(query, KEY, 1000) is None


def test_order_and_encoding_do_not_count() -> None:
    """A proxy may put parameters into another order, or encode them another way."""
    pairs = parse_qsl(query_of(signing.signed(URL, KEY, 1000)))

    assert signing.expiry(urlencode(pairs[::-1]), KEY, 0) == 1000
    assert signing.expiry(urlencode(pairs, quote_via=quote), KEY, 0) == 1000


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("kind=bar", "kind=line"),
        lambda query: query.replace("expires=1000", "expires=1001"),
        lambda query: f"{query}&title=x",
        lambda query: f"{query}&expires=1000",
        lambda query: query.rpartition("&")[0],
        lambda query: query.replace("expires=1000&", ""),
        lambda query: query[:-1],
        lambda query: f"{query}%00",
        lambda query: query.rpartition("=")[0] + "=\N{SNOWMAN}",
        lambda query: "",
    ],
)  # fmt: skip
def test_a_changed_query_does_not_hold(change: object) -> None:
    """Nothing can be added, changed or taken away, the time least of all."""
    assert callable(change)
    query = query_of(signing.signed(URL, KEY, 1000))

    assert signing.expiry(query, KEY, 0) == 1000
    assert signing.expiry(change(query), KEY, 0) is None


def test_another_secret_does_not_hold() -> None:
    """What another secret signed is worth nothing."""
    assert signing.expiry(query_of(signing.signed(URL, "another", 1000)), KEY, 0) is None


@pytest.mark.parametrize("expires", ["", "soon", "1e9", "-1", "1" * 13, "٣"])
def test_a_time_that_is_none_does_not_hold(expires: str) -> None:
    """Even signed, a time must be a Unix time."""
    query = urlencode({"kind": "bar", "expires": expires})

    assert signing.expiry(f"{query}&signature={signing.signature(query, KEY)}", KEY, 0) is None


def test_signing_again_replaces_what_was_signed() -> None:
    """A signed URL can be signed anew for a later time."""
    again = signing.signed(signing.signed(URL, KEY, 1000), KEY, 2000)

    assert again == signing.signed(URL, KEY, 2000)


@given(st.text(st.characters()))
def test_reads_any_query(query: str) -> None:
    """No query raises, and none that is not signed holds."""
    clean = query.encode(errors="replace").decode()

    assert signing.expiry(clean, KEY, 0) is None


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_signs_any_query(parameters: dict[str, str]) -> None:
    """Whatever parameters there are, what is signed holds."""
    url = signing.signed(f"https://example.org/plot?{urlencode(parameters)}", KEY, 1000)

    assert signing.expiry(query_of(url), KEY, 0) == 1000
