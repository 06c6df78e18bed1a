"""Sends random and mutated events to both built functions under Lambda's runtime emulator.

    python -m tests.fuzz [--count N] [--seed N] [--function NAME …]

Each event must be answered within five seconds, without a failure, without a status of 500 or above
that was not asked for, and with no more bytes than Lambda carries. The first event that is not is
printed with its number, and written to a file. Then the sample events again and again: the memory
after 2,000 charts may not be a tenth more than after 200, nor that after descriptions.
"""

import argparse
import random
import sys
from collections.abc import Sequence

from shorts import pipeline
from shorts.artifact.plan import Options
from shorts.cli.progress import Progress
from shorts.errors import ShortsError
from shorts.sam.read import read_application, read_invocation
from tests.fuzz import trial


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, send, print; the status is 1 where an answer is not as it must be."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description="Fuzz both functions.")
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="events for each")
    parser.add_argument("--seed", type=int, metavar="N", help="default: another each time")
    parser.add_argument("--function", nargs="+", metavar="NAME", help="default: both")
    asked = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**9) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    said: list[str] = []
    try:
        with Progress() as progress:
            read = read_application([])
            pipeline.build(read, Options(), progress.say)
            for function in read_invocation([]).functions:
                if function.name in (asked.function or [function.name]):
                    progress.say(function.name)
                    said.append(trial.run(function, asked.count, seed, progress.say))
    except ShortsError as error:
        print("\n".join(said))
        print(f"fuzz: {error}", file=sys.stderr)
        return 1
    print("\n".join(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
