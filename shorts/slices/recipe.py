"""The recipe of a Slice, known before any work, and its key in the store."""

import hashlib
from typing import Literal

import msgspec

from shorts import RULES
from shorts.requirements.lock import Pin
from shorts.targets.target import Target

# Raised when the files of a Slice change their format; an older store's Slices are never read.
FORMAT = 5

# A Slice holds what a program may need, or all of a distribution's files, or all of them with the
# bytes that the installer wrote.
Kind = Literal["slim", "whole", "installed"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that a Slice's bytes depend on, known before any work.

    Attributes:
        pin: the distribution.
        target: where it will run.
        compiled: whether an interpreter of the target's minor version is at hand.
        kind: which of the distribution's files it holds.
        sources: the lines of the requirements that say where wheels are; not part of the key.
    """

    pin: Pin
    target: Target
    compiled: bool
    kind: Kind = "slim"
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the Slice's name in the store: a readable part, then a unique one."""
        pin = (self.pin.name, self.pin.version, self.pin.hashes)
        rules = (FORMAT, RULES)
        depends = [rules, pin, self.target, self.compiled, self.kind]
        if self.pin.sdist:
            depends.append("sdist")
        said = hashlib.sha256(msgspec.json.encode(depends)).hexdigest()
        return f"{self.pin.name}-{self.pin.version}-{said[:40]}"
