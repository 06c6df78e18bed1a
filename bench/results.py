"""The figures of each zip, and their Markdown: the talk's table, run again."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from bench.measure import padded, spread

# Time to a working zip in s, and its size in KB, from the talk "Packaging for serverless:
# effortless? Doubtless", in the order of its table.
TALK: dict[tuple[str, str], tuple[float, int]] = {
    ("pip_echo_alone", "EchoFunction"): (5.1, 228),
    ("pip_echo_and_plot", "EchoFunction"): (109, 47_632),
    ("pants", "EchoFunction"): (2.0, 198),
    ("pip_echo_and_plot", "PlotFunction"): (102, 47_635),
    ("pants", "PlotFunction"): (7.7, 40_109),
}


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one function's zip by one system.

    Attributes:
        clean: seconds to the zip with warm download caches only, run by run.
        unchanged: seconds to build it again.
        edited: seconds to build it after an edit of the handler's module.
        zipped: the zip's size in bytes.
        unzipped: bytes of its content.
        files: how many it holds.
        init: durations of its init phase in ms, each in a new sandbox.
        first: durations of the first invocations in ms, after the init.
        repeats: whether all builds from nothing, in two folders, gave the same bytes.
        answers: how many sample events it answers like its sources.
    """

    clean: list[float]
    unchanged: list[float]
    edited: list[float]
    zipped: int
    unzipped: int
    files: int
    init: list[float]
    first: list[float]
    repeats: bool
    answers: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one function with one system.

    Attributes:
        function: its logical id.
        system: the system's name.
        title: the system's name in tables.
        remark: what a reader of its row must know.
        state: ``measured``; ``absent`` if the system cannot run here; ``failed`` if it ran, and
            made no zip that answers correctly.
        why: it was not measured, in words.
        figures: those of a measured one.
    """

    function: str
    system: str
    title: str
    remark: str
    state: Literal["measured", "absent", "failed"]
    why: str = ""
    figures: Figures | None = None


def tables(results: Sequence[Result]) -> list[str]:
    """Return a document's lines: the talk's table, all other figures, what was not measured."""
    ordered = sorted(results, key=_place)
    made = [(result, result.figures) for result in ordered if result.figures is not None]
    lines: list[str] = []
    if made:
        head = _TALKED if any(_key(result) in TALK for result, _ in made) else _TODAY
        cells = [dict(zip(_TALKED, _talked(*pair), strict=True)) for pair in made]
        lines += [*padded([head, *([row[name] for name in head] for row in cells)]), ""]
        lines += [*padded([_IN_FULL, *(_in_full(*pair) for pair in made)])]
    remarks = {result.title: result.remark for result, _ in made if result.remark}
    notes = [f"- {title}: {remark}" for title, remark in remarks.items()]
    for result in ordered:
        if result.figures is None:
            what = "cannot run here" if result.state == "absent" else "was not measured"
            notes.append(f"- {_lambda(result)}, {result.title}, {what}: {result.why}")
    return [*lines, *([""] if lines and notes else []), *notes]


def _key(result: Result) -> tuple[str, str]:
    return result.system, result.function


def _place(result: Result) -> int:
    """Return a result's place: the talk's rows come first, in the talk's order."""
    return list(TALK).index(_key(result)) if _key(result) in TALK else len(TALK)


_TALKED = ["Lambda", "Build system", "Then (s)", "Time (s)", "Then (KB)", "Zip size (KB)"]
_TODAY = [name for name in _TALKED if not name.startswith("Then")]
_IN_FULL = [
    "Lambda",
    "Build system",
    "Nothing changed (s)",
    "Handler edited (s)",
    "Unzipped (KB)",
    "Files",
    "Init (ms)",
    "First invocation (ms)",
    "Same bytes",
    "Right answers",
]


def _talked(result: Result, figures: Figures) -> list[str]:
    seconds, size = TALK.get(_key(result), (None, None))
    return [
        _lambda(result),
        result.title,
        "–" if seconds is None else f"{seconds:g}",
        spread(figures.clean),
        "–" if size is None else f"{size:,}",
        _kilobytes(figures.zipped),
    ]


def _in_full(result: Result, figures: Figures) -> list[str]:
    return [
        _lambda(result),
        result.title,
        spread(figures.unchanged),
        spread(figures.edited),
        _kilobytes(figures.unzipped),
        f"{figures.files:,}",
        spread(figures.init),
        spread(figures.first),
        "yes" if figures.repeats else "no",
        str(figures.answers or "not asked"),
    ]


def _lambda(result: Result) -> str:
    """Return the talk's name of a function: it says if Echo shares its list with Plot."""
    name = result.function.removesuffix("Function")
    return f"{name} (with Plot)" if (name, result.system) == ("Echo", "pip_echo_and_plot") else name


def _kilobytes(size: int) -> str:
    return f"{size / 1000:,.0f}"
