"""The chart that an HTTP request to Plot asks for."""

import base64
import gzip
import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import chartqueries
from chartspec import ChartSpec
from problems import Problem, Refusal
from webevents import WebRequest

CHART = {"kind": "bar", "columns": {"a": ["x"], "b": [1]}, "title": "Säulen & more"}
TEXT = json.dumps(CHART)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def get(query: str) -> object:
    return chartqueries.document(WebRequest(method="GET", path="/plot", query=query, headers={}))


def post(body: bytes | str, kind: str = "", query: str = "", **headers: str) -> object:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    is_base64 = isinstance(body, bytes)
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    request = WebRequest(
        method="POST",
        path="/plot",
        query=query,
        headers=sent | {"content-type": kind},
        body=text,
        is_base64=is_base64,
    )
    return chartqueries.document(request)


def refused(call: Any, *arguments: Any, **named: Any) -> Problem:
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return caught.value.problem


@pytest.mark.parametrize(
    "value",
    [
        TEXT,
        f"\n {TEXT}",
        base64url(TEXT.encode()),
        base64.urlsafe_b64encode(TEXT.encode()).decode(),
        base64url(gzip.compress(TEXT.encode())),
    ],
    ids=["json", "space", "base64url", "padded", "gzip"],
)
def test_a_query_may_have_the_whole_chart(value: str) -> None:
    """`chart` is JSON, base64url of it with or without padding, or of its gzip."""
    assert get(f"chart={quote(value)}") == CHART


def test_a_query_may_have_simple_fields() -> None:
    """Fields of one value, and by repetition of several, have the types of the chart's."""
    query = (
        "kind=bar&csv=a,b%0Ax,1&width=400&scale=1.5&stacked=true&labels=false&y=b&error=c&error=d"
        "&colors=red&title=1&format=svg"
    )

    assert get(query) == {
        "kind": "bar",
        "csv": "a,b\nx,1",
        "width": 400,
        "scale": 1.5,
        "stacked": True,
        "labels": False,
        "y": "b",
        "error": ["c", "d"],
        "colors": ["red"],
        "title": "1",
        "format": "svg",
    }


def test_a_chart_without_a_kind_is_a_line() -> None:
    """Where the query has the chart, its kind is a line by default."""
    assert get("csv=a") == {"kind": "line", "csv": "a"}


def test_a_field_beside_the_chart_takes_its_place() -> None:
    """So one URL gives a chart in each format, with a theme or a size of its own."""
    assert get(f"chart={quote(TEXT)}&format=pdf&kind=line") == CHART | {
        "format": "pdf",
        "kind": "line",
    }


def test_a_signature_is_no_field() -> None:
    """What signing adds is not the chart's."""
    assert get("csv=a&expires=1&signature=x") == {"kind": "line", "csv": "a"}


def test_every_parameter_is_a_field() -> None:
    """The fields that a query may have by name are the chart's."""
    known = chartqueries.TEXTS | chartqueries.NUMBERS | chartqueries.FLAGS | chartqueries.NAMES

    assert known < set(ChartSpec.__struct_fields__)


@pytest.mark.parametrize(
    "kind", ["", "application/json", "Application/JSON; charset=UTF-8", "a/b+json"]
)
def test_a_body_may_be_json(kind: str) -> None:
    """JSON in the body is the chart, its fields in the query beside it."""
    assert post(TEXT, kind, "format=svg") == CHART | {"format": "svg"}


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("", "utf-8"), ("; charset=utf-8", "utf-8-sig"), ('; charset="Windows-1252"', "cp1252"),
     ("; charset=iso-8859-1", "latin-1"), ("; header=present; charset=windows-1252", "cp1252")],
)  # fmt: skip
def test_a_body_may_be_csv(charset: str, codec: str) -> None:
    """CSV in the body, in one of a few charsets, has its other fields in the query."""
    text = "mois,coût\nfév,1\n"

    assert post(text.encode(codec), f"text/csv{charset}", "kind=bar") == {
        "kind": "bar",
        "csv": text,
    }


def test_a_body_of_csv_goes_with_a_chart_in_the_query() -> None:
    """`chart` in the query has the fields that a query cannot have by name."""
    chart = {"kind": "bar", "y_axis": {"log": True}}

    assert post("a\n1", "text/csv", urlencode({"chart": json.dumps(chart)})) == chart | {
        "csv": "a\n1"
    }


def test_a_body_may_be_gzip() -> None:
    """A compressed body is the body."""
    assert post(gzip.compress(TEXT.encode()), content_encoding="gzip") == CHART


@pytest.mark.parametrize(
    ("query", "path", "detail"),
    [
        ("color=a&color=b", "$.color", "Expected one value, got 2"),
        ("chart={}&chart={}", "$.chart", "Expected one value, got 2"),
        ("chart=", "$.chart", "It is not JSON: Input data was truncated"),
        ("chart={", "$.chart", "It is not JSON: Input data was truncated"),
        ("chart=%7B%22%EF", "$.chart", "It is not JSON: Input data was truncated"),
        ("chart=é", "$.chart", "Expected JSON, or base64url of it, got neither"),
        ("chart=a", "$.chart", "Expected JSON, or base64url of it, got neither"),
        ("chart=a+b/", "$.chart", "Expected JSON, or base64url of it, got neither"),
        ("chart=_w", "$.chart", "It is not JSON: JSON is malformed: invalid character (byte 0)"),
        ("chart=" + base64url(b'"\xff"'), "$.chart", "It is not JSON: it is not UTF-8"),
        ("chart=" + base64url(b"\x1f\x8b\x08"), "$.chart", "Expected gzip, got its beginning only"),
        (
            "chart=" + base64url(b"\x1f\x8bno gzip at all"),
            "$.chart",
            "Expected gzip, got what cannot be decompressed",
        ),
        ("&".join(["y=a"] * 201), "$", "Expected a query of at most 200 parameters, got more"),
    ],
)
def test_refuses_a_query_that_has_no_chart(query: str, path: str, detail: str) -> None:
    """A query that is not what it says is refused, and the problem names the parameter."""
    problem = refused(get, query)

    assert problem.status == 400
    assert [(fault.path, fault.detail) for fault in problem.errors] == [(path, detail)]


