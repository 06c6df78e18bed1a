"""Plot's handler: what it answers to whom."""

import base64
import importlib.util
import json
import struct
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "plot"))
location = importlib.util.spec_from_file_location("plot_app", ROOT / "plot" / "app.py")
assert location is not None and location.loader is not None
app = importlib.util.module_from_spec(location)
location.loader.exec_module(app)

EVENTS = sorted((ROOT / "events").glob("plot*.json"))
DIRECT = [path for path in EVENTS if "http" not in path.name and "bad" not in path.name]
TINY: dict[str, Any] = {"kind": "line", "columns": {"a": [1, 2]}, "width": 100, "height": 100}


def event(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return loaded


def post(body: object, **changes: object) -> dict[str, Any]:
    answer: dict[str, Any] = app.handler(event("plot-http.json") | {"body": body} | changes, None)
    return answer


def png_size(png: bytes) -> tuple[int, ...]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    return struct.unpack(">II", png[16:24])


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

    assert set(answer) == {"content_type", "encoding", "image", "width", "height"}
    if answer["encoding"] == "base64":
        assert answer["content_type"] == "image/png"
        size = png_size(base64.b64decode(answer["image"], validate=True))
        assert size == (answer["width"], answer["height"])
    else:
        assert (answer["content_type"], answer["encoding"]) == ("image/svg+xml", "utf-8")
        root = ElementTree.fromstring(answer["image"])
        assert root.attrib["width"] == f"{answer['width'] * 0.75:g}pt"
        assert root.attrib["height"] == f"{answer['height'] * 0.75:g}pt"


def test_scale_multiplies_the_pixels_of_a_png() -> None:
    """The talk's chart of 800 by 360 pixels at scale 2 is 1600 by 720 pixels large."""
    answer = app.handler(event("plot.json"), None)

    assert (answer["width"], answer["height"]) == (1600, 720)


def test_answers_an_http_event_with_a_png() -> None:
    """An HTTP event gets the PNG in base64, and browsers are told not to guess its type."""
    sent = event("plot-http.json")

    answer = app.handler(sent, None)

    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "image/png", "x-content-type-options": "nosniff"},
        "isBase64Encoded": True,
        "body": app.handler(json.loads(sent["body"]), None)["image"],
    }


def test_answers_an_http_event_with_an_svg_as_text() -> None:
    """An SVG goes over HTTP as the text it is."""
    answer = post((ROOT / "events" / "plot-svg.json").read_text())

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "image/svg+xml"
    assert answer["isBase64Encoded"] is False
    assert ElementTree.fromstring(answer["body"]).tag == "{http://www.w3.org/2000/svg}svg"


def test_reads_a_base64_body() -> None:
    """A body in base64 is the same request as that body in plain text."""
    plain = json.dumps(TINY)

    encoded = post(base64.b64encode(plain.encode()).decode(), isBase64Encoded=True)

    assert encoded == post(plain)
    assert encoded["statusCode"] == 200


def test_returns_a_problem_to_a_direct_caller() -> None:
    """A direct caller's bad request is answered with the problem document itself."""
    detail = "Invalid enum value 'pie', expected `line`, `bar`, `scatter` or `histogram`"

    assert app.handler(event("plot-bad.json"), None) == problem(detail, "$.kind")


def test_returns_a_problem_over_http() -> None:
    """A bad request over HTTP is answered with the problem document as the body."""
    answer = app.handler(event("plot-http-bad.json"), None)

    detail = "Expected `bool | float | str | null`, got `array`"
    assert json.loads(answer.pop("body")) == problem(detail, '$.columns["Time (s)"][1]')
    assert answer == {
        "statusCode": 400,
        "headers": {
            "content-type": "application/problem+json",
            "x-content-type-options": "nosniff",
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("body", "is_base64", "detail"),
    [
        (None, False, "Expected JSON in the body, got none"),
        ("", False, "Expected JSON in the body, got none"),
        ({"kind": "bar"}, False, "Expected JSON in the body, got none"),
        ("{", False, "The body is not JSON: Input data was truncated"),
        ("NaN", False, "The body is not JSON: JSON is malformed: invalid character (byte 0)"),
        ("1e400", False, "The body is not JSON: Number out of range"),
        ("\ud800", False, "The body is not JSON: it is not UTF-8"),
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


@pytest.mark.parametrize("http", [{"method": "GET"}, {"method": None}, {}, None])
def test_refuses_methods_other_than_post(http: object) -> None:
    """A chart is asked for with POST; anything else is told so."""
    answer = post(json.dumps(TINY), requestContext={"http": http})

    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"] == "POST"
    document = json.loads(answer["body"])
    assert document["title"] == "Method Not Allowed"
    assert document["detail"] == "$: A chart is asked for with POST, its JSON in the body"


@pytest.mark.parametrize("context", [None, [], {}, {"elb": {}}])
def test_reads_an_event_without_http_as_a_request(context: object) -> None:
    """What only looks like an HTTP event is a direct request, with fields that none has."""
    answer = app.handler({"version": "2.0", "requestContext": context}, None)

    assert [error["path"] for error in answer["errors"]] == ["$.version", "$.requestContext"]


def test_a_problem_stays_short() -> None:
    """A problem that quotes the request does not grow with it."""
    answer = app.handler({"kind": "x" * 5_000_000, "columns": {"a": [1]}}, None)

    assert len(answer["detail"]) < 1100
    assert answer["detail"].endswith("x…")


texts = st.text(st.characters(), max_size=8) | st.sampled_from(["$x$", "2024-01-01", "NaN", "\0"])
numbers = st.integers() | st.floats() | st.sampled_from([10**400, 1e300, 5e-324, 1e301])
cells = st.none() | st.booleans() | numbers | texts
json_values = st.recursive(
    cells, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
columns = st.dictionaries(
    texts,
    st.lists(cells, min_size=3, max_size=3) | st.lists(texts, min_size=3, max_size=3),
    max_size=3,
)
figures = st.lists(st.none() | st.floats(-1e300, 1e300) | st.integers(1, 9), min_size=3, max_size=3)
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
        {"kind": st.sampled_from(["line", "bar", "scatter", "histogram"])},
        optional={
            "format": st.sampled_from(["png", "svg"]),
            "title": texts,
            "x_label": texts | st.none(),
            "log": st.booleans(),
            "bins": st.integers(-1, 501),
        },
    ),
    sources,
)
wild = st.builds(
    lambda request, name, value: request | {name: value},
    requests,
    st.sampled_from(["kind", "columns", "x", "y", "title", "log", "bins", "width", "format", "z"]),
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
