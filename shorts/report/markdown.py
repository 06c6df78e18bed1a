"""Reports on zips as Markdown, for a comment on a pull request."""

from collections.abc import Iterable, Sequence

from shorts.report.compare import Change
from shorts.report.zip_report import Report

_ROWS = 20


def comment(reports: Sequence[Report], gone: Iterable[str], *, is_compared: bool) -> str:
    """Return a table of all zips, and what changed in each.

    Args:
        reports: on the zips, in their order.
        gone: the names of what is not built any more.
        is_compared: whether former zips were looked for; what has none is then new.
    """
    heads = ["", "zipped KB", "unzipped KB", "files"]
    rows = [_row(report, is_compared) for report in reports]
    if is_compared:
        heads = ["", "zipped KB", "change", "unzipped KB", "change", "files"]
        rows += [[_code(name), "", "gone", "", "", ""] for name in gone]
    lines = ["### Size of the zips", "", *_table(heads, rows)]
    for report in reports:
        if report.change and report.change.rows:
            lines += ["", *_details(report.name, report.change)]
    return "\n".join([*lines, ""])


def _row(report: Report, is_compared: bool) -> list[str]:
    name, files = _code(report.name), f"{report.files:,}"
    if not is_compared:
        return [name, _kb(report.zipped), _kb(report.unzipped), files]
    change = report.change
    zipped = _difference(report.zipped - change.zipped) if change else "new"
    unzipped = _difference(report.unzipped - change.unzipped) if change else "new"
    return [name, _kb(report.zipped), zipped, _kb(report.unzipped), unzipped, files]


def _details(name: str, change: Change) -> list[str]:
    rows = [
        [_code(row.name), _kb(row.before), _kb(row.after), _difference(row.difference)]
        for row in change.rows[:_ROWS]
    ]
    counts = f"files: {change.new:,} new, {change.gone:,} gone, {change.changed:,} changed"
    more = f", {len(change.rows) - _ROWS:,} more distributions" if len(change.rows) > _ROWS else ""
    return [
        f"<details><summary>{name}, {counts}{more}</summary>",
        "",
        *_table(["", "before KB", "after KB", "change"], rows),
        "",
        "</details>",
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _code(name: str) -> str:
    return f"`{name}`"


def _kb(size: int) -> str:
    return f"{size / 1000:,.1f}"


def _difference(size: int) -> str:
    return f"{'+' if size > 0 else '−'}{_kb(abs(size))}" if size else "same"
