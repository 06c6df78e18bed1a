"""Long lines: that few of their points show what all of them show."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import decoding
import drawing
import planning
import thinning

COUNT = 30_000
PLACES = list(range(1, COUNT + 1))
NOISE = np.random.default_rng(0).normal(5, 1, COUNT)
WAVES = 5 + np.sin(np.arange(COUNT) / 300)
WALK = 100 + np.cumsum(NOISE - 5)
GAPS: list[float | None] = WAVES.tolist()
GAPS[5_000:9_000] = [None] * 4_000
GAPS[::1_000] = [None] * 30


@settings(deadline=None)
@given(
    st.lists(st.none() | st.floats(-1e9, 1e9), min_size=50, max_size=400),
    st.integers(2, 10),
)
def test_each_column_keeps_its_extremes_and_ends(values: list[float | None], columns: int) -> None:
    """A column's first, lowest, highest and last value are kept, whatever else is left out."""
    y = np.array(values, dtype=np.float64)
    column = np.arange(len(y)) * columns // len(y)

    kept = thinning.kept(column, y)

    assert (np.diff(kept) > 0).all()
    assert len(kept) <= 2 * planning.A_COLUMN * columns
    for number in range(columns):
        mine, left = np.flatnonzero(column == number), kept[column[kept] == number]
        assert (left[0], left[-1]) == (mine[0], mine[-1])
        if np.isfinite(y[mine]).any():
            ends = np.nanmin(y[left]), np.nanmax(y[left])
            assert ends == (np.nanmin(y[mine]), np.nanmax(y[mine]))


def test_a_gap_within_a_column_parts_what_lies_beside_it() -> None:
    """What is before a gap keeps its extremes, and so does what is behind it."""
    y = np.array([1, 9, 2, 3, 4, np.nan, 5, 6, 70, 60, 65, 66])

    kept = thinning.kept(np.zeros(12, dtype=np.int64), y)

    assert kept.tolist() == [0, 1, 5, 6, 8, 11]


def test_a_short_line_keeps_all() -> None:
    """Where columns have few points each, and where there is no point, nothing is left out."""
    assert thinning.kept(np.arange(5), np.ones(5)).tolist() == [0, 1, 2, 3, 4]
    assert thinning.kept(np.zeros(0, dtype=np.int64), np.array([])).tolist() == []


Pixels = npt.NDArray[np.float64]


def pixels(spec: dict[str, Any], finer: int = 1) -> Pixels:
    """Draw a chart with so many pixels for each of its own a side, and mix them."""
    drawn = drawing.draw(decoding.decode(spec | {"scale": spec.get("scale", 1) * finer}))
    image = np.asarray(Image.open(io.BytesIO(drawn.content)).convert("RGB"), dtype=np.float64)
    high, wide = image.shape[0] // finer, image.shape[1] // finer
    mixed: Pixels = image.reshape(high, finer, wide, finer, 3).mean(axis=(1, 3))
    return mixed


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": {"v": NOISE.tolist()}},
        {"columns": {"v": WAVES.tolist()}, "scale": 2},
        {"columns": {"v": WALK.tolist()}},
        {"columns": {"v": GAPS}},
        {"columns": {"v": WALK.tolist()}, "kind": "step"},
        {"columns": {"v": WAVES.tolist()}, "kind": "step"},
        {"columns": {"v": NOISE.tolist(), "w": WAVES.tolist()}, "kind": "area"},
        {"columns": {"v": WALK.tolist()}, "kind": "area", "stacked": False},
        {"columns": {"v": WAVES.tolist()}, "kind": "sparkline"},
        {"columns": {"n": PLACES, "v": WALK.tolist()}, "x": "n", "x_axis": {"log": True}},
        {"columns": {"v": WALK.tolist()}, "x_axis": {"min": 2_000, "max": 4_500}},
        {"columns": {"v": WALK.tolist(), "w": NOISE.tolist()}, "y2": ["w"]},
    ],
    ids=lambda fields: "-".join([fields.get("kind", "line"), *list(fields)[1:]]),
)
def test_what_is_seen_does_not_change(
    fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few points come as near to what an image several times as fine shows as all of them do."""
    spec = {"kind": "line", "width": 300, "height": 200} | fields
    thin = pixels(spec)
    monkeypatch.setattr(thinning, "kept", _all)
    whole, fine = pixels(spec), pixels(spec, finer=4 // fields.get("scale", 1))

    assert _error(thin, fine) <= 1.1 * _error(whole, fine) + 0.2


def test_another_line_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison does not pass everything: every fiftieth point is not what all are."""
    spec = {"kind": "line", "width": 300, "height": 200, "columns": {"v": WALK.tolist()}}
    monkeypatch.setattr(thinning, "kept", _all)
    whole, fine = pixels(spec), pixels(spec, finer=4)
    every: Callable[..., npt.NDArray[np.int64]] = lambda _, y: np.arange(0, len(y), 50)  # noqa: E731
    monkeypatch.setattr(thinning, "kept", every)

    assert _error(pixels(spec), fine) > 1.1 * _error(whole, fine) + 0.2


def _all(_column: object, y: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.arange(len(y))


def _error(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one - other).mean())
