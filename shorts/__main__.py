"""``python -m shorts`` is the command ``shorts``."""

import os
import sys

from shorts.cli import INTERRUPTED, main


def run() -> int:
    """The command's exit status, for the interpreter to end with.

    After an interrupt the process ends here: where code that `exec` ran was interrupted, the
    interpreter would send itself the signal again, though it was handled.
    """
    status = main()
    if status == INTERRUPTED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


if __name__ == "__main__":
    raise SystemExit(run())
