"""The page for Echo's users: its commands, and its tables held against the function."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import get_args

import pytest

from tests.http_service import web
from tests.unit.echo.calls import ROOT, Context, Json, app, module

TEXT = (ROOT / "docs" / "echo.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```\n(?:\n```(?:json|text)\n(.*?)^```)?", TEXT, re.M | re.S)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Echo behind HTTP."""

    def handler(event: object, context: object) -> Json:
        answer: Json = app().handler(event, Context())
        return answer

    with ThreadingHTTPServer(("127.0.0.1", 0), web(handler)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/echo"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=range(len(COMMANDS)))
def test_commands(command: str, output: str, address: str) -> None:
    """Each command gets what the page says, or a description."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env=os.environ | {"ECHO": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if output:
        assert done.stdout == output.removesuffix("\n")
    else:
        assert '"authorization","Bearer [redacted]"' in done.stdout


def test_there_are_commands() -> None:
    """The page has commands, some with what they print."""
    assert [bool(output) for _, output in COMMANDS] == [False, True]


def test_every_field_is_described() -> None:
    """The page's table has every field of a description, and no other."""
    table = TEXT.partition("## The description")[2].partition("## Modifiers")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(module("description").Description.__struct_encode_fields__)


def test_every_modifier_is_described() -> None:
    """The page's table has every modifier."""
    table = TEXT.partition("## Modifiers")[2].partition("```")[0]
    assert set(re.findall(r"^\| `(\w+)", table, re.M)) == set(
        module("modifiers").Modifiers.__struct_fields__
    )


def test_every_form_is_described() -> None:
    """The page's table has every form of event, and no other."""
    table = TEXT.partition("## Routes")[2].partition("## The description")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named - {"eventForm"} == set(get_args(module("http_events").Form))


def test_every_header_is_described() -> None:
    """The page names every header that a client may choose."""
    rules = module("modifiers")
    (sentence,) = re.findall(r"`header` takes (.*?)\.\s", TEXT, re.S)
    named = set(re.findall(r"`([\w-]+)`", sentence)) - {"x-", "access-control-"}
    assert named == rules.CHOSEN
