"""One function, sent what no client would send, under Lambda's runtime emulator."""

import json
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.invoke import environment
from shorts.errors import ShortsError
from shorts.model import Function
from tests.fuzz.events import EVENTS, Fuzzer, without_waiting

SLOWEST = 5.0  # seconds, on a machine that does something else besides
LARGEST = 6 * 1024 * 1024  # bytes of an event or an answer, beyond which Lambda takes neither
SETTLED, MANY = 200, 2_000  # charts, or descriptions
GROWTH = 1.1
SLOW = (b"pdf", b'"rawPath": "/plot"')
SMALL = {"width": 200, "height": 200}  # pixels of a chart


def complaint(event: object, body: bytes, failure: str, seconds: float) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if failure:
        return f"it failed: {failure}"
    if seconds > SLOWEST:
        return f"it took {seconds:.1f} s"
    if len(body) > LARGEST:
        return f"its answer has {len(body):,} bytes"
    try:
        answer = json.loads(body)
    except ValueError as error:
        return f"its answer of {len(body):,} bytes is not JSON: {error}"
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
    made = map(without_waiting, Fuzzer(_prefix(name), seed))
    sent = (event for event in made if len(json.dumps(event)) <= LARGEST)
    for number, event in enumerate(islice(sent, count)):
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
    """The function's resident bytes after a few charts, or descriptions, and after many.

    Raises:
        ShortsError: they have grown by more than a tenth.
    """
    figures = []
    replies = (emulator.invoke(event) for event in _plain(_prefix(name)))
    counted = (reply for reply in replies if name != "PlotFunction" or _is_image(reply.body))
    for number, _ in enumerate(islice(counted, MANY)):
        if number + 1 in (SETTLED, MANY):
            figures.append(emulator.resident())
        if number % 100 == 0:
            say(f"{name}: {number:,} of {MANY:,} answers")
    before, after = figures
    if after > before * GROWTH:
        raise ShortsError(f"{name} had {before:,} bytes and grew to {after:,}.")
    return before, after


def _is_image(body: bytes) -> bool:
    """Whether an answer of Plot's, direct or over HTTP, has a chart."""
    return any(form in body[:400] for form in (b'"image/', b'"application/pdf"'))


def _plain(prefix: str) -> Iterator[bytes]:
    """The sample events over and over, most charts small, so that there can be many of them.

    A PDF takes as long as twenty of those, a large chart over HTTP as four, and both are in one
    round of four.
    """
    samples = []
    for path in sorted(EVENTS.glob(f"{prefix}*.json")):
        event = json.loads(path.read_text(encoding="utf-8"))
        samples.append(json.dumps(event | SMALL if "kind" in event else event))
    sent = [sample.encode() for sample in samples if "delay=" not in sample]
    for turn in cycle(range(4)):
        yield from (one for one in sent if turn == 0 or not any(what in one for what in SLOW))


def _prefix(name: str) -> str:
    return name.removesuffix("Function").lower()


def run(function: Function, count: int, seed: int, say: Callable[[str], None]) -> str:
    """Send a function so many events, then look at its memory, and say what was seen.

    Raises:
        ShortsError: an answer is not as it must be, or the memory grows.
    """
    task = unpacked(Path(function.code_uri))
    with Emulator(function, task, environment(function, {})) as emulator:
        fuzz(emulator, function.name, count, seed, say)
    with Emulator(function, task, environment(function, {})) as emulator:
        before, after = memory(emulator, function.name, say)
    return (
        f"{function.name}: {count:,} events answered; {before / 1e6:.0f} MB after {SETTLED} "
        f"{'charts' if function.name == 'PlotFunction' else 'descriptions'}, "
        f"{after / 1e6:.0f} MB after {MANY:,}"
    )
