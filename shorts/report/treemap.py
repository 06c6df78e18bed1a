"""The page of ``shorts size --html``: one file with a treemap that loads nothing else."""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.report import compare
from shorts.report.zip_files import KINDS, STRUCTURE, File
from shorts.report.zip_report import Report

_TEMPLATE = Path(__file__).with_name("treemap.html")
_STATES = ("same", "changed", "new", "gone")
_CODE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


def check_target(path: Path) -> None:
    """Refuse to overwrite anything but an earlier page.

    Raises:
        ShortsError: something else is there.
    """
    if os.path.lexists(path) and not _is_page(path):
        raise ShortsError(
            f"{path} is not a page of shorts, so it stays as it is.\n"
            "Name another file: --html FILE."
        )


def _is_page(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    beginning = _TEMPLATE.read_bytes().partition(b"@")[0]
    with path.open("rb") as file:
        return file.read(len(beginning)) == beginning


def page(reports: Sequence[tuple[Report, Sequence[File]]]) -> str:
    """Return the page, as HTML.

    Paths come from zips that anyone may have made: the page has them as JSON without a ``<``, and
    the script writes them as text. The policy allows only the page's own style and script.

    Args:
        reports: on one zip or several, each with the files of the zip that it is compared with.
    """
    template = _TEMPLATE.read_text(encoding="utf-8")
    allowed = [f"{name}-src {_digest(code)}" for name, code in _CODE.findall(template)]
    document = {
        "kinds": KINDS,
        "functions": [_function(report, former) for report, former in reports],
    }
    data = msgspec.json.encode(document).decode().replace("<", "\\u003c")
    values = {
        "TITLE": escape(", ".join(report.name for report, _ in reports)),
        "POLICY": "; ".join(("default-src 'none'", "img-src data:", "base-uri 'none'", *allowed)),
        "DATA": data,
    }
    return re.sub("@(TITLE|POLICY|DATA)@", lambda match: values[match[1]], template)


def _digest(code: str) -> str:
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _function(report: Report, former: Sequence[File]) -> dict[str, object]:
    """Return one zip as the script reads it: groups, changes and files as lists, to be short.

    A file is its path, the number of its owner, its bytes zipped and unzipped, the numbers of its
    kind and its state, and its bytes zipped and unzipped in the former zip.
    """
    change = report.change
    rows = {row.name: row for row in report.rows if row.name != STRUCTURE}
    owners = list(dict.fromkeys((*rows, *(file.owner for file in former))))
    numbers = {name: number for number, name in enumerate(owners)}
    states = {file.path: file.state for file in compare.files(former, report.contents)}
    before = {file.path: file for file in former} if change else {}
    after = {file.path: file for file in report.contents}
    return {
        "name": report.name,
        "zip": report.zip,
        "zipped": report.zipped,
        "unzipped": report.unzipped,
        "structure": {
            "name": STRUCTURE,
            "after": report.zipped - sum(file.zipped for file in report.contents),
            "before": change.zipped - sum(file.zipped for file in former) if change else 0,
        },
        "owners": [
            (name, rows[name].version, rows[name].why) if name in rows else (name, "", "")
            for name in owners
        ],
        "files": [
            (
                path,
                numbers[file.owner],
                after[path].zipped if path in after else 0,
                after[path].unzipped if path in after else 0,
                KINDS.index(file.kind),
                _STATES.index(states[path]) if change and path in states else 0,
                before[path].zipped if path in before else 0,
                before[path].unzipped if path in before else 0,
            )
            for path, file in {**before, **after}.items()
        ],
        "leftOut": [(heap.name, heap.unzipped, heap.files) for heap in report.left_out],
        "candidates": [(heap.name, heap.unzipped, heap.files) for heap in report.candidates],
        "against": change
        and {
            "zip": change.zip,
            "zipped": change.zipped,
            "new": change.new,
            "gone": change.gone,
            "changed": change.changed,
            "largest": [
                (file.path, file.state, file.before, file.after) for file in change.largest
            ],
        },
    }
