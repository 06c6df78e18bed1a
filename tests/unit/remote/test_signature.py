"""What a signed object proves, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.remote.signature import HEAD, SIGNING, TRUSTED, Keys, Refused
from tests.signing import OTHER_PUBLIC, OTHER_SECRET, PUBLIC, SECRET

WRITER = Keys.of({SIGNING: SECRET, TRUSTED: PUBLIC})
READER = Keys.of({TRUSTED: PUBLIC})
SEALED = WRITER.seal("slices", "demo-1.0", b"content")


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens(content: bytes, kind: str, name: str) -> None:
    """A reader with the public key gets the content back."""
    assert READER.open(kind, name, WRITER.seal(kind, name, content)) == content


def test_any_flipped_bit_is_refused() -> None:
    """No byte of an object can change."""
    for at in range(len(SEALED)):
        damaged = bytearray(SEALED)
        damaged[at] ^= 1
        with pytest.raises(Refused):
            READER.open("slices", "demo-1.0", bytes(damaged))


def test_any_part_of_an_object_is_refused() -> None:
    """Nothing may be cut off, nor added."""
    for size in range(len(SEALED)):
        with pytest.raises(Refused):
            READER.open("slices", "demo-1.0", SEALED[:size])
        with pytest.raises(Refused):
            READER.open("slices", "demo-1.0", SEALED + SEALED[: size + 1])


@pytest.mark.parametrize(
    ("kind", "name"), [("proofs", "demo-1.0"), ("slices", "demo-1.1"), ("slice", "sdemo-1.0")]
)
def test_an_object_counts_under_its_own_kind_and_name_only(kind: str, name: str) -> None:
    """Two valid objects cannot be swapped."""
    with pytest.raises(Refused, match="its signature is not that of its content and name"):
        READER.open(kind, name, SEALED)


def test_an_object_without_a_signature_is_refused() -> None:
    """The content alone, as an older format might have it, is not taken."""
    for data in (b"", b"content", SEALED[HEAD:], SEALED.replace(b"remote 1", b"remote 0")):
        with pytest.raises(Refused, match="it is not a signed object of this format"):
            READER.open("slices", "demo-1.0", data)


def test_a_key_that_is_not_trusted_proves_nothing() -> None:
    """Whoever makes a key of his own signs in vain, under his own public key or another."""
    stranger = Keys.of({SIGNING: OTHER_SECRET, TRUSTED: OTHER_PUBLIC})
    forged = stranger.seal("slices", "demo-1.0", b"content")
    with pytest.raises(Refused, match="it is signed by a key that is not trusted"):
        READER.open("slices", "demo-1.0", forged)
    claimed = SEALED[: HEAD - 64] + forged[HEAD - 64 :]
    with pytest.raises(Refused):
        READER.open("slices", "demo-1.0", claimed)


def test_several_keys_are_trusted_while_they_rotate() -> None:
    """Old and new objects are read; without the old key, the old ones are refused."""
    both = Keys.of({TRUSTED: f"{OTHER_PUBLIC}, {PUBLIC}"})
    new = Keys.of({SIGNING: OTHER_SECRET, TRUSTED: f"{OTHER_PUBLIC} {PUBLIC}"})
    assert both.open("slices", "demo-1.0", SEALED) == b"content"
    assert both.open("slices", "x", new.seal("slices", "x", b"new")) == b"new"
    with pytest.raises(Refused):
        Keys.of({TRUSTED: OTHER_PUBLIC}).open("slices", "demo-1.0", SEALED)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, f"{TRUSTED} names no public key to trust."),
        ({SIGNING: SECRET}, f"{TRUSTED} names no public key to trust."),
        ({TRUSTED: SECRET}, f"{TRUSTED} holds something other than ed25519-public:…."),
        ({TRUSTED: f"{PUBLIC}="}, f"{TRUSTED} holds something other than ed25519-public:…."),
        ({TRUSTED: PUBLIC[:-8]}, f"{TRUSTED} holds something other than ed25519-public:…."),
        (
            {TRUSTED: PUBLIC, SIGNING: PUBLIC},
            f"{SIGNING} holds something other than ed25519-secret:….",
        ),
    ],
)
def test_keys_that_cannot_be_used_are_refused(variables: dict[str, str], message: str) -> None:
    """The message names the variable, and never repeats a key."""
    with pytest.raises(ShortsError) as refused:
        Keys.of(variables)
    assert str(refused.value) == f"{message}\n`shorts cache keygen` makes a pair of keys."


def test_who_signs_must_be_trusted() -> None:
    """A writer who would refuse his own objects is told which public key is missing."""
    with pytest.raises(ShortsError) as refused:
        Keys.of({SIGNING: SECRET, TRUSTED: OTHER_PUBLIC})
    assert str(refused.value) == (
        f"{SIGNING} signs with a key that {TRUSTED} does not name.\nAdd its public key: {PUBLIC}"
    )


def test_a_reader_cannot_sign() -> None:
    """Only the key that signs makes a writer."""
    assert WRITER.can_sign
    assert not READER.can_sign
