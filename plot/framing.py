"""The axes of a kind of chart: which values they hold, and what they are called."""

from collections.abc import Sequence

import numpy as np
import scales
from captions import clean
from chartdata import ChartData, position
from chartspec import Axis, Bound, ChartSpec
from marks import Floats
from scales import Scale


def names_of(data: ChartData) -> list[str]:
    """Return the series' names as they are written."""
    return [clean(one.name) or "(no name)" for one in data.series]


def title_of(axis: Axis, name: str) -> str:
    """Return an axis' title: what the request says, else the column's name."""
    return name if axis.label is None else axis.label


def along_scale(spec: ChartSpec, data: ChartData, margin: float = 0.02) -> Scale:
    """Return the axis of the x column.

    Args:
        spec: The request.
        data: What is drawn.
        margin: Share of the range that is left free at each end.
    """
    axis, title = spec.x_axis, title_of(spec.x_axis, data.x_name)
    if data.x_type == "category":
        return Scale(
            axis=axis, title=title, low=-0.5, high=len(data.labels) - 0.5, labels=data.labels
        )
    values = np.concatenate([one.x for one in data.series])
    low, high = _range([values])

    def place(name: str, bound: Bound | None) -> float | None:
        return None if bound is None else position(spec, data, bound, f"$.x_axis.{name}")

    fixed = (place("min", axis.min), place("max", axis.max))
    low, high = scales.ends(axis, low, high, fixed=fixed, margin=margin)
    dates = data.x_type == "date"
    whole = not dates and bool((values == np.round(values)).all())
    return Scale(axis=axis, title=title, low=low, high=high, log=axis.log, dates=dates, whole=whole)


def value_scales(
    spec: ChartSpec,
    data: ChartData,
    reaches: Sequence[Floats],
    *,
    floor: float | None = None,
    margin: float = 0.06,
    doubled: bool = False,
) -> tuple[Scale, Scale | None]:
    """Return the axis of the values, and the second one if there is one.

    Args:
        spec: The request.
        data: What is drawn.
        reaches: For each series the values that it takes up.
        floor: What bars or areas stand on.
        margin: Share of the range that is left free at each end.
        doubled: Whether each series has two of the reaches.
    """
    times = 2 if doubled else 1
    owners = [one for one in data.series for _ in range(times)]
    found: list[Scale | None] = []
    for second, axis in ((False, spec.y_axis), (True, spec.y2_axis)):
        own = [reach for one, reach in zip(owners, reaches, strict=True) if one.second == second]
        if not own:
            found.append(None)
            continue
        names = [one.name for one in data.series if one.second == second]
        title = title_of(axis, names[0] if len(names) == 1 else "")
        found.append(value_scale(axis, title, own, floor=floor, margin=margin))
    first, other = found
    if first is None:  # all of them are of the second axis
        return other or value_scale(spec.y_axis, "", []), other
    return first, other


def value_scale(
    axis: Axis,
    title: str,
    reaches: Sequence[Floats],
    *,
    floor: float | None = None,
    margin: float = 0.06,
    whole: bool = False,
) -> Scale:
    """Return an axis of values.

    Args:
        axis: What the request says of it.
        title: What it shows.
        reaches: What it holds.
        floor: What bars or areas stand on.
        margin: Share of the range that is left free at each end.
        whole: Whether it is marked at whole numbers only.
    """
    kept = [reach[reach > 0] for reach in reaches] if axis.log else reaches
    low, high = _range(kept, 1.0 if axis.log else 0.0)
    fixed = (_number(axis.min), _number(axis.max))
    low, high = scales.ends(axis, low, high, fixed=fixed, margin=margin, floor=floor)
    return Scale(axis=axis, title=title, low=low, high=high, log=axis.log, whole=whole)


def _number(bound: Bound | None) -> float | None:
    return None if bound is None or isinstance(bound, str) else float(bound)


def _range(parts: Sequence[Floats], default: float = 0.0) -> tuple[float, float]:
    known = [part[np.isfinite(part)] for part in parts]
    ends = [(float(part.min()), float(part.max())) for part in known if len(part)]
    if not ends:
        return default, default
    return min(low for low, _ in ends), max(high for _, high in ends)