def test_refuses_a_parameter_that_is_no_field() -> None:
    """A parameter that is mistyped is not passed over."""
    problem = refused(get, "csv=a&tilte=x")

    assert problem.detail.startswith(
        "$.tilte: Expected `chart`, which may have any field, or one of"
    )


def test_leaves_a_chart_that_is_no_object_to_the_decoder() -> None:
    """The decoder says what a chart is."""
    assert get("chart=[]&kind=bar") == []
    assert post("null") is None


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    """What was compressed piece by piece, and put together, is not cut off behind its first one."""
    pieces = (b"a,b\n1,2\n", b"", b"3,4\n")
    packed = b"".join(map(gzip.compress, pieces))

    assert post(packed, "text/csv", content_encoding="gzip") == {
        "kind": "line", "csv": "a,b\n1,2\n3,4\n",
    }  # fmt: skip
    problem = refused(post, packed + b"5,6", "text/csv", content_encoding="gzip")
    assert problem.detail == "$: Expected gzip, got what cannot be decompressed"


@pytest.mark.parametrize("size", [chartqueries.INFLATED, chartqueries.INFLATED + 1])
def test_a_bomb_is_not_decompressed(size: int) -> None:
    """What gzip may become has a limit, and no more memory than that is taken."""
    text = b'"' + b" " * (size - 2) + b'"'
    packed = gzip.compress(gzip.compress(text))
    assert len(packed) < 1000
    query = f"chart={base64url(gzip.compress(text))}"

    if size <= chartqueries.INFLATED:
        assert get(query) == text[1:-1].decode()
    else:
        problem = refused(get, query)
        assert problem.status == 413
        assert (
            problem.detail
            == "$.chart: Expected at most 6,291,456 bytes of what gzip becomes, got 6,291,457"
        )


@pytest.mark.parametrize(
    ("kind", "coding", "detail"),
    [
        ("text/plain", "", "Expected `application/json` or `text/csv`, got `text/plain`"),
        (
            "application/json; charset=windows-1252",
            "",
            "Expected JSON in UTF-8, got `windows-1252`",
        ),
        (
            "text/csv; charset=utf-7",
            "",
            "Expected CSV in one of `utf-8`, `iso-8859-1`, `windows-1252`, got `utf-7`",
        ),
        ("", "br", "Expected a body as it is or in gzip, got `br`"),
    ],
)
def test_refuses_a_type_that_is_not_read(kind: str, coding: str, detail: str) -> None:
    """A type, a charset or a coding that is not read is refused with 415, and told which are."""
    problem = refused(post, TEXT, kind, content_encoding=coding)

    assert (problem.status, problem.detail) == (415, f"$: {detail}")


def test_refuses_a_chart_and_a_body() -> None:
    """A chart in the query and one in the body are one too many."""
    problem = refused(post, TEXT, query="chart={}")

    assert problem.detail == "$.chart: Expected one chart, got one in the query and a body"


def test_refuses_csv_that_is_not_in_its_charset() -> None:
    """Bytes that the charset does not have are not guessed at."""
    unsaid = refused(post, b"\xff", "text/csv")
    wrong = refused(post, b"\x81", "text/csv; charset=Windows-1252")

    assert unsaid.detail == (
        "$.csv: The body is not UTF-8: name its charset, as in `text/csv; charset=windows-1252`"
    )
    assert wrong.detail == "$.csv: The body is not windows-1252, as it says"


def status(read: Callable[[], object]) -> int:
    try:
        read()
    except Refusal as refusal:
        return refusal.problem.status
    return 200


chunks = st.sampled_from(
    ["chart=", "csv=", "width=", "y=", "&", "=", "%7B", "%", "+", "{}", "eyJ9"]
)
queries = st.text(st.characters(codec="utf-8")) | st.lists(
    chunks | st.text("a&=%7B"), max_size=9
).map("".join)
bodies = st.binary(max_size=40) | st.binary(max_size=40).map(gzip.compress)
kinds = (
    st.sampled_from(["", "application/json", "text/csv", "text/csv; charset=windows-1252"])
    | st.text()
)


@given(queries)
def test_reads_any_query(query: str) -> None:
    """Any query is a document, or is refused."""
    assert status(lambda: get(query)) in (200, 400, 413)


@given(bodies, kinds, st.sampled_from(["", "gzip"]))
def test_reads_any_body(body: bytes, kind: str, coding: str) -> None:
    """Any body is a document, or is refused."""
    assert status(lambda: post(body, kind, content_encoding=coding)) in (200, 400, 413, 415)


@given(st.dictionaries(st.text(), st.integers() | st.text(), max_size=5))
def test_packing_is_undone(chart: dict[str, object]) -> None:
    """However a chart is packed into a query, the same one comes out."""
    text = json.dumps(chart).encode()
    engine = zlib.compressobj(wbits=31)
    packed = base64url(engine.compress(text) + engine.flush())

    assert get(f"chart={packed}") == get(f"chart={base64url(text)}") == {"kind": "line"} | chart
