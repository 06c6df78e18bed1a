"""What names a remote, and what cannot."""

import pytest

from shorts.errors import ShortsError
from shorts.remote import address, named
from shorts.remote.address import FORMS, Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket", Address(scheme="s3", place="bucket")),
        ("s3://bucket/", Address(scheme="s3", place="bucket")),
        ("s3://my.bucket-1/a/b/", Address(scheme="s3", place="my.bucket-1", prefix="a/b")),
        ("file:///mnt/shared/", Address(scheme="file", place="/mnt/shared")),
    ],
)
def test_an_address_is_a_bucket_or_a_folder(text: str, expected: Address) -> None:
    """A bucket may have a prefix; slashes at the end mean nothing."""
    assert address.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "bucket/prefix",
        "s3://",
        "s3://Bucket",
        "s3://ab",
        "s3://arn:aws:s3:::bucket",
        "s3://bucket/a//b",
        "s3://bucket/../other",
        "s3://bucket/a b",
        "s3://key:secret@bucket",
        "file://server/folder",
        "file:relative",
        "file:///a\0b",
        "https://example.com",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """ARNs, logins, other hosts and steps upwards are not addresses."""
    with pytest.raises(ShortsError) as refused:
        address.parse(text)
    assert str(refused.value) == f"{text!r} cannot be a remote.\n{FORMS}"


def test_the_variable_counts_before_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable the template counts; an empty variable turns the remote off."""
    monkeypatch.delenv("SHORTS_REMOTE", raising=False)
    assert address.choose("s3://template") == "s3://template"
    assert named("") is None
    monkeypatch.setenv("SHORTS_REMOTE", "s3://variable")
    assert address.choose("s3://template") == "s3://variable"
    monkeypatch.setenv("SHORTS_REMOTE", "")
    assert named("s3://template") is None
