"""Start a built function cold, once, and print its init duration in ms.

    python bench/coldstart.py LOGICAL_ID EVENT

Runs in the folder of a built application and takes what lies in its build folder, a zip or a
folder. The sandbox is new each time: its temporary folder is empty, as Lambda's is. The page cache
is as warm as the calls before have made it.
"""

import sys
import tempfile
from pathlib import Path

from shorts import application, invocation
from shorts.emulator import Emulator, unpacked
from shorts.errors import ShortsError


def main() -> int:
    """Run one invocation; the exit status is 1 where the function failed."""
    logical_id, event = sys.argv[1:]
    function = invocation.chosen(application.for_invoke([logical_id]))
    variables = invocation.environment(function, {})
    with tempfile.TemporaryDirectory() as fresh:
        variables["TMPDIR"] = fresh
        with Emulator(function, unpacked(Path(function.code_uri)), variables) as sandbox:
            reply = sandbox.invoke(Path(event).read_bytes())
    if reply.failure or reply.init is None:
        raise ShortsError(f"{logical_id} gave no init duration: {reply.failure or 'none logged'}")
    print(reply.init)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ShortsError as error:
        sys.exit(f"coldstart: {error}")
