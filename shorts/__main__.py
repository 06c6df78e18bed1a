"""``python -m shorts`` is the command ``shorts``."""

import os
import signal
import sys

from shorts.cli import INTERRUPTED, main


def run() -> int:
    """The command's exit status, for the interpreter to end with.

    What ends other programs at once, as a cancelled pipeline does, is an interrupt to this one: it
    has emulators to end and folders to remove. After an interrupt the process ends here: where code
    that `exec` ran was interrupted, the interpreter would send itself the signal again, though it
    was handled.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = main()
    if status == INTERRUPTED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


if __name__ == "__main__":
    raise SystemExit(run())
