"""Sends random and mutated events to both built functions under Lambda's runtime emulator.

    python -m tests.fuzz [--count N] [--seed N] [--function NAME …]

Each event must be answered within two seconds, without a failure, without a status of 500 or above
that was not asked for, and with no more bytes than Lambda carries. The first event that is not is
printed with its number, and written to a file. Then the same charts again and again: the memory
after 2,000 may not be a fifth more than after 200.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from shorts import application, build
from shorts.application import Function
from shorts.emulator import Emulator, unpacked
from shorts.errors import ShortsError
from shorts.invocation import environment
from shorts.progress import Progress
from shorts.units import Options
from tests.fuzz.events import EVENTS, Fuzzer, without_waiting

SLOWEST = 2.0  # seconds
LARGEST = 6 * 1024 * 1024  # bytes
SETTLED, MANY = 200, 2_000  # invocations
GROWTH = 1.2


def complaint(event: object, body: bytes, failure: str, seconds: float) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if failure:
        return f"it failed: {failure}"
    if seconds > SLOWEST:
        return f"it took {seconds:.1f} s"
    if len(body) > LARGEST:
        return f"its answer has {len(body):,} bytes"
    answer = json.loads(body)
    status = answer.get("statusCode", answer.get("status")) if isinstance(answer, dict) else None
    if isinstance(status, int) and status >= 500 and "status" not in json.dumps(event):
        return f"it answered {status}: {body[:300]!r}"
    return ""


def fuzz(emulator: Emulator, name: str, count: int, seed: int, say: Callable[[str], None]) -> None:
    """Send a function so many events.

    Raises:
        ShortsError: an answer is not as it must be.
    """
    began = time.monotonic()
    for number, made in enumerate(islice(Fuzzer(_prefix(name), seed), count)):
        event = without_waiting(made)
        started = time.perf_counter()
        reply = emulator.invoke(json.dumps(event).encode())
        wrong = complaint(event, reply.body, reply.failure, time.perf_counter() - started)
        if wrong:
            kept = Path(f"fuzz-{name}-{seed}-{number}.json")
            kept.write_text(json.dumps(event))
            raise ShortsError(f"{name}, seed {seed}, event {number} ({kept}): {wrong}")
        if number % 100 == 0:
            say(f"{name}: {number:,} of {count:,} events, {time.monotonic() - began:.0f} s")


def memory(emulator: Emulator, name: str, say: Callable[[str], None]) -> tuple[int, int]:
    """The function's resident bytes after a few invocations and after many.

    Raises:
        ShortsError: they have grown by more than a fifth.
    """
    samples = [
        path.read_bytes()
        for path in sorted(EVENTS.glob(f"{_prefix(name)}*.json"))
        if b"delay=" not in path.read_bytes()
    ]
    figures = []
    for number in range(MANY):
        emulator.invoke(samples[number % len(samples)])
        if number + 1 in (SETTLED, MANY):
            figures.append(emulator.resident())
        if number % 100 == 0:
            say(f"{name}: {number:,} of {MANY:,} invocations")
    before, after = figures
    if after > before * GROWTH:
        raise ShortsError(f"{name} had {before:,} bytes and grew to {after:,}.")
    return before, after


def _prefix(name: str) -> str:
    return name.removesuffix("Function").lower()


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, send, print; the status is 1 where an answer is not as it must be."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description="Fuzz both functions.")
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="events for each")
    parser.add_argument("--seed", type=int, metavar="N", help="default: another each time")
    parser.add_argument("--function", nargs="+", metavar="NAME", help="default: both")
    asked = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**9) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    try:
        with Progress() as progress:
            read = application.for_build([])
            build.build(read, Options(), progress.say)
            for function in application.for_invoke([]).functions:
                if function.name in (asked.function or [function.name]):
                    progress.say(function.name)
                    _run(function, asked.count, seed, progress.say)
    except ShortsError as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 1
    return 0


def _run(function: Function, count: int, seed: int, say: Callable[[str], None]) -> None:
    task = unpacked(Path(function.code_uri))
    with Emulator(function, task, environment(function, {})) as emulator:
        fuzz(emulator, function.name, count, seed, say)
    with Emulator(function, task, environment(function, {})) as emulator:
        before, after = memory(emulator, function.name, say)
    print(
        f"{function.name}: {count:,} events answered; {before / 1e6:.0f} MB after {SETTLED} "
        f"invocations, {after / 1e6:.0f} MB after {MANY:,}"
    )


if __name__ == "__main__":
    sys.exit(main())
