"""Echo: bodies that are JSON or forms, taken apart."""

import base64
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import Json, described, http, invoke

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=X"


def parsed(content_type: str, body: str, *, is_base64: bool = False) -> Json:
    """Describe a request with a body; return what was made of that."""
    headers = {"content-type": content_type}
    event = http(method="POST", headers=headers, body=body, isBase64Encoded=is_base64)
    document = described(invoke(event))
    names = ("json", "formFields", "multipart", "bodyFault")
    return {name: document[name] for name in names if name in document}


class TestJson:
    @pytest.mark.parametrize(
        "kind", ["application/json", "Application/JSON; charset=utf-8", "application/ld+json"]
    )
    def test_parses_json(self, kind: str) -> None:
        """A body is JSON by its type."""
        assert parsed(kind, ' {"a": [1, null]}\n') == {"json": {"a": [1, None]}}

    @pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonp", "application/xml"])
    def test_leaves_others_be(self, kind: str) -> None:
        """What is not said to be JSON is not taken for it."""
        assert parsed(kind, "{}") == {}

    def test_keeps_what_was_written(self) -> None:
        """Numbers and repeated names come back as they were sent."""
        body = '{"a":1.10,"a":12345678901234567890123,"b":1e5}'
        headers = {"content-type": "application/json"}
        response = invoke(http(method="POST", headers=headers, body=body))
        assert f'"json":{body},' in response["body"]

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            ('{"a": ', "Input data was truncated"),
            ("[1,]", "JSON is malformed: trailing comma in array (byte 3)"),
            ("1e999", "Number out of range"),
            ("[" * 100_000, "Expected JSON that is less deeply nested"),
        ],
    )
    def test_says_why_it_is_none(self, body: str, fault: str) -> None:
        """A body that is not what its type says is described, and so is what is wrong."""
        assert parsed("application/json", body) == {"bodyFault": fault}

    def test_says_that_bytes_are_none(self) -> None:
        """JSON is UTF-8."""
        body = base64.b64encode(b'"\xff"').decode()
        fault = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
        assert parsed("application/json", body, is_base64=True) == {"bodyFault": fault}

    def test_takes_no_large_body_apart(self) -> None:
        """A large body is not sent back twice."""
        body = json.dumps("x" * 256 * 1024)
        fault = "Expected at most 262144 bytes to take apart, got 262146"
        assert parsed("application/json", body) == {"bodyFault": fault}


class TestForm:
    def test_parses_a_form(self) -> None:
        """A form's fields come decoded, in the order sent."""
        fields = [["tag", "b"], ["q", "café au lait"], ["tag", "a"], ["", ""]]
        assert parsed(FORM, "tag=b&q=caf%C3%A9+au+lait&tag=a&=") == {"formFields": fields}

    @settings(deadline=None)
    @given(pairs=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=1))
    def test_parses_any_form(self, pairs: list[tuple[str, str]]) -> None:
        """Whatever a browser encodes comes back."""
        assert parsed(FORM, urlencode(pairs)) == {"formFields": [list(pair) for pair in pairs]}

    def test_takes_no_large_form_apart(self) -> None:
        """A form has so many fields."""
        fault = "Expected at most 1000 fields, got 1001"
        assert parsed(FORM, "&" * 1_000) == {"bodyFault": fault}


