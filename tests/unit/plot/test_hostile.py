"""What Plot answers to those who want it to fail: a refusal that names the fault, or an image."""

import base64
import json
from typing import Any

from tests.unit.plot import hostile
from tests.unit.plot.calls import app

MOST = 4_500_000  # bytes of an image
DRAWN = {
    "5,000 categories",
    "5,000 categories as a pie",
    "5,000 categories as boxes",
    "200 names of 190 characters",
    "2,900,000 empty lines",
    "a million points as a line",
    "a million points as an SVG",
    "a million points as a histogram",
    "a million values as violins",
    "an axis of 200 decades",
    "a formula",
    "halves of surrogate pairs",
    "letters that turn and pile up",
    "a PDF with 20,000 errors",
    "10,000 tags to compare",
}


def test_each_is_refused_or_drawn_within_the_budgets() -> None:
    """An event has the answer that it deserves: an image of few enough bytes, or what is wrong."""
    for what, event in hostile.events().items():
        sent = json.dumps(event)
        assert len(sent) <= 6 * 1024 * 1024, what  # Lambda takes no more

        answer: dict[str, Any] = app().handler(json.loads(sent), None)

        if what in DRAWN:
            assert 0 < len(_image(answer)) <= MOST, what
            assert hostile.status(answer) == 200, what
        else:
            problem = json.loads(answer["body"]) if "body" in answer else answer
            assert problem["status"] == hostile.status(answer) in (400, 406, 413), what
            assert problem["errors"][0]["path"].startswith("$"), what
            assert len(json.dumps(answer)) < 10_000, what


def _image(answer: dict[str, Any]) -> bytes:
    encoded = answer.get("isBase64Encoded", answer.get("encoding") == "base64")
    text: str = answer["image" if "image" in answer else "body"]
    return base64.b64decode(text) if encoded else text.encode()
