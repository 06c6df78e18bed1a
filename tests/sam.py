"""SAM's command, each time in a process of its own, of which none imports SAM again.

To import SAM takes two seconds, to build a small application with it a tenth of one. So a server
imports it once, and each command runs in a fork of that.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path

_server = multiprocessing.get_context("forkserver")
# Who starts a process looks after all others that have ended, which two may not do at once.
_turn = threading.Lock()
_server.set_forkserver_preload(
    ["samcli.cli.main", "samcli.commands.build.command", "samcli.commands.deploy.command"]
)


def run(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run SAM with these arguments and variables alone, in a folder, and without any input."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder, "stdout"), Path(folder, "stderr")
        process = _server.Process(target=_command, args=(arguments, cwd, dict(environment), said))
        with _turn:
            process.start()
        wait([process.sentinel])
        with _turn:
            process.join()
        assert process.exitcode is not None
        out, log = (path.read_text("utf-8") for path in said)
    return subprocess.CompletedProcess(arguments, process.exitcode, out, log)


def _command(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], said: tuple[Path, Path]
) -> None:
    """What `sam` is, in a process that is to be it."""
    for number, path in enumerate((Path(os.devnull), *said)):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["sam", *arguments]
    from samcli.cli.main import cli

    cli()
