"""Builds both functions with shorts, and runs them under Lambda's runtime emulator."""

import base64
import json
import sys
import time
from pathlib import Path

from shorts import pipeline
from shorts.artifact.plan import Artifact, Options
from shorts.cli.progress import Progress
from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.invoke import environment
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.sam.read import read_application, read_invocation
from shorts.system import interpreters

HERE = Path(__file__).parent
PICTURE = Path("out", "plot.png")


def main() -> int:
    """Build, invoke, write the chart, print the table."""
    started = time.perf_counter()
    arguments = _for_an_interpreter_at_hand()
    with Progress() as progress:
        progress.say("Reading template.yaml")
        read = read_application(arguments)
        artifacts = pipeline.build(read, Options(), progress.say).artifacts
    for warning in sorted({line for one in artifacts.values() for line in one.warnings}):
        print(f"warning: {warning}")
    print(f"Built {len(artifacts)} functions in {time.perf_counter() - started:.1f} s.\n")
    rows = []
    built = read_invocation([*arguments, "-t", str(Path(read.build_dir, "template.yaml"))])
    for function in built.functions:
        replies = _run(function)
        rows.append(_row(function, artifacts[function.full_path], replies))
    print()
    heads = ("function", "zip KB", "unzipped KB", "files", "init ms", "first ms", "second ms")
    for row in (heads, *rows):
        print(f"{row[0]:14}" + "".join(f"{cell:>13}" for cell in row[1:]))
    print(f"\nThe chart is in {PICTURE}. All of it took {time.perf_counter() - started:.1f} s.")
    return 0


def _for_an_interpreter_at_hand() -> list[str]:
    """Return parameters for a runtime that this machine can run, if the template's cannot."""
    read = read_application([])
    wanted = read.functions[0].runtime
    if interpreters.find(wanted.removeprefix("python")):
        return []
    runtime = interpreters.newest_runtime()
    if runtime is None:
        return []
    print(f"There is no Python for {wanted} here: building for {runtime}, which there is.")
    return ["--parameter-overrides", f"PythonRuntime={runtime}"]


def _run(function: Function) -> list[Reply]:
    """Invoke a function with its own event twice, then with its other events."""
    name = function.name.removesuffix("Function").lower()
    events = [HERE / "events" / f"{name}.json", *sorted(HERE.glob(f"events/{name}-*.json"))]
    task = unpacked(Path(function.code_uri))
    replies = []
    with Emulator(function, task, environment(function, {})) as emulator:
        for event in [events[0], *events]:
            reply = emulator.invoke(event.read_bytes())
            if reply.failure:
                raise ShortsError(f"{function.name} failed on {event.name}: {reply.failure}")
            replies.append(reply)
    for event, reply in zip(events, replies[1:], strict=True):
        print(f"  {function.name:13} {event.name:22} {_summary(reply.body)}")
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


def _row(function: Function, artifact: Artifact, replies: list[Reply]) -> tuple[str, ...]:
    first, second, *_ = replies
    times = (first.init, first.duration, second.duration)
    sizes = (f"{artifact.size / 1000:,.0f}", f"{artifact.unzipped / 1000:,.0f}")
    shown = (f"{value:,.1f}" if value is not None else "?" for value in times)
    return (function.name, *sizes, f"{artifact.files:,}", *shown)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ShortsError as error:
        sys.exit(f"demo: {error}")
