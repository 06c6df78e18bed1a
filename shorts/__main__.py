"""``python -m shorts`` is the command ``shorts``."""

import os
import signal
import sys
from typing import NoReturn

if sys.platform == "win32":
    raise SystemExit(
        "shorts: Windows is not supported. Run shorts in WSL: "
        "https://learn.microsoft.com/windows/wsl/install"
    )

from shorts.cli.command import INTERRUPTED, main

# What a terminal sends at Ctrl-C and when it closes, and what a CI pipeline sends.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run() -> int:
    """Run the command and return its exit status, for the interpreter to end with.

    A signal that ends other programs at once, such as that of a cancelled pipeline, is an interrupt
    here: there are emulators to end and folders to remove. After an interrupt the process ends
    here: where code that `exec` ran was interrupted, the interpreter would send itself the signal
    again, though it was handled.
    """
    for number in _SIGNALS:
        if number == signal.SIGTERM or signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has
            signal.signal(number, _interrupt)
    status = main()
    if status == INTERRUPTED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _interrupt(number: int, frame: object) -> NoReturn:
    """End the started processes, since threads may wait for them, and interrupt the command."""
    process = sys.modules.get("shorts.system.process")
    if process:
        process.ended.set()
        process.end(tools=True)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(run())
