"""Plot over HTTP: what each route answers."""

import base64
import dataclasses
import gzip
import hashlib
import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import drawing
import signing
import webroutes
from webevents import WebRequest, WebResponse

PLOT = Path(__file__).parents[3] / "plot"
SIMPLE = "kind=bar&csv=build,seconds%0Apip,102%0Apants,7.7&width=200&height=150"
TINY: dict[str, Any] = {"kind": "line", "columns": {"a": [1, 2]}, "width": 200, "height": 150}
IMG = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
NEVER = "not to be called"
SQUID = quote("\N{SQUID}")


def ask(
    method: str, path: str, query: str = "", body: object = None, **headers: str
) -> WebResponse:
    text = body if isinstance(body, str) else json.dumps(body)
    request = WebRequest(
        method=method,
        path=path,
        query=query,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body="" if body is None else text,
    )
    return webroutes.answer(request, None)


def problem(response: WebResponse) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    found: dict[str, Any] = json.loads(response.content)
    assert found["status"] == response.status
    return found


def test_post_draws_the_chart_in_the_body() -> None:
    """A chart in JSON is answered with its image, which no cache keeps."""
    response = ask("POST", "/plot", body=TINY)

    assert response.status == 200
    assert unquote(response.headers.pop("plot-alt")).startswith("A line chart")
    assert response.headers == {
        "content-type": "image/png",
        "vary": "accept, accept-encoding",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    assert Image.open(io.BytesIO(response.content)).size == (200, 150)


def test_get_draws_the_chart_in_the_query() -> None:
    """The same chart by GET is the same image, and caches may keep it for a day."""
    response = ask("GET", "/plot", urlencode({"chart": json.dumps(TINY)}))

    assert response.content == ask("POST", "/plot", body=TINY).content
    assert response.headers["cache-control"] == "public, max-age=86400"
    assert re.fullmatch('"[0-9a-f]{32}"', response.headers["etag"])


def test_csv_in_the_body_is_the_same_chart_as_in_the_query() -> None:
    """Wherever CSV stands, its chart is the same."""
    csv = "build,seconds\npip,102\npants,7.7"
    response = ask("POST", "/plot", "kind=bar&width=200&height=150", csv, content_type="text/csv")

    assert response.content == ask("GET", "/plot", SIMPLE).content


@pytest.mark.parametrize(
    ("accept", "expected", "start"),
    [
        ("*/*", "image/png", b"\x89PNG"),
        (IMG, "image/png", b"\x89PNG"),
        ("image/svg+xml", "image/svg+xml", b"<svg"),
        ("image/webp;q=0.9,image/png;q=0.8", "image/webp", b"RIFF"),
        ("application/pdf", "application/pdf", b"%PDF"),
    ],
)
def test_the_format_is_what_is_accepted(accept: str, expected: str, start: bytes) -> None:
    """Without a `format`, the client's favourite is drawn; a PNG where it has none."""
    response = ask("GET", "/plot", SIMPLE, accept=accept)

    assert response.headers["content-type"] == expected
    assert response.content.startswith(start)


def test_a_format_that_is_asked_for_wins() -> None:
    """`format` is drawn whatever is accepted."""
    response = ask("GET", "/plot", f"{SIMPLE}&format=svg", accept="text/html")

    assert response.headers["content-type"] == "image/svg+xml"


def test_nothing_acceptable_is_refused() -> None:
    """A client that accepts none of the formats is told which there are."""
    found = problem(ask("GET", "/plot", SIMPLE, accept="text/html"))

    assert (found["status"], found["title"]) == (406, "Not Acceptable")
    assert found["detail"] == (
        "$: Expected a client that accepts image/png, image/svg+xml, image/webp, application/pdf, "
        "or a `format`"
    )


def test_an_svg_is_inert() -> None:
    """An SVG opened by itself runs nothing and loads nothing."""
    response = ask("GET", "/plot", f"{SIMPLE}&format=svg")

    assert response.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )


