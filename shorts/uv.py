"""uv, which resolves and installs: how it is called and what it says when it fails."""

import re
import sys
from collections.abc import Sequence

from shorts import process
from shorts.errors import ShortsError

_UNSOLVABLE = "No solution found when resolving dependencies"


class Unsolvable(ShortsError):
    """The requirements contradict each other, or nothing is there for the target."""


def run(arguments: Sequence[str], *, stdin: str = "") -> str:
    """Run a uv command and return what it wrote to standard output.

    Raises:
        ShortsError: it failed; the message is uv's reason, on one line.
    """
    settings = ["--quiet", "--color", "never", "--no-python-downloads"]
    try:
        return process.run([process.tool("uv"), *arguments, *settings], stdin=stdin)
    except process.ProcessFailed as error:
        said = words(error.output)
        raise (Unsolvable if said.startswith(_UNSOLVABLE) else ShortsError)(said) from error


def pip(command: str, arguments: Sequence[str], *, stdin: str = "") -> str:
    """Run ``uv pip``; it needs some interpreter, whatever it installs or resolves for.

    Raises:
        ShortsError: it failed; the message is uv's reason, on one line.
    """
    return run(["pip", command, "--python", sys.executable, *arguments], stdin=stdin)


def words(output: str) -> str:
    """What uv printed of a failure, on one line, without its drawing."""
    bare = re.sub(r"[×╰─▶│├]|^error:|^warning:", " ", output, flags=re.MULTILINE)
    return re.sub(r"\s+", " ", bare).strip()
