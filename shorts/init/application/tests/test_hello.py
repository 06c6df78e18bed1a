"""The function without Lambda: python -m pytest."""

import json
from pathlib import Path

from hello import app


def test_it_greets_by_name() -> None:
    event = json.loads(Path("events", "hello.json").read_text(encoding="utf-8"))
    assert app.handler(event, None) == {"message": "Hello, Ada!"}


def test_it_greets_the_world() -> None:
    assert app.handler({}, None) == {"message": "Hello, world!"}
