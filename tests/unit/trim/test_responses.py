"""When two answers to one event are the same."""

import json

import pytest

from shorts.trim import responses


def differences(one: object, other: object, ids: tuple[str, str] = ("", "")) -> list[str]:
    """The paths at which two answers differ."""
    read = [
        responses.read(value if isinstance(value, bytes) else json.dumps(value).encode(), name)
        for value, name in zip((one, other), ids, strict=True)
    ]
    return responses.differences(*read)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["$.a"]),
        ({"a": 1}, {"a": 1.0}, ["$.a"]),
        ({"a": 1}, {"a": True}, ["$.a"]),
        ({"a": 1}, {"b": 1}, ["$.a", "$.b"]),
        ({"a": {}}, {"a": []}, ["$.a"]),
        ({"a": [1, 2]}, {"a": [1]}, ["$.a[1]"]),
        ({"statusCode": 200, "body": '{"n": 1}'}, {"statusCode": 200, "body": '{"n": 2}'},
         ["$.body as JSON: $.n"]),
        ({"body": "{no"}, {"body": "{now"}, ["$.body"]),
        (None, {}, ["$"]),
        (b"plain", b"plain", []),
        (b"\xff", b"\xfe", ["$"]),
        (b'{"a": NaN}', b'{"a": NaN}', []),
        ([[[]]], [[[]]], []),
    ],
)  # fmt: skip
def test_values(one: object, other: object, expected: list[str]) -> None:
    """Each value that differs is named by its path, also within a body of JSON."""
    assert differences(one, other) == expected


def test_request_ids() -> None:
    """Each answer's own does not differ; another's does."""
    assert differences({"id": "one"}, {"id": "two"}, ("one", "two")) == []
    assert differences({"id": "one"}, {"id": "one"}, ("one", "two")) == ["$.id"]


def test_dates_in_headers() -> None:
    """A date does not count as a difference in any header; elsewhere it does."""
    early, late = "Wed, 12 Mar 2025 19:03:58 GMT", "Thu, 13 Mar 2025 01:00:00 GMT"
    cookie = "a=1; expires=Wed, 12-Mar-2025 19:03:58 GMT; path=/"
    other = cookie.replace("19:03", "20:04")
    assert not differences({"headers": {"date": early}}, {"headers": {"date": late}})
    assert not differences({"headers": {"Expires": "0"}}, {"headers": {"Expires": late}})
    assert not differences({"headers": {"set-cookie": cookie}}, {"headers": {"set-cookie": other}})
    assert not differences(
        {"multiValueHeaders": {"X-At": [early]}}, {"multiValueHeaders": {"X-At": [late]}}
    )
    assert not differences({"cookies": [cookie]}, {"cookies": [other]})
    assert differences({"headers": {"etag": "1"}}, {"headers": {"etag": "2"}}) == ["$.headers.etag"]
    assert differences({"body": early}, {"body": late}) == ["$.body"]


def test_failures() -> None:
    """Of a failure the type and the message count, and not where it was raised."""
    failure = {"errorType": "KeyError", "errorMessage": "'a'", "requestId": "x"}
    again = {**failure, "requestId": "y", "stackTrace": ["  File …"]}
    assert differences(failure, again) == []
    assert differences(failure, {**failure, "errorMessage": "'b'"}) == ["$.errorMessage"]
