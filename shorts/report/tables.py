"""What ``shorts size`` prints: a report as lines of text, and as JSON."""

from collections.abc import Iterable, Sequence

import msgspec

from shorts.emulator.import_time import Import
from shorts.report.compare import Change
from shorts.report.zip_report import Report, SizeGroup

_SIGNS = {"new": "+", "gone": "×", "changed": "≠"}
# Of a longer chain, only the first and the last links are shown.
_LINKS = 6
_GROUPS = 20


def as_json(reports: Iterable[Report]) -> str:
    """Return a list with one object for each zip: the fields of `Report` without `contents`.

    Sizes are in bytes and shares from 0 to 1; ``change`` is null without ``--against``.
    """
    objects = [
        {name: getattr(report, name) for name in report.__struct_fields__ if name != "contents"}
        for report in reports
    ]
    return _json(objects)


def imports_as_json(imports: Iterable[tuple[str, Sequence[tuple[Import, str]]]]) -> str:
    """Return a list with one object for each function: its ``name`` and its ``imports``.

    An import has the fields of `Import`, and the chain as shown, ``why``.
    """
    objects = [
        {
            "name": name,
            "imports": [{**msgspec.structs.asdict(module), "why": why} for module, why in modules],
        }
        for name, modules in imports
    ]
    return _json(objects)


def table(report: Report) -> list[str]:
    """Return a table by distribution, then what was left out, never opened, and changed."""
    head = (
        f"{report.name}  {_kb(report.zipped)} KB zipped  {_kb(report.unzipped)} KB unzipped  "
        f"{report.files:,} files  {report.zip}"
    )
    rows = [("distribution", "zipped KB", "unzipped KB", "share", "files", "why")]
    for row in report.rows:
        name = f"{row.name} {row.version}".strip()
        share = f"{row.share:.1%}"
        rows.append((name, _kb(row.zipped), _kb(row.unzipped), share, f"{row.files:,}", row.why))
    total = ("total", _kb(report.zipped), _kb(report.unzipped), "100.0%", f"{report.files:,}", "")
    lines = [head, *_columns([*rows, total])]
    lines += _size_groups("left out", report.left_out)
    lines += _size_groups("never opened by the events: candidates for Drop", report.candidates)
    return [*lines, *(_change(report.change, report.zipped) if report.change else [])]


def imports_table(name: str, imports: Sequence[tuple[Import, str]]) -> list[str]:
    """Return a table of a function's slowest imports."""
    rows = [("import", "ms", "own ms", "why")]
    rows += [
        (module.name, f"{module.total:,.1f}", f"{module.own:,.1f}", _short(why))
        for module, why in imports
    ]
    return [f"{name}  {imports[0][0].total:,.1f} ms of imports", *_columns(rows)]


def _size_groups(title: str, size_groups: Sequence[SizeGroup]) -> list[str]:
    if not size_groups:
        return []
    rows = [
        (group.name, _kb(group.unzipped), f"{group.files:,}") for group in size_groups[:_GROUPS]
    ]
    more = (
        [f"  and {len(size_groups) - _GROUPS:,} more, in --json"]
        if len(size_groups) > _GROUPS
        else []
    )
    return ["", title, *_columns([("", "unzipped KB", "files"), *rows]), *more]


def _change(change: Change, zipped: int) -> list[str]:
    difference = _signed(zipped - change.zipped)
    lines = ["", f"against {change.zip}  {_kb(change.zipped)} KB zipped  {difference} KB"]
    if change.rows:
        rows = [("distribution", "before KB", "after KB", "difference KB")]
        rows += [
            (row.name, _kb(row.before), _kb(row.after), _signed(row.difference))
            for row in change.rows
        ]
        lines += _columns(rows)
    counts = f"{change.new:,} new, {change.gone:,} gone, {change.changed:,} changed"
    largest = [
        (
            f"{_SIGNS[file.state]} {file.path}",
            _kb(file.before),
            _kb(file.after),
            _signed(file.difference),
        )
        for file in change.largest
    ]
    heads = ("", "before KB", "after KB", "difference KB")
    return [*lines, "", f"files: {counts}", *(_columns([heads, *largest]) if largest else [])]


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines: the first column and ``why`` to the left, numbers to the right."""
    text = {0, *(number for number, head in enumerate(rows[0]) if head == "why")}
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            f"{cell:{'<' if number in text else '>'}{widths[number]}}"
            for number, cell in enumerate(row)
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def _short(chain: str) -> str:
    links = chain.split(" → ")
    if len(links) > _LINKS:
        links = [*links[: _LINKS // 2], "…", *links[-(_LINKS // 2) :]]
    return " → ".join(links)


def _kb(size: int) -> str:
    return f"{size / 1000:,.1f}"


def _signed(size: int) -> str:
    return f"{'+' if size > 0 else '−' if size < 0 else ''}{_kb(abs(size))}"


def _json(document: object) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
