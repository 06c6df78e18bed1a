"""The metadata of a distribution: its licence and what it requires.

https://packaging.python.org/en/latest/specifications/core-metadata/
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from shorts.requirements.names import normalized
from shorts.targets.target import Target

if TYPE_CHECKING:
    from packaging.requirements import Requirement

# A longer ``License`` is the licence's text and not its name.
_LONGEST_NAME = 100
_CLASSIFIER = "License :: "
# The most of the headers that is read, in bytes; the longest known ones have a tenth of it.
_MOST = 4_000_000
# A header that is read here, with its continuation lines. Others are dropped first, because the
# parser's time is the square of the number of different headers.
_HEADER = re.compile(
    rb"^(?:Name|Version|License-Expression|License|Classifier|Requires-Dist)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
# What may control a terminal: control characters, and those that change the direction of a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a ``METADATA`` that are used here.

    Attributes:
        name: normalized; empty where it is missing.
        version: as it is written; empty where it is missing.
        expression: the licence as an SPDX expression; empty where it is missing.
        licences: the names of its licences, where there is no expression.
        requires: the names of what it requires on its target without any extra, normalized and
            sorted.
    """

    name: str
    version: str
    expression: str = ""
    licences: list[str] = []
    requires: list[str] = []


def is_metadata(path: str) -> bool:
    """Return whether a path from site-packages is that of a ``METADATA``."""
    return path.endswith(".dist-info/METADATA") and path.count("/") == 1


def read(data: bytes, target: Target) -> Metadata:
    """Read a ``METADATA``; invalid content raises nothing.

    Args:
        data: its bytes, with or without the description.
        target: where its requirements have to hold.
    """
    headers = _headers(data)
    expression = "".join(headers["license_expression"][:1])
    return Metadata(
        name=normalized("".join(headers["name"][:1])),
        version="".join(headers["version"][:1]),
        expression=expression,
        licences=[] if expression else _licences(headers["license"], headers["classifiers"]),
        requires=_requires(headers["requires_dist"], target),
    )


def _headers(data: bytes) -> dict[str, list[str]]:
    """Return each header's values by its name in ``packaging.metadata``.

    They are for documents and for a terminal: control characters become spaces.
    """
    from packaging.metadata import parse_email

    head = data[:_MOST].replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n"
    raw, invalid = parse_email(b"".join(_HEADER.findall(head)))
    names = ("name", "version", "license_expression", "license", "classifiers", "requires_dist")
    headers: dict[str, list[str]] = {}
    for name in names:
        values: Any = raw.get(name) or invalid.get(name.removesuffix("s").replace("_", "-")) or []
        headers[name] = [
            _plain(value) for value in ([values] if isinstance(values, str) else values)
        ]
    return headers


def _plain(value: str) -> str:
    lines = _CONTROL.sub(" ", value).split("\n")
    return "\n".join(line.strip() for line in lines)


def _licences(named: Iterable[str], classifiers: Iterable[str]) -> list[str]:
    """Return the names of licences, from the fields that most likely hold only names."""
    texts = [text for text in named if text and text.upper() != "UNKNOWN"]
    short = [text for text in texts if "\n" not in text and len(text) <= _LONGEST_NAME]
    if short:
        return short[:1]
    classes = [
        classifier.rpartition(" :: ")[2]
        for classifier in classifiers
        if classifier.startswith(_CLASSIFIER)
    ]
    whole = [name for name in dict.fromkeys(classes) if name != "OSI Approved"]
    if whole:
        return whole
    lines = (line.strip("=-*# ") for text in texts for line in text.split("\n"))
    return [line[:_LONGEST_NAME] for line in lines if line][:1]


def required(data: bytes) -> list[str]:
    """Return the normalized names of what a ``METADATA`` requires for any target and any extra."""
    return sorted(
        {
            normalized(requirement.name)
            for requirement in _requirements(_headers(data)["requires_dist"])
        }
    )


def _requires(lines: Iterable[str], target: Target) -> list[str]:
    environment = {**target.markers, "extra": ""}
    required = set()
    for requirement in _requirements(lines):
        try:
            if requirement.marker is None or requirement.marker.evaluate(environment):
                required.add(normalized(requirement.name))
        except (ValueError, RecursionError):  # such as a comparison that makes no sense
            continue
    return sorted(required)


def _requirements(lines: Iterable[str]) -> "Iterator[Requirement]":
    from packaging.requirements import Requirement

    for line in lines:
        try:
            yield Requirement(line)
        except (ValueError, RecursionError):  # invalid, though an installer has accepted it
            continue
