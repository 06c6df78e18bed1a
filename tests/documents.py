"""The pages in docs/, as tests read them."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_BLOCK = re.compile(
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    title: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    for found in _BLOCK.finditer(page.read_text("utf-8")):
        yield Block(found["language"], found["title"] or "", found["text"])


def follow(page: Path, folder: Path, **environment: str) -> list[str]:
    """Do what a page says, in its order, as a reader does who copies it; return what was run.

    A block with a title is a file. One in `sh` is run, in the folder that the last one went to, and
    an `output` after it is what it prints; the numbers in it may be others, and `…` stands for
    anything. Port 8080 may be in use here.
    """
    ran: list[str] = []
    printed = ""
    place, port = folder / ".place", str(free_port())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(page):
        if block.title:
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            script = block.text.replace("8080", port)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", f"{script}pwd >{place}"],
                cwd=folder,
                env=os.environ | {"PATH": path} | environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{block.text}{done.stdout}{done.stderr}"
            folder = Path(place.read_text("utf-8").strip())
            printed = done.stdout
            ran.append(block.text)
        elif block.language == "output":
            assert re.fullmatch(_pattern(block.text), _plain(printed), re.DOTALL), printed
    return ran


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _plain(text: str) -> str:
    return re.sub(r"[\d.,]*\d", "#", " ".join(text.split()))


def _pattern(text: str) -> str:
    return re.escape(_plain(text)).replace("…", ".*")