class TestMultipart:
    def test_parses_parts(self) -> None:
        """A field's text is shown, a file's size; quotes and case do not matter."""
        body = (
            "preamble\r\n--X\r\n"
            'Content-Disposition: form-data; name="a \\"b\\""\r\n\r\n'
            "one\r\ntwo\r\n--X  \r\n"
            "content-disposition: form-data; NAME=c; filename=d.txt\r\n"
            "content-type: text/plain\r\n\r\n\r\n--X--\r\nepilogue"
        )
        assert parsed(MULTIPART, body)["multipart"] == [
            {
                "name": 'a "b"',
                "filename": None,
                "contentType": None,
                "size": 8,
                "text": "one\r\ntwo",
            },
            {
                "name": "c",
                "filename": "d.txt",
                "contentType": "text/plain",
                "size": 0,
                "text": None,
            },
        ]

    def test_reads_a_quoted_boundary(self) -> None:
        """A boundary may stand in quotes."""
        kind = 'multipart/form-data; charset=x; Boundary="a b"'
        assert parsed(kind, "--a b\r\n\r\nx\r\n--a b--")["multipart"][0]["text"] == "x"

    def test_shows_no_text_of_bytes(self) -> None:
        """A part that is not UTF-8 has a size."""
        body = base64.b64encode(b"--X\r\n\r\n\xff\r\n--X--").decode()
        (part,) = parsed(MULTIPART, body, is_base64=True)["multipart"]
        assert (part["size"], part["text"]) == (1, None)

    def test_takes_no_part_apart(self) -> None:
        """An e-mail, or a multipart file, is a file like any other."""
        inner = "--Y\r\n\r\n.\r\n--Y--"
        body = "".join(
            f'--X\r\nContent-Disposition: form-data; filename="f"\r\nContent-Type: {kind}\r\n\r\n'
            f"{inner}\r\n"
            for kind in ("multipart/mixed; boundary=Y", "message/rfc822")
        )
        parts = parsed(MULTIPART, f"{body}--X--")["multipart"]
        assert [part["size"] for part in parts] == [len(inner), len(inner)]

    @pytest.mark.parametrize(
        ("sent", "filename"),
        [
            ('filename="é.txt"', "é.txt"),
            ("filename*=utf-8''%C3%A9.txt", "é.txt"),
            ("filename*=none''%C3%A9.txt", "Ã©.txt"),
            ("filename*=unicode_escape''%5Cud800", "?"),
            ("filename*0=a; filename*1=b", "ab"),
            ('filename=""', None),
        ],
    )
    def test_reads_names_of_files(self, sent: str, filename: str | None) -> None:
        """A file's name is read as browsers and as RFC 2231 write it, and is always Unicode."""
        body = f"--X\r\nContent-Disposition: form-data; {sent}\r\n\r\n\r\n--X--"
        (part,) = parsed(MULTIPART, body)["multipart"]
        assert part["filename"] == filename

    @pytest.mark.parametrize(
        ("kind", "body", "fault"),
        [
            (
                MULTIPART,
                f"--X\r\na: {';' * 2_048}\r\n\r\n\r\n--X--",
                "Expected at most 2048 bytes of a part's headers, got 2053",
            ),
            (
                "multipart/form-data",
                "--X--",
                "Expected a boundary of 1 to 70 ASCII characters in the content type",
            ),
            (
                MULTIPART,
                "no boundary",
                "Expected parts between boundaries, and `--` after the last boundary",
            ),
            (
                MULTIPART,
                "--X\r\na: b\r\n\r\nc",
                "Expected parts between boundaries, and `--` after the last boundary",
            ),
            (
                MULTIPART,
                "--X\r\na: b\r\n--X--",
                "Expected a part's headers, a blank line and its body",
            ),
            (
                MULTIPART,
                "--X\r\n\r\n\r\n" * 1_001 + "--X--",
                "Expected at most 1000 parts, got 1001",
            ),
        ],
    )
    def test_says_why_it_is_none(self, kind: str, body: str, fault: str) -> None:
        """A body without parts is described, and so is what is wrong."""
        assert parsed(kind, body) == {"bodyFault": fault}


KINDS = st.sampled_from(["application/json", FORM, MULTIPART, "multipart/form-data;boundary=-"])
PIECES = st.sampled_from(
    [b"--X", b"\r\n", b"\r\n\r\n", b"--", b"a: b", b"%", b"&", b"=", b'{"', b":"]
)


class TestAnyBody:
    @settings(deadline=None)
    @given(
        content=st.binary(min_size=1) | st.lists(PIECES, min_size=1).map(b"".join),
        kind=KINDS | st.text(max_size=40),
    )
    def test_takes_any_body(self, content: bytes, kind: str) -> None:
        """No body and no content type raises, and at most one thing is said of it."""
        body = base64.b64encode(content).decode()
        assert len(parsed(kind, body, is_base64=True)) <= 1
