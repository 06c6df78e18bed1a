"""What each kind of chart is made of: which fields of a request mean something to it."""

from collections.abc import Iterator

from chartspec import ChartSpec, Kind
from problems import Fault

NAMES: dict[Kind, str] = {
    "line": "a line chart",
    "area": "an area chart",
    "bar": "a bar chart",
    "scatter": "a scatter chart",
    "histogram": "a histogram",
    "box": "a box plot",
    "violin": "a violin plot",
    "pie": "a pie chart",
    "donut": "a donut chart",
    "heatmap": "a heatmap",
    "step": "a step chart",
    "errorbar": "an errorbar chart",
    "sparkline": "a sparkline",
}

CATEGORICAL: frozenset[Kind] = frozenset(("bar", "box", "violin", "pie", "donut", "heatmap"))
"""Kinds whose x are categories, whatever its type."""

LINES: frozenset[Kind] = frozenset(("line", "area", "step", "sparkline"))
"""Kinds that lead from one x to the next."""

ROUND: frozenset[Kind] = frozenset(("pie", "donut"))

POINTS: frozenset[Kind] = frozenset(("scatter", "errorbar"))
"""Kinds that show each row, also where several are of one category."""

SAMPLES: frozenset[Kind] = frozenset(("box", "violin"))
"""Kinds that show how the values of a category are spread."""

_BARS: frozenset[Kind] = frozenset(("bar",))
_MAPS: frozenset[Kind] = frozenset(("heatmap",))
_PLACED = LINES | POINTS | _BARS
_FRAMED = (frozenset(NAMES) - ROUND) - {"sparkline"}

_MEANT: dict[str, frozenset[Kind]] = {
    "x": frozenset(NAMES) - {"histogram"},
    "y2": _PLACED - {"sparkline"},
    "size": frozenset(("scatter",)),
    "color": frozenset(("scatter",)),
    "error": frozenset(("errorbar",)),
    "value": _MAPS,
    "group_by": _PLACED | ROUND,
    "aggregate": _PLACED | ROUND | _MAPS,
    "resample": _PLACED,
    "rolling": LINES | _BARS,
    "sort": frozenset(NAMES) - {"histogram"},
    "top": frozenset(NAMES) - {"histogram", "sparkline"},
    "stacked": frozenset(("area", "bar")),
    "horizontal": _BARS,
    "bins": frozenset(("histogram",)),
    "labels": frozenset(NAMES) - {"box", "violin", "sparkline"},
    "legend": frozenset(NAMES) - {"sparkline"},
    "x_axis": _FRAMED,
    "y_axis": _FRAMED,
    "y2_axis": _PLACED - {"sparkline"},
    "lines": _FRAMED - {"heatmap"},
    "notes": _FRAMED - {"heatmap"},
}
"""The kinds that a field means something to, where that is not all of them."""


def misplaced(spec: ChartSpec) -> Iterator[Fault]:
    """Find each field that is given and means nothing to the request's kind."""
    without = ChartSpec(kind=spec.kind)
    for name, kinds in _MEANT.items():
        if spec.kind not in kinds and getattr(spec, name) != getattr(without, name):
            yield Fault(path=f"$.{name}", detail=_meaning(name, spec.kind))


def _meaning(name: str, kind: Kind) -> str:
    if name == "x":
        return "A histogram has no x column: name the columns to count in `y`"
    kinds = _MEANT[name]
    if len(kinds) > len(NAMES) - len(kinds):
        return f"Means nothing to {NAMES[kind]}"
    *most, last = (NAMES[other] for other in NAMES if other in kinds)
    listed = f"{', '.join(most)} or {last}" if most else last
    return f"Means something only to {listed}, and this is {NAMES[kind]}"
