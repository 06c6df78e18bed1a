"""Pairs of keys for remotes, the same in each run of the tests."""

import base64
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shorts.remote import signature


def pair(name: str) -> tuple[str, str]:
    """The key that signs and the public one, as `shorts cache keygen` prints them."""
    seed = sha256(name.encode()).digest()
    public = signature.public_text(Ed25519PrivateKey.from_private_bytes(seed))
    return f"ed25519-secret:{base64.b64encode(seed).decode()}", public


SECRET, PUBLIC = pair("team")
OTHER_SECRET, OTHER_PUBLIC = pair("stranger")
