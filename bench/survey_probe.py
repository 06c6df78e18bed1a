"""What a folder of installed distributions answers, under the target's Python.

python3.13 -I survey_probe.py FOLDER DISTRIBUTION: imports every module, each in a fork of one
process that has imported the distribution's packages, opens every data file by
`importlib.resources`, asks `importlib.metadata`, and prints it all as JSON.
"""

import csv
import hashlib
import importlib
import importlib.metadata
import importlib.resources
import json
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

# The seconds that a module may take to be imported.
_SECONDS = 30
_MODULES = (".py", ".so")
# What differs from run to run: addresses, and where things lie.
_ADDRESS = re.compile(r"0x[0-9a-f]+|/tmp/\S+|\b[0-9a-f]{32,}\b")


def main(folder: str, name: str) -> None:
    """Print what a distribution in a folder answers."""
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    distribution = importlib.metadata.distribution(name)
    there = sorted({str(path) for path in distribution.files or ()})
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    gone = [row[0] for row in rows if row and not Path(folder, row[0]).is_file()]
    modules = {module: path for path in there if (module := _module(path))}
    for top in sorted({module.partition(".")[0] for module in modules}):
        with suppress(BaseException), _Quiet():
            importlib.import_module(top)
    answers = {
        "version": distribution.version,
        "files": there,
        "gone": gone,
        "entry points": sorted(map(str, distribution.entry_points)),
        "packages": sorted(
            top
            for top, names in importlib.metadata.packages_distributions().items()
            if distribution.metadata["Name"] in names and top not in ("bin", "include", "share")
        ),
        "modules": {module: _imported(module, folder) for module in sorted(modules)},
        "data": {path: _opened(path) for path in there if not path.endswith((*_MODULES, ".pyc"))},
    }
    json.dump(answers, sys.stdout)


def _module(path: str) -> str:
    """Return the name of the module that a file is; empty for another file."""
    if not path.endswith(_MODULES) or ".dist-info/" in path or path.startswith("bin/"):
        return ""
    folder, _, base = path.rpartition("/")
    parts = [*folder.split("/"), base.partition(".")[0]] if folder else [base.partition(".")[0]]
    if parts[-1] == "__init__":
        parts.pop()
    # What runs when it is imported is a program.
    runs = parts and parts[-1] in ("__main__", "conftest", "setup")
    return "" if runs or not all(part.isidentifier() for part in parts) else ".".join(parts)


def _imported(module: str, folder: str) -> str:
    """Import a module in a fork, and return how that ends."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(_SECONDS)
        ended = "imported"
        try:
            with _Quiet():
                importlib.import_module(module)
        except BaseException as error:
            text = str(error).replace(folder, "FOLDER")
            ended = f"{type(error).__name__}: {_ADDRESS.sub('…', text)[:300]}"
        os.write(writer, ended.encode("utf-8", "replace"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        failure = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    with suppress(OSError):  # what the module has started
        os.killpg(child, signal.SIGKILL)
    return failure or f"ended by {status}"


def _opened(path: str) -> str:
    """Open a data file as a program does, and return a digest of what is in it."""
    top, _, below = path.partition("/")
    if not below or top.endswith(".dist-info") or not top.isidentifier():
        return ""
    try:
        with _Quiet():
            file = importlib.resources.files(top).joinpath(below)
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except BaseException as error:
        return type(error).__name__


class _Quiet:
    """Has what a module prints go nowhere."""

    def __enter__(self) -> None:
        sys.stdout.flush()
        self._kept = os.dup(1), os.dup(2)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        os.close(nowhere)

    def __exit__(self, *_: object) -> None:
        for number, kept in zip((1, 2), self._kept, strict=True):
            os.dup2(kept, number)
            os.close(kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
