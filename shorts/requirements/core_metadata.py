"""What a distribution says of itself: its licence and what it requires.

https://packaging.python.org/en/latest/specifications/core-metadata/
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from shorts.requirements.names import normalized
from shorts.targets.target import Target

# A longer ``License`` is the licence itself and not its name.
_LONGEST_NAME = 100
_CLASSIFIER = "License :: "
# Of the headers, in bytes; the longest that are known have a tenth of it.
_MOST = 4_000_000
# A header that counts here, with the lines that continue it.
_HEADER = re.compile(
    r"^(Name|Version|License-Expression|License|Classifier|Requires-Dist)[ \t]*:"
    r"([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
# What a terminal may obey: control characters, and those that turn the direction of a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What counts here of a ``METADATA``.

    Attributes:
        name: normalized; empty where it says none.
        version: as it is written; empty where it says none.
        expression: the licence as an SPDX expression; empty where it gives none.
        licences: the names of its licences, where it gives no expression.
        requires: the names of what it requires on its target without any extra, normalized and
            sorted.
    """

    name: str
    version: str
    expression: str = ""
    licences: list[str] = []
    requires: list[str] = []


def is_metadata(path: str) -> bool:
    """Whether a file, by its path from site-packages, is what this reads."""
    return path.endswith(".dist-info/METADATA") and path.count("/") == 1


def read(data: bytes, target: Target) -> Metadata:
    """Read a ``METADATA``, whatever is in it.

    Args:
        data: its bytes, with or without the description.
        target: where its requirements are to hold.
    """
    said = _headers(data)
    expression = "".join(said["license-expression"][:1])
    return Metadata(
        name=normalized("".join(said["name"][:1])),
        version="".join(said["version"][:1]),
        expression=expression,
        licences=[] if expression else _licences(said["license"], said["classifier"]),
        requires=_requires(said["requires-dist"], target),
    )


def _headers(data: bytes) -> dict[str, list[str]]:
    """The values of each header by its name in lower case, lines that continue one joined to it.

    They are for documents and for a terminal: control characters become spaces.
    """
    head = data[:_MOST].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    said: dict[str, list[str]] = defaultdict(list)
    for match in _HEADER.finditer(head):
        lines = _CONTROL.sub(" ", match[2]).split("\n")
        said[match[1].lower()].append("\n".join(line.strip() for line in lines))
    return said


def _licences(named: Iterable[str], classifiers: Iterable[str]) -> list[str]:
    """Names of licences, from where they are likely to be no more than names."""
    texts = [text for text in named if text and text.upper() != "UNKNOWN"]
    short = [text for text in texts if "\n" not in text and len(text) <= _LONGEST_NAME]
    if short:
        return short[:1]
    classes = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith(_CLASSIFIER)]
    whole = [one for one in dict.fromkeys(classes) if one != "OSI Approved"]
    if whole:
        return whole
    lines = (line.strip("=-*# ") for text in texts for line in text.split("\n"))
    return [line[:_LONGEST_NAME] for line in lines if line][:1]


def _requires(lines: Iterable[str], target: Target) -> list[str]:
    wanted = list(lines)
    if not wanted:
        return []
    from packaging.requirements import Requirement

    found = set()
    for line in wanted:
        try:
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is None or marker.evaluate({**target.markers, "extra": ""}):
                found.add(normalized(requirement.name))
        except (ValueError, RecursionError):  # what an installer has taken all the same
            continue
    return sorted(found)
