"""Signed objects: they decide what is trusted, so anyone may write to a remote.

An object is a head of fixed length and the content. The head holds the format, the public key and
an Ed25519 signature over the format, the object's kind, its name and the SHA-256 of its content. So
an object that was changed, cut, or put under another name or kind is refused.
"""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shorts.errors import ShortsError

TRUSTED = "SHORTS_REMOTE_KEYS"
SIGNING = "SHORTS_REMOTE_SIGNING_KEY"
_FORMAT = b"shorts remote 1\n"
_KEY, _SIGNATURE = 32, 64
HEAD = len(_FORMAT) + _KEY + _SIGNATURE
_PUBLIC, _SECRET = "ed25519-public:", "ed25519-secret:"
_HOW = "`shorts cache keygen` makes a pair of keys."


class Refused(Exception):
    """An object that is not trusted; the message says why."""


class Keys:
    """The keys of one build.

    Args:
        trusted: public keys; an object that another key has signed is refused.
        signing: the key that signs; without one, nothing is written.

    Raises:
        ShortsError: none is trusted, or not the one that signs.
    """

    def __init__(self, trusted: frozenset[bytes], signing: Ed25519PrivateKey | None) -> None:
        if not trusted:
            raise ShortsError(f"{TRUSTED} names no public key to trust.\n{_HOW}")
        self._trusted = trusted
        self._signing = signing
        if signing is not None and signing.public_key().public_bytes_raw() not in trusted:
            raise ShortsError(
                f"{SIGNING} signs with a key that {TRUSTED} does not name.\n"
                f"Add its public key: {public_text(signing)}"
            )

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Keys":
        """Return the keys in an environment.

        Raises:
            ShortsError: one cannot be read, or none is trusted.
        """
        texts = re.split(r"[\s,]+", environment.get(TRUSTED, "").strip())
        trusted = frozenset(_decoded(word, _PUBLIC, TRUSTED) for word in texts if word)
        secret = environment.get(SIGNING, "").strip()
        signing = _decoded(secret, _SECRET, SIGNING) if secret else None
        return cls(trusted, Ed25519PrivateKey.from_private_bytes(signing) if signing else None)

    @property
    def can_sign(self) -> bool:
        """Return whether there is a key that signs."""
        return self._signing is not None

    def seal(self, kind: str, name: str, content: bytes) -> bytes:
        """Return an object that holds a content, signed."""
        assert self._signing is not None
        signature = self._signing.sign(_message(kind, name, content))
        return b"".join(
            (_FORMAT, self._signing.public_key().public_bytes_raw(), signature, content)
        )

    def open(self, kind: str, name: str, data: bytes) -> bytes:
        """Return the content of an object.

        Raises:
            Refused: it is damaged, of another kind or name, or signed by a key that is not trusted.
        """
        if not data.startswith(_FORMAT) or len(data) < HEAD:
            raise Refused("it is not a signed object of this format")
        key = data[len(_FORMAT) : len(_FORMAT) + _KEY]
        if key not in self._trusted:
            raise Refused("it is signed by a key that is not trusted")
        content = data[HEAD:]
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(
                data[HEAD - _SIGNATURE : HEAD], _message(kind, name, content)
            )
        except InvalidSignature:
            raise Refused("its signature is not that of its content and name") from None
        return content


def generate() -> tuple[str, str]:
    """Return a new pair of keys as text: the one that signs, and the public one."""
    key = Ed25519PrivateKey.generate()
    return _SECRET + base64.b64encode(key.private_bytes_raw()).decode(), public_text(key)


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key of a key that signs, as text."""
    return _PUBLIC + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _message(kind: str, name: str, content: bytes) -> bytes:
    fields = (_FORMAT, kind.encode(), b"\0", name.encode(), b"\0", sha256(content).digest())
    return b"".join(fields)


def _decoded(text: str, prefix: str, variable: str) -> bytes:
    """Return the 32 bytes of a key.

    Raises:
        ShortsError: the text is not a key of this kind; the message does not repeat it.
    """
    try:
        key = base64.b64decode(text.removeprefix(prefix), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(prefix) or len(key) != _KEY:
        raise ShortsError(f"{variable} holds something other than {prefix}….\n{_HOW}")
    return key
