"""Prepares a system in a folder, so that a person can run its commands there.

eval "$(python -m bench.byhand NAME FOLDER)"
./build.sh EchoFunction
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import systems
from shorts.errors import ShortsError


def main(arguments: Sequence[str]) -> int:
    """Put a system into a new folder, and print what a shell must run before ``build.sh``."""
    known = {system.name: system for system in systems.systems()}
    try:
        name, folder = arguments
        system = known[name]
    except (ValueError, KeyError):
        print(f"error: give one of {', '.join(known)}, and a folder", file=sys.stderr)
        return 2
    try:
        if why := systems.missing(system):
            raise ShortsError(f"{name} cannot run here: {why}")
        work = Path(folder).absolute()
        try:
            work.mkdir(parents=True)
        except FileExistsError:
            raise ShortsError(f"{work} is there; give a folder that is not.") from None
        variables = systems.prepare(system, work, lambda line: print(line, file=sys.stderr))
    except ShortsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for variable, value in variables.items():
        print(f"export {variable}={shlex.quote(value)}")
    print(f"cd {shlex.quote(str(work))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