def test_an_svg_is_compressed_for_who_takes_it() -> None:
    """Each coding has a tag of its own; a PNG, which is compressed, is left as it is."""
    query = f"{SIMPLE}&format=svg"
    plain, packed = ask("GET", "/plot", query), ask("GET", "/plot", query, accept_encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in ask("GET", "/plot", SIMPLE, accept_encoding="gzip").headers
    refused = ask("GET", "/plot", query, accept_encoding="gzip;q=0, br")
    assert "content-encoding" not in refused.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_a_chart_that_the_client_has_is_not_drawn(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`If-None-Match` is answered with 304 before anything draws, with the same tag and age."""
    first = ask("GET", "/plot", SIMPLE)
    monkeypatch.setattr("drawing.draw", NEVER)

    response = ask("GET", "/plot", SIMPLE, if_none_match=form.format(first.headers["etag"]))

    assert (response.status, response.content) == (304, b"")
    assert {name: response.headers[name] for name in ("etag", "cache-control", "vary")} == {
        name: first.headers[name] for name in ("etag", "cache-control", "vary")
    }


def test_a_chart_of_another_format_is_drawn() -> None:
    """What the client has as a PNG it does not have as an SVG."""
    first = ask("GET", "/plot", SIMPLE)
    query = f"{SIMPLE}&format=svg"

    assert ask("GET", "/plot", query, if_none_match=first.headers["etag"]).status == 200


def test_the_tag_is_of_the_request_as_it_is_read() -> None:
    """The same chart written another way has the same tag."""
    chart = urlencode({"chart": json.dumps(TINY)})
    packed = base64.urlsafe_b64encode(gzip.compress(json.dumps(TINY, indent=9).encode())).decode()

    tags = {
        ask("GET", "/plot", query).headers["etag"]
        for query in (chart, f"chart={packed}", f"{chart}&format=png", f"{chart}&width=200")
    }

    assert len(tags) == 1


def test_a_post_has_no_condition() -> None:
    """A condition on a POST is passed over, as its answer is nowhere kept."""
    assert ask("POST", "/plot", body=TINY, if_none_match="*").status == 200


@pytest.mark.parametrize("name", ["png", "svg"])
def test_head_has_the_headers_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """HEAD answers as GET would, without drawing, and so without the body and what it shows."""
    query = f"{SIMPLE}&format={name}"
    get = ask("GET", "/plot", query, accept_encoding="gzip")
    monkeypatch.setattr("drawing.draw", NEVER)
    del get.headers["plot-alt"]

    head = ask("HEAD", "/plot", query, accept_encoding="gzip")

    assert head == dataclasses.replace(get, content=b"")
    assert ask("HEAD", "/plot", "kind=bar").status == 400


def test_missing_glyphs_are_named() -> None:
    """Characters that no font has are named in a header, in ASCII."""
    response = ask("GET", "/plot", f"{SIMPLE}&title=a{SQUID}{SQUID}")

    assert response.headers["plot-missing-glyphs"] == "U+1F991"


def test_missing_glyphs_are_counted() -> None:
    """The header stays short."""
    title = quote("".join(chr(code) for code in range(0x1F900, 0x1F950)))
    response = ask("GET", "/plot", f"csv=a%0A1%0A2&width=1600&title={title}")

    names = response.headers["plot-missing-glyphs"].split()
    assert len(names) == drawing.GLYPHS
    assert names[0] == "U+1F900"


def test_columns_left_out_are_named() -> None:
    """Columns that a text keeps from being drawn are named in a header, the first five with it."""
    response = ask("GET", "/plot", "csv=a,%C3%A9%0A1,2%0A2,3%0A3,x")
    many = ask("GET", "/plot", "csv=n,a,b,c,d,e,f,g%0A1" + ",1%25" * 7)

    told = unquote(response.headers["plot-left-out"])
    assert told == "`é` is not drawn: `x` in row 3 is no number"
    *sentences, last = unquote(many.headers["plot-left-out"]).split("; ")
    assert len(sentences) == drawing.SENTENCES
    assert last == "and 2 more"


def test_validate_says_what_would_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is JSON, and nothing is drawn for it."""
    monkeypatch.setattr("drawing.draw", NEVER)

    response = ask("POST", "/plot/validate", body=TINY | {"format": "svg"})

    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    plan = json.loads(response.content)
    kept = {key: plan[key] for key in ("kind", "format", "width", "height", "series", "rows")}
    assert kept == {
        "kind": "line", "format": "svg", "width": 200, "height": 150, "series": ["a"], "rows": 2,
    }  # fmt: skip


def test_validate_names_every_fault() -> None:
    """What cannot be drawn is a problem with all of its faults."""
    found = problem(ask("POST", "/plot/validate", body={"kind": "radar", "width": 1, "z": 0}))

    assert [error["path"] for error in found["errors"]] == ["$.kind", "$.width", "$.z"]


STYLED = TINY | {
    "theme": "lihgt",
    "colors": ["blu", "red", "#12"],
    "background": "papier",
    "lines": [{"y": 1}, {"y": 2, "color": "nothing"}],
}


@pytest.mark.parametrize("path", ["/plot", "/plot/validate"])
def test_a_theme_and_colours_that_are_none_are_named_before_drawing(path: str) -> None:
    """What would be drawn has a theme and colours that there are: a plan promises no other."""
    found = problem(ask("POST", path, body=STYLED))

    assert found["status"] == 400
    assert [error["path"] for error in found["errors"]] == [
        "$.theme", "$.colors[0]", "$.colors[2]", "$.background", "$.lines[1].color",
    ]  # fmt: skip
    assert ask("HEAD", "/plot", urlencode({"chart": json.dumps(STYLED)})).status == 400


def test_validate_takes_the_looks_that_there_are() -> None:
    """Themes and colours by name, as hex and as transparent are planned for."""
    looks = {"theme": "ggplot", "colors": {"a": "tab:blue"}, "background": "transparent"}

    assert ask("POST", "/plot/validate", body=TINY | looks).status == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/plot", "GET, HEAD, POST"),
        ("OPTIONS", "/plot", "GET, HEAD, POST"),
        ("", "/plot", "GET, HEAD, POST"),
        ("GET", "/plot/validate", "POST"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_there_are(method: str, path: str, allow: str) -> None:
    """A path that is there answers other methods with 405, and `Allow`."""
    response = ask(method, path)

    assert (response.status, response.headers["allow"]) == (405, allow)
    assert problem(response)["title"] == "Method Not Allowed"


@pytest.mark.parametrize("path", ["", "/plots", "/plot/", "/plot/validate/x", "/page.html"])
def test_another_path_is_told_which_there_are(path: str) -> None:
    """A path that is not there is answered with 404."""
    found = problem(ask("GET", path))

    assert found["status"] == 404
    assert found["detail"] == "$: Nothing is here, but at /, /openapi.json, /plot, /plot/validate"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (IMG, "image/svg+xml"),
        ("image/webp,image/*;q=0.8,*/*;q=0.5", "image/svg+xml"),
        ("image/png", "application/problem+json"),
        ("image/svg+xml,image/png", "image/svg+xml"),
        ("*/*", "application/problem+json"),
        ("", "application/problem+json"),
        ("image/*,*/*", "application/problem+json"),
        ("image/png,application/json", "application/problem+json"),
        ("text/html", "application/problem+json"),
    ],
)
def test_a_problem_is_an_image_for_who_would_rather_have_one(accept: str, expected: str) -> None:
    """An `<img>` shows what is wrong; who takes JSON as gladly gets that."""
    response = ask("GET", "/plot", "kind=radar&csv=a&format=png", accept=accept)

    assert response.status == 400
    assert response.headers["content-type"] == expected
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "accept"
    if expected == "image/svg+xml":
        assert "radar" in "".join(ElementTree.fromstring(response.content).itertext())
        assert response.headers["content-security-policy"] == webroutes.SVG_POLICY


def test_the_page_runs_only_what_it_holds() -> None:
    """The policy has the hash of each inline script and style, and nothing from elsewhere."""
    response = ask("GET", "/")

    assert response.status == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.content == (PLOT / "page.html").read_bytes()
    policy = dict(
        part.split(" ", 1) for part in response.headers["content-security-policy"].split("; ")
    )
    for kind in ("script", "style"):
        inline = re.findall(rf"<{kind}\b[^>]*>(.*?)</{kind}>", response.content.decode(), re.DOTALL)
        digests = [hashlib.sha256(text.encode()).digest() for text in inline]
        hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
        assert policy.pop(f"{kind}-src").split() == hashes
    assert policy == {
        "default-src": "'none'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", ["/", "/openapi.json"])
def test_a_file_is_sent_once(path: str) -> None:
    """The page and the description are compressed for who takes it, and not sent again."""
    plain, packed = ask("GET", path), ask("GET", path, accept_encoding="br, gzip")

    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    for one, coding in ((plain, ""), (packed, "gzip")):
        tag = one.headers["etag"]
        again = ask("GET", path, accept_encoding=coding, if_none_match=tag)
        assert (again.status, again.content, again.headers["etag"]) == (304, b"", tag)
        head = ask("HEAD", path, accept_encoding=coding)
        assert head == dataclasses.replace(one, content=b"")


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(signing.SECRET, "a secret")
    return "a secret"


def signed(secret: str, seconds: int) -> str:
    url = signing.signed(f"https://example.org/plot?{SIMPLE}", secret, int(time.time()) + seconds)
    return urlsplit(url).query


def test_a_signed_url_is_drawn_until_it_expires(secret: str) -> None:
    """A signed chart is kept no longer than its URL holds."""
    response = ask("GET", "/plot", signed(secret, 100))

    assert response.status == 200
    age = int(response.headers["cache-control"].removeprefix("public, max-age="))
    assert 90 <= age <= 100
    later = ask("GET", "/plot", signed(secret, 1_000_000))
    assert later.headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_not_signed_is_refused(method: str, secret: str) -> None:
    """Where URLs are signed, one that is not, that is changed or that is over is refused."""
    for query in (SIMPLE, f"{signed(secret, 100)}&title=x", signed("another", 100)):
        assert ask(method, "/plot", query, if_none_match="*").status == 403
    response = ask("GET", "/plot", signed(secret, -1))
    assert problem(response)["detail"] == "$: Expected a signed URL that has not expired"


@pytest.mark.usefixtures("secret")
def test_only_charts_by_get_are_signed() -> None:
    """The page, the description and what is posted need no signature."""
    assert ask("GET", "/").status == ask("GET", "/openapi.json").status == 200
    assert ask("POST", "/plot", body=TINY).status == 200
    assert ask("POST", "/plot/validate", body=TINY).status == 200


def test_without_a_secret_a_signature_does_not_count() -> None:
    """A signed URL outlives the secret's removal."""
    assert ask("GET", "/plot", signed("gone", -1)).status == 200


texts = st.text(st.characters(), max_size=20)
pieces = st.sampled_from(
    [
        "kind=bar",
        "csv=a,b%0Ax,1",
        "chart=",
        "{}",
        "width=99",
        "height=99",
        "format=svg",
        "&",
        "=",
        "%",
    ]
)
queries = texts | st.lists(pieces, max_size=9).map("&".join)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    st.sampled_from(["/", "/plot", "/plot/validate", "/openapi.json", "/x"]),
    queries,
    texts | st.sampled_from(['{"kind": "bar"}', "a,b\n1,2"]),
    st.fixed_dictionaries(
        {},
        optional={
            "accept": st.sampled_from([IMG, "image/png", "text/html", "*/*;q=0.1"]) | st.text(),
            "accept_encoding": st.just("gzip") | st.text(),
            "content_type": st.sampled_from(["text/csv", "application/json"]) | st.text(),
            "if_none_match": st.just("*") | st.text(),
        },
    ),
)
def test_answers_any_request(
    method: str, path: str, query: str, body: str, headers: dict[str, str]
) -> None:
    """Whatever is asked, the answer is no server error, and its headers are ASCII."""
    readable = query.encode(errors="replace").decode()
    response = ask(method, path, readable, body, **headers)

    assert response.status in (200, 304, 400, 404, 405, 406, 413, 415)
    assert all(value.isascii() for value in response.headers.values())
    assert response.headers["x-content-type-options"] == "nosniff"
    assert method != "HEAD" or not response.content
