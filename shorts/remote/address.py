"""Where a remote is: the variable that names it, and the two forms of its address."""

import os
import re
from pathlib import Path
from typing import Literal

import msgspec

from shorts.errors import ShortsError

VARIABLE = "SHORTS_REMOTE"
FORMS = "Write s3://BUCKET/PREFIX, or file:///FOLDER of a shared disk."
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html ("safe characters")
_PREFIX = re.compile(r"([\w!.*'()-]+(/[\w!.*'()-]+)*)?", re.ASCII)


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a remote.

    Attributes:
        scheme: of its address.
        place: the bucket, or the absolute path of the folder.
        prefix: what the names of all objects in the bucket begin with; it may be empty.
    """

    scheme: Literal["s3", "file"]
    place: str
    prefix: str = ""


def choose(template: str) -> str:
    """Return the address of the remote to use; empty for none.

    ``SHORTS_REMOTE`` counts before the template; set to nothing, it turns the remote off.
    """
    return os.environ.get(VARIABLE, template)


def parse(text: str) -> Address:
    """Return an address.

    Raises:
        ShortsError: it has neither form.
    """
    scheme, separator, place = text.partition("://")
    if scheme == "file" and separator and place.startswith("/") and "\0" not in place:
        return Address(scheme="file", place=str(Path(place)))
    bucket, _, prefix = place.partition("/")
    prefix = prefix.strip("/")
    dots = {".", ".."} & {*prefix.split("/")}
    if scheme == "s3" and _BUCKET.fullmatch(bucket) and _PREFIX.fullmatch(prefix) and not dots:
        return Address(scheme="s3", place=bucket, prefix=prefix)
    raise ShortsError(f"{text!r} cannot be a remote.\n{FORMS}")
