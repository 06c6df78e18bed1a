"""The recipe of a Slice, known before any work, and its key in the store."""

import hashlib
from collections.abc import Iterator
from typing import Literal

import deflate
import msgspec

from shorts import RULES
from shorts.requirements.lock_file import Pin
from shorts.targets.target import Target

# Raised when the files of a Slice change their format; an older store's Slices are never read.
FORMAT = 5
# The highest number of a patch version that a Python has had is 20.
_PATCHES = 40

# A Slice holds what a program may need, or all of a distribution's files, or all of them with the
# bytes that the installer wrote.
Kind = Literal["slim", "whole", "installed"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that a Slice's bytes depend on, known before any work.

    Attributes:
        pin: the distribution.
        target: where it will run.
        python: the version of the interpreter that compiles, such as ``3.13.5``; empty where none
            of the target's minor version is there, so that the Slice has no bytecode.
        kind: which of the distribution's files it holds.
        sources: the lines of the requirements that say where wheels are; not part of the key.
    """

    pin: Pin
    target: Target
    python: str
    kind: Kind = "slim"
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the Slice's name in the store: a readable part, then a unique one."""
        pin = (self.pin.name, self.pin.version, self.pin.hashes)
        rules = (FORMAT, RULES, deflate.__version__)
        depends = [rules, pin, self.target, self.python, self.kind]
        if self.pin.sdist:
            depends.append("sdist")
        digest = hashlib.sha256(msgspec.json.encode(depends)).hexdigest()
        return f"{self.pin.name}-{self.pin.version}-{digest[:40]}"

    @property
    def is_shared(self) -> bool:
        """Return whether machines may share the Slice: a wheel's, with bytecode.

        What is built from a source or a local project depends on the machine.
        """
        return bool(self.python) and not self.pin.sdist and self.pin.wheel is None

    def compiled(self) -> Iterator["Recipe"]:
        """Yield the same recipe for each interpreter that may compile, the newest first."""
        for patch in reversed(range(_PATCHES)):
            version = f"{self.target.minor}.{patch}"
            yield msgspec.structs.replace(self, python=version)
