"""Debian 13, which has Python 3.13, unpacked into a folder by debootstrap."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from shorts.system import process

_SUITE = "trixie"


def unpack(to: Path, architecture: str, packages: Sequence[str], *options: str) -> None:
    """Have Debian's smallest system and some packages in a folder.

    Args:
        to: the folder, made if need be.
        architecture: as Debian names it, such as ``amd64``.
        packages: in addition to those that every Debian has.
        options: of debootstrap's.

    Raises:
        ProcessFailed: debootstrap is not installed, or failed; it needs root's rights.
    """
    chosen = [f"--arch={architecture}", "--variant=minbase", f"--include={','.join(packages)}"]
    process.run(["debootstrap", *chosen, *options, _SUITE, str(to), *_mirror()])


def _mirror() -> list[str]:
    """Where this machine has Debian's packages from, if apt knows; debootstrap knows one itself."""
    if shutil.which("apt-get") is None:
        return []
    asked = ["--format", "$(REPO_URI)", "Identifier: Packages", "Origin: Debian", "Label: Debian"]
    return process.run(["apt-get", "indextargets", *asked]).split()[:1]
