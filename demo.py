"""Builds both functions with shorts, and runs them under Lambda's runtime emulator."""

import base64
import json
import sys
import time
from pathlib import Path

import shorts

HERE = Path(__file__).parent
PICTURE = Path("out", "plot.png")
RUNTIME = "python3.13"  # the template's default
_SAID: set[str] = set()


def main() -> int:
    """Build, invoke, write the chart, print the table."""
    started = time.perf_counter()
    parameters = _for_an_interpreter_at_hand()
    built = shorts.build(parameters=parameters, report=_say)
    for warning in built.warnings:
        print(f"warning: {warning}")
    print(f"Built {len(built.zips)} functions in {time.perf_counter() - started:.1f} s.\n")
    rows = []
    for name, made in built.zips.items():
        rows.append(_row(name, made, _run(name, built.template, parameters)))
    print()
    heads = ("function", "zip KB", "unzipped KB", "files", "init ms", "first ms", "second ms")
    for row in (heads, *rows):
        print(f"{row[0]:14}" + "".join(f"{cell:>13}" for cell in row[1:]))
    print(f"\nThe chart is in {PICTURE}. All of it took {time.perf_counter() - started:.1f} s.")
    return 0


def _say(line: str) -> None:
    """Show a step of the build, once: it is reported for each of its parts."""
    if line not in _SAID:
        print(line, file=sys.stderr, flush=True)
    _SAID.add(line)


def _for_an_interpreter_at_hand() -> dict[str, str]:
    """Return parameters for a runtime that this machine can run, if the template's cannot."""
    runtimes = shorts.runtimes()
    if RUNTIME in runtimes or not runtimes:
        return {}
    print(f"There is no Python for {RUNTIME} here: building for {runtimes[-1]}, which there is.")
    return {"PythonRuntime": runtimes[-1]}


def _run(function: str, template: Path, parameters: dict[str, str]) -> list[shorts.Reply]:
    """Invoke a function with its own event twice, then with its other events."""
    name = function.removesuffix("Function").lower()
    events = [HERE / "events" / f"{name}.json", *sorted(HERE.glob(f"events/{name}-*.json"))]
    documents = [event.read_bytes() for event in [events[0], *events]]
    replies = shorts.invoke(function, *documents, template=template, parameters=parameters)
    for event, reply in zip(events, replies[1:], strict=True):
        if reply.failure:
            raise shorts.ShortsError(f"{function} failed on {event.name}: {reply.failure}")
        print(f"  {function:13} {event.name:22} {_summary(reply.body)}")
    if name == "plot":
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_bytes(base64.b64decode(json.loads(replies[0].body)["image"]))
    return replies


def _summary(body: bytes) -> str:
    """Return an answer on one line."""
    answer = json.loads(body)
    shown = answer.get("statusCode", answer.get("status"))
    kind = answer.get("headers", {}).get("content-type", answer.get("content_type", ""))
    text = body.decode() if len(body) < 70 else f"{body.decode()[:66]} …"
    return " ".join(str(part) for part in (shown, kind, text) if part)


def _row(name: str, made: shorts.FunctionZip, replies: list[shorts.Reply]) -> tuple[str, ...]:
    first, second, *_ = replies
    times = (first.init, first.duration, second.duration)
    sizes = (f"{made.size / 1000:,.0f}", f"{made.unzipped_size / 1000:,.0f}")
    shown = (f"{value:,.1f}" if value is not None else "?" for value in times)
    return (name, *sizes, f"{made.files:,}", *shown)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except shorts.ShortsError as error:
        sys.exit(f"demo: {error}")
