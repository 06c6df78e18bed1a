"""Why a request is refused: RFC 9457 problems that name each bad value by its JSON path."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from itertools import islice
from xml.sax.saxutils import escape

import budgets
import msgspec
from captions import clean, shorten, wrap

LONGEST = 1000  # characters of a path or a detail: either may quote the request, megabytes of it


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a request.

    Attributes:
        path: The bad value's JSONPath (RFC 9535), such as `$.columns["build time"][3]`.
        detail: What was expected, and what was found.
    """

    path: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (https://www.rfc-editor.org/rfc/rfc9457).

    Attributes:
        type: `about:blank`: the status says what kind of problem it is.
        title: The status in words.
        status: The HTTP status, for a direct invocation too.
        detail: Every fault, for people.
        errors: Every fault, for programs.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault]


class Refusal(Exception):
    """The request cannot be drawn, and its sender can correct it; `problem` says how."""

    def __init__(
        self, faults: Iterable[Fault], status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        """Refuse a request for all of its faults at once, as far as people read them."""
        errors = [
            Fault(_sendable(fault.path), _sendable(fault.detail))
            for fault in islice(faults, budgets.FAULTS)
        ]
        detail = "; ".join(f"{fault.path}: {fault.detail}" for fault in errors)
        title = "Content Too Large" if status == 413 else status.phrase  # RFC 9110's name
        self.problem = Problem(title=title, status=status, detail=detail, errors=errors)
        super().__init__(detail)


def _sendable(text: str) -> str:
    """Shorten a text that may quote a request, with lone surrogates, which no answer can carry."""
    return shorten(text, LONGEST).encode(errors="backslashreplace").decode()


def refusal(path: str, detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Refusal:
    """Return the refusal of one bad value."""
    return Refusal([Fault(path, detail)], status)


def check_count(path: str, count: int, limit: int, unit: str) -> None:
    """Refuse what is over a budget (413)."""
    if count > limit:
        detail = f"Expected at most {limit:,} {unit}, got {count:,}"
        raise refusal(path, detail, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def check_table(path: str, rows: int, columns: int = 1) -> None:
    """Refuse a table that is over the budgets of rows, columns and cells."""
    check_count(path, rows, budgets.ROWS, "rows")
    check_count(path, columns, budgets.COLUMNS, "columns")
    check_count(path, rows * columns, budgets.CELLS, "cells")


def member(name: str) -> str:
    """Write the step of a JSON path that leads to a member: `.name` or `["any name"]`, in ASCII."""
    return f".{name}" if name.isascii() and name.isidentifier() else f"[{json.dumps(name)}]"


def svg_of(problem: Problem) -> bytes:
    """Draw a problem as an SVG, for the place of an image: its status, and what is wrong."""
    faults = (clean(f"{fault.path}: {fault.detail}") for fault in problem.errors)
    lines = [line for fault in faults for line in wrap(fault, 88, 4)][:14]
    words = "".join(
        f'<text x="24" y="{72 + 24 * at}">{escape(line)}</text>' for at, line in enumerate(lines)
    )
    title, height = escape(f"{problem.status} {problem.title}"), 84 + 24 * len(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="800" height="{height}" '
        f'viewBox="0 0 800 {height}" font-family="DejaVu Sans, sans-serif" font-size="14">'
        f'<rect width="800" height="{height}" fill="#fff4f2"/>'
        f'<text x="24" y="40" font-weight="bold">{title}</text>{words}</svg>'
    ).encode()
