"""Plot's handler: what it answers to whom."""

import base64
import io
import json
import re
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.plot import calls as plot_calls

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

from charts import KINDS
from chartspec import Format

ROOT = Path(__file__).parents[3]
app = plot_calls.app()

EVENTS = sorted((ROOT / "events").glob("plot*.json"))
DIRECT = [path for path in EVENTS if "http" not in path.name and "bad" not in path.name]
TINY: dict[str, Any] = {"kind": "line", "columns": {"a": [1, 2]}, "width": 100, "height": 100}


def event(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return loaded


class Context:
    """A context in which so many milliseconds are left."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def post(body: object, **changes: object) -> dict[str, Any]:
    answer: dict[str, Any] = app.handler(event("plot-http.json") | {"body": body} | changes, None)
    return answer


def pdf_size(pdf: bytes) -> tuple[float, ...]:
    found = re.search(rb"/MediaBox \[ ?0 0 ([0-9.]+) ([0-9.]+) ?\]", pdf)
    assert found is not None and pdf.startswith(b"%PDF-")
    return tuple(float(points) / 0.75 for points in found.groups())


def webp_size(webp: bytes) -> tuple[int, ...]:
    image = Image.open(io.BytesIO(webp))
    assert image.format == "WEBP"
    return image.size


def png_size(png: bytes) -> tuple[int, ...]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    return struct.unpack(">II", png[16:24])


SIZES: dict[str, Callable[[bytes], tuple[float, ...]]] = {
    "image/png": png_size,
    "image/webp": webp_size,
    "application/pdf": pdf_size,
}


def problem(detail: str, path: str = "$") -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": f"{path}: {detail}",
        "errors": [{"path": path, "detail": detail}],
    }


@pytest.mark.parametrize("path", DIRECT, ids=lambda path: path.stem)
def test_draws_every_sample_event(path: Path) -> None:
    """Each sample event is answered with an image of the size that the answer says."""
    answer = app.handler(json.loads(path.read_text()), None)

    assert set(answer) == {
        "content_type", "encoding", "image", "width", "height", "alt", "warnings",
    }  # fmt: skip
    assert answer["alt"] and answer["warnings"] == []
    if answer["encoding"] == "base64":
        content = base64.b64decode(answer["image"], validate=True)
        width, height = SIZES[answer["content_type"]](content)
        assert (round(width), round(height)) == (answer["width"], answer["height"])
    else:
        assert (answer["content_type"], answer["encoding"]) == ("image/svg+xml", "utf-8")
        root = ElementTree.fromstring(answer["image"])
        size = [f"{0.75 * answer[side]:g}pt" for side in ("width", "height")]
        assert [root.attrib[side] for side in ("width", "height")] == size


def test_scale_multiplies_the_pixels_of_a_png() -> None:
    """The talk's chart of 800 by 360 pixels at scale 2 is 1600 by 720 pixels large."""
    answer = app.handler(event("plot.json"), None)

    assert (answer["width"], answer["height"]) == (1600, 720)


def test_a_refusal_quotes_what_no_answer_can_carry() -> None:
    """Half of a surrogate pair is shown by its number."""
    answer = app.handler(TINY | {"background": "\ud800"}, None)

    assert answer["detail"].endswith("got `\\ud800`")
    assert answer["errors"][0]["detail"].isascii()


def test_says_what_the_chart_shows() -> None:
    """The alternative text is the request's own, where it has one."""
    assert app.handler(TINY | {"alt": "Two points."}, None)["alt"] == "Two points."


def test_warns_of_missing_glyphs() -> None:
    """Characters that no font has are named."""
    answer = app.handler(TINY | {"title": "\N{SQUID} and \N{SQUID}\N{FLYING SAUCER}"}, None)

    assert answer["warnings"] == ["No font has \N{SQUID} (U+1F991), \N{FLYING SAUCER} (U+1F6F8)"]


def test_warns_of_columns_left_out() -> None:
    """A column that a text keeps from being drawn is named."""
    columns = {"a": [1, 2, 3], "b": [3, "4*", 5], "c": ["x", "y", "z"]}

    answer = app.handler(TINY | {"columns": columns}, None)

    assert answer["warnings"] == ["`b` is not drawn: `4*` in row 2 is no number"]


def test_a_warning_stays_short() -> None:
    """Of many characters that no font has, the first are named."""
    title = "".join(chr(code) for code in range(0x1F900, 0x1F950))

    (warning,) = app.handler(TINY | {"title": title, "width": 2000}, None)["warnings"]

    assert warning.count("(U+") == 40
    assert warning.endswith("(U+1F927)")


def test_answers_an_http_event_with_a_png() -> None:
    """An HTTP event gets the PNG in base64, and browsers are told not to guess its type."""
    sent = event("plot-http.json")

    answer = app.handler(sent, None)
    direct = app.handler(json.loads(sent["body"]), None)

    assert answer == {
        "statusCode": 200,
        "headers": {
            "content-type": "image/png",
            "vary": "accept, accept-encoding",
            "cache-control": "no-store",
            "plot-alt": quote(direct["alt"]),
            "x-content-type-options": "nosniff",
        },
        "isBase64Encoded": True,
        "body": direct["image"],
    }


def test_answers_an_http_event_with_an_svg_as_text() -> None:
    """An SVG goes over HTTP as the text it is."""
    answer = post((ROOT / "events" / "plot-scatter-svg.json").read_text())

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "image/svg+xml"
    assert answer["isBase64Encoded"] is False
    assert ElementTree.fromstring(answer["body"]).tag == "{http://www.w3.org/2000/svg}svg"


SHOWN = [
    ("", 200, "image/png"),
    ("-get", 200, "image/png"),
    ("-chart", 200, "image/webp"),
    ("-csv", 200, "image/svg+xml"),
    ("-validate", 200, "application/json"),
    ("-page", 200, "text/html; charset=utf-8"),
    ("-bad", 400, "application/problem+json"),
]


@pytest.mark.parametrize(("name", "status", "kind"), SHOWN)
def test_answers_every_http_event(name: str, status: int, kind: str | None) -> None:
    """Each HTTP event shows a route or a form of answer, and is answered the same again."""
    sent = event(f"plot-http{name}.json")

    answer = app.handler(sent, Context(29_000))

    assert (answer["statusCode"], answer["headers"].get("content-type")) == (status, kind)
    assert app.handler(sent, Context(29_000)) == answer


def test_knows_every_http_event() -> None:
    """No HTTP event is without its claim."""
    names = {f"plot-http{name}" for name, *_ in SHOWN}

    assert {path.stem for path in EVENTS if "http" in path.name} == names


def test_reads_a_base64_body() -> None:
    """A body in base64 is the same request as that body in plain text."""
    plain = json.dumps(TINY)

    encoded = post(base64.b64encode(plain.encode()).decode(), isBase64Encoded=True)

    assert encoded == post(plain)
    assert encoded["statusCode"] == 200


def test_returns_a_problem_to_a_direct_caller() -> None:
    """A direct caller's bad request is answered with the problem document itself."""
    answer = app.handler(event("plot-bad.json"), None)

    assert answer == problem(answer["errors"][0]["detail"], "$.kind")
    assert "radar" in answer["detail"]


def test_returns_a_problem_over_http() -> None:
    """A bad request over HTTP is answered with the problem document as the body."""
    answer = app.handler(event("plot-http-bad.json"), None)

    detail = "Expected `bool | float | str | null`, got `array`"
    assert json.loads(answer.pop("body")) == problem(detail, '$.columns["Time (s)"][1]')
    assert answer == {
        "statusCode": 400,
        "headers": {
            "content-type": "application/problem+json",
            "cache-control": "no-store",
            "vary": "accept",
            "x-content-type-options": "nosniff",
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("body", "is_base64", "detail"),
    [
        (None, False, "Expected JSON in the body, got none"),
        ("", False, "Expected JSON in the body, got none"),
        ("{", False, "The body is not JSON: Input data was truncated"),
        ("NaN", False, "The body is not JSON: JSON is malformed: invalid character (byte 0)"),
        ("1e400", False, "The body is not JSON: Number out of range"),
        ("\ud800", False, "Expected a body in UTF-8, got half of a surrogate pair"),
        ("Iv8i", True, "The body is not JSON: it is not UTF-8"),
        ("{}", True, "Expected a base64 body, as the event says, got another"),
        ("é", True, "Expected a base64 body, as the event says, got another"),
        ("[" * 100_000, False, "Expected JSON of a few levels, got too many"),
        ("null", False, "Expected `object`, got `null`"),
        ("[]", False, "Expected `object`, got `array`"),
    ],
)
def test_refuses_a_body_that_is_no_request(body: object, is_base64: bool, detail: str) -> None:
    """A body that is not a JSON object is refused, and the problem says why."""
    answer = post(body, isBase64Encoded=is_base64)

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"]) == problem(detail)


def test_refuses_a_malformed_event() -> None:
    """An HTTP event that is none is answered over HTTP, with the field that is wrong."""
    answer = post({"kind": "bar"})

    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    detail = "The event is malformed: Expected `str | null`, got `object`"
    assert json.loads(answer["body"]) == problem(detail, "$.body")


@pytest.mark.parametrize("http", [{"method": "PUT"}, {"method": None}, {}, None])
def test_refuses_other_methods(http: object) -> None:
    """What is neither GET nor HEAD nor POST is told so."""
    answer = post(json.dumps(TINY), requestContext={"http": http})

    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"] == "GET, HEAD, POST"
    document = json.loads(answer["body"])
    assert document["title"] == "Method Not Allowed"
    assert document["detail"] == "$: Expected GET or HEAD or POST"


LONG: dict[str, Any] = {
    "kind": "scatter",
    "columns": {"x": list(range(150_000)), "y": [i * 7919 % 10_007 for i in range(150_000)]},
    "width": 4000,
    "height": 2000,
}


def test_stops_before_lambda_does() -> None:
    """A chart that would take longer than there is time for is refused, and the next one drawn."""
    late = Context(2_050)
    answer = app.handler(LONG, late)

    assert (answer["status"], answer["title"]) == (503, "Service Unavailable")
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    answer = app.handler(event("plot-http.json") | {"body": json.dumps(LONG)}, late)
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "5")
    assert app.handler(TINY, Context(29_000)) == app.handler(TINY, None)


def test_an_answer_fits_into_lambda() -> None:
    """An image of more than 4.5 MB is refused, or never comes to be."""
    noise = {
        "kind": "scatter",
        "columns": {"x": [i * 7919 % 20_011 for i in range(20_000)], "y": list(range(20_000))},
        "width": 3900,
        "height": 2000,
        "format": "svg",
    }
    answer = app.handler(noise, None)

    assert answer.get("status") == 413 or len(json.dumps(answer)) < 6_000_000


@pytest.mark.parametrize("context", [None, [], {}, {"elb": {}}])
def test_reads_an_event_without_http_as_a_request(context: object) -> None:
    """What only looks like an HTTP event is a direct request, with fields that none has."""
    answer = app.handler({"version": "2.0", "requestContext": context}, None)

    assert [error["path"] for error in answer["errors"]][:2] == ["$.version", "$.requestContext"]


def test_a_problem_stays_short() -> None:
    """A problem that quotes the request does not grow with it."""
    answer = app.handler({"kind": "x" * 5_000_000, "columns": {"a": [1]}}, None)

    assert len(answer["detail"]) < 1100
    assert answer["detail"].endswith("x…")


texts = st.text(st.characters(), max_size=8) | st.sampled_from(["$x$", "2024-01-01", "NaN", "\0"])
numbers = st.integers() | st.floats() | st.sampled_from([10**400, 1e100, 5e-324, 1e101])
cells = st.none() | st.booleans() | numbers | texts
json_values = st.recursive(
    cells, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
columns = st.dictionaries(
    texts,
    st.lists(cells, min_size=3, max_size=3) | st.lists(texts, min_size=3, max_size=3),
    max_size=3,
)
figures = st.lists(st.none() | st.floats(-1e100, 1e100) | st.integers(1, 9), min_size=3, max_size=3)
sources = st.one_of(
    st.builds(lambda some, last: {"columns": some | {"_$v": last}}, columns, figures),
    st.lists(st.dictionaries(texts, cells, max_size=3), max_size=4).map(
        lambda value: {"records": value}
    ),
    st.text(st.sampled_from('a1,"\n\r\0;.-\ud800é'), max_size=40).map(lambda value: {"csv": value}),
)
requests = st.builds(
    lambda fields, source: {"width": 120, "height": 100} | fields | source,
    st.fixed_dictionaries(
        {"kind": st.sampled_from(list(KINDS))},
        optional={
            "format": st.sampled_from(get_args(Format)),
            "title": texts,
            "x_axis": st.fixed_dictionaries({}, optional={"label": texts, "log": st.booleans()}),
            "y_axis": st.fixed_dictionaries({}, optional={"label": texts, "log": st.booleans()}),
            "bins": st.integers(-1, 501),
        },
    ),
    sources,
)
wild = st.builds(
    lambda request, name, value: request | {name: value},
    requests,
    st.sampled_from(
        ["kind", "columns", "x", "y", "title", "y_axis", "bins", "width", "format", "z"]
    ),
    json_values,
)


@settings(max_examples=200, deadline=None)
@given(json_values | requests | wild)
def test_answers_any_json_with_an_image_or_a_problem(request: object) -> None:
    """No JSON value raises, and every answer can be sent as JSON in UTF-8."""
    answer = app.handler(request, None)

    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    if "image" not in answer:
        assert set(answer) == {"type", "title", "status", "detail", "errors"}
        assert answer["status"] in (400, 413)
        assert all(error["path"].startswith("$") for error in answer["errors"])
    elif answer["encoding"] == "utf-8":
        ElementTree.fromstring(answer["image"])


@settings(max_examples=100, deadline=None)
@given(json_values | st.text(st.characters()), st.booleans())
def test_answers_any_body_with_a_status_below_500(body: object, is_base64: bool) -> None:
    """Whatever the body holds, the answer is one that HTTP can carry, and no server error."""
    answer = post(body, isBase64Encoded=is_base64)

    json.dumps(answer, ensure_ascii=False).encode()
    assert answer["statusCode"] in (200, 400, 413)
