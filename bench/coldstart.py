"""Starts a built function cold, once, and prints its init and invocation durations in ms.

    python -m bench.coldstart LOGICAL_ID EVENT

Runs in the folder of a built application and uses what is in its build folder, a zip or a folder.
The sandbox is new each time: its temporary folder is empty, as in Lambda. The page cache is as warm
as the calls before have made it.
"""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shorts.emulator import invoke
from shorts.emulator.emulator import Emulator, unpacked
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.sam.read import read_invocation


@contextlib.contextmanager
def sandbox(function: Function, task: Path, fonts: Path | None = None) -> Iterator[Emulator]:
    """Yield a new sandbox; its temporary folder is empty, except for a given font cache.

    Args:
        function: runs in it, with only the variables of its template.
        task: the folder with its unpacked code.
        fonts: a font cache of matplotlib.

    Raises:
        ShortsError: the function cannot be run here.
    """
    variables = invoke.environment(function, {function.full_path: function.variables})
    with tempfile.TemporaryDirectory() as fresh:
        # What is ordered by hashes is in the same order in each sandbox.
        variables |= {"TMPDIR": fresh, "PYTHONHASHSEED": "0"}
        if fonts is not None:
            shutil.copytree(fonts, Path(fresh, "fonts"))
            variables["MPLCONFIGDIR"] = str(Path(fresh, "fonts"))
        with Emulator(function, task, variables) as emulator:
            yield emulator


def main() -> int:
    """Run one invocation; the exit status is 1 if the function failed."""
    logical_id, event = sys.argv[1:]
    function = invoke.chosen(read_invocation([logical_id]))
    with sandbox(function, unpacked(Path(function.code_uri))) as emulator:
        reply = emulator.invoke(Path(event).read_bytes())
    if reply.failure or reply.init is None or reply.duration is None:
        raise ShortsError(f"{logical_id} gave no durations: {reply.failure or 'none logged'}")
    print(reply.init, reply.duration)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ShortsError as error:
        sys.exit(f"coldstart: {error}")
