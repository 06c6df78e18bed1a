"""A recording for the README: commands that were run, and what they printed, as a picture.

`python -m pages.recording` runs them in a new folder and writes docs/recording.svg. Lines appear
one after the other; where nothing moves, all of them are there.
"""

import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

PICTURE = Path(__file__).parents[1] / "docs" / "recording.svg"
COMMANDS = (
    "shorts init hello && cd hello",
    "shorts build",
    "shorts build",
    "shorts local invoke HelloFunction -e events/hello.json",
)
SERVE = "shorts local start-api"
ADDRESS = "http://127.0.0.1:3000/hello"
ASK = f"curl '{ADDRESS}?name=Grace'"
_COLUMNS = 92
_WIDTH, _HEIGHT, _MARGIN = 8.4, 20, 16  # of a letter, of a line, around all of them; in pixels
_PAUSE, _NEXT = 0.9, 0.08  # seconds before a command, and between lines
_STYLE = """
.screen { fill: #1e2430; stroke: #7d8799; }
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6e9ef; \
white-space: pre; animation: show 0s linear backwards; }
.command { fill: #7fd6c2; font-weight: bold; }
.log { fill: #9aa5b8; }
@keyframes show { from { opacity: 0; } to { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
"""


class Line(NamedTuple):
    """A line on the screen.

    Attributes:
        text: what it says.
        kind: `command`, `out` or `log`, for standard error.
    """

    text: str
    kind: str


def record(folder: Path) -> Iterator[Line]:
    """Run the commands in a folder, and yield what stands on the screen."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "SHORTS_CACHE_DIR": str(folder / "store")}
    for command in COMMANDS:
        yield Line(f"$ {command}", "command")
        done = _run(command, folder, environment)
        yield from (Line(line, "log") for line in done.stderr.splitlines())
        yield from (Line(line, "out") for line in done.stdout.splitlines())
        folder = folder / "hello" if "cd hello" in command else folder
    yield Line(f"$ {SERVE}", "command")
    with subprocess.Popen(
        SERVE.split(), cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr
        for line in server.stderr:
            yield Line(line.rstrip(), "log")
            if line.startswith(ADDRESS):  # a route is served
                break
        answer = _run(ASK.replace("curl", "curl -s"), folder, environment)
        yield Line(server.stderr.readline().rstrip(), "log")
        server.terminate()
        server.stderr.read()
    yield Line(f"$ {ASK}", "command")
    yield Line(answer.stdout.rstrip(), "out")


def _run(
    command: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


def draw(lines: Sequence[Line]) -> str:
    """Return a picture of a screen with lines, each cut into as many as it needs."""
    shown = [Line(part, line.kind) for line in lines for part in _wrapped(line.text)]
    width = round(_COLUMNS * _WIDTH + 2 * _MARGIN)
    height = len(shown) * _HEIGHT + 2 * _MARGIN
    texts, at = [], -_PAUSE
    for number, line in enumerate(shown):
        at += _PAUSE if line.kind == "command" else _NEXT
        y = _MARGIN + number * _HEIGHT + 15
        length = round(len(line.text) * _WIDTH, 1)
        texts.append(
            f'<text class={quoteattr(line.kind)} x="{_MARGIN}" y="{y}" textLength="{length}" '
            f'style="animation-duration:{at:.2f}s">{escape(line.text)}</text>'
        )
    box = f'x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img">',
            "<title>shorts builds a function, runs it, and serves its API</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="screen" {box}/>',
            *texts,
            "</svg>",
            "",
        ]
    )


def _wrapped(text: str) -> list[str]:
    text = text.replace("\t", "  ")
    return textwrap.wrap(
        text, _COLUMNS, subsequent_indent="  ", replace_whitespace=False, drop_whitespace=False
    )


def main() -> None:
    """Run the commands and write the picture."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        lines = [line for line in record(Path(folder)) if line.text]
    PICTURE.write_text(draw(lines), encoding="utf-8")
    print(f"{PICTURE.name}: {len(lines)} lines, in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
