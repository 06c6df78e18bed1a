"""Builds an application again and again, each time killing the build at a random moment.

Run in a sandbox: its arguments are the application's folder, a count and a seed. It prints one line
for each thing that is wrong, and how many kills came while a build ran.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

HANDLERS = [f"import lib\n\ndef handler(event, context):\n    return {n}\n" for n in range(2)]


def build(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "shorts", "build"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def handler(folder: Path) -> int | None:
    """Return which handler the built zip holds; None where there is none, or it is damaged."""
    try:
        with zipfile.ZipFile(folder / ".aws-sam" / "build" / "F.zip") as archive:
            if archive.testzip() or "lib/__init__.py" not in archive.namelist():
                return None
            return HANDLERS.index(archive.read("app.py").decode())
    except (OSError, zipfile.BadZipFile, KeyError, ValueError):
        return None


def main(folder: Path, count: int, seed: int) -> None:
    moments = random.Random(seed)
    app, took, killed, former = folder / "fn" / "app.py", 2.0, 0, None
    for number in range(count):
        app.write_text(HANDLERS[number % 2])
        child = build(folder)
        try:
            child.wait(moments.random() * took)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.communicate()
        left = handler(folder)
        if left not in (former, number % 2):
            print(f"{number}: the kill left {left}, not {former} or {number % 2}")
        if number % 5 == 0 and number:
            shutil.rmtree(folder.with_name("store") / "slices", ignore_errors=True)
        began = time.monotonic()
        child = build(folder)
        _, log = child.communicate()
        took = max(0.2, 0.8 * took + 0.2 * (time.monotonic() - began))
        former = handler(folder)
        if child.returncode or former != number % 2:
            print(f"{number}: the next build made {former}, not {number % 2}: {log.decode()}")
        litter = {path.name for path in (folder / ".aws-sam").iterdir()} - {"build", "shorts"}
        if litter:
            print(f"{number}: {litter} lie next to the build folder")
    print(f"{killed} killed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
