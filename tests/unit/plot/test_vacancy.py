"""Where notes and names of lines stand: where they hide least."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import annotations
import decoding
from chartdata import prepare
from chartspec import Axis
from marks import Box, Fill, Words
from panel import View, sizes_of
from scales import Scale
from themes import theme_of
from vacancy import Vacancy


def view_of(**fields: Any) -> tuple[View, Any, Any]:
    """A chart of 200 by 100 pixels with axes from 0 to 10, its request and its data."""
    spec = decoding.decode({"kind": "line", "x": "x"} | fields)
    scale = Scale(axis=Axis(), title="", low=0, high=10)
    view = View(
        box=Box(0, 0, 200, 100),
        along=scale,
        values=scale,
        second=None,
        lying=False,
        sizes=sizes_of(spec),
        theme=theme_of(spec),
    )
    return view, spec, prepare(spec)


FRAMES = [Box(80, 40, 120, 60), Box(150, 5, 190, 25)]


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": {"x": [0, 10], "v": [4, 6]}},
        {"columns": {"x": [0, 10], "v": [5, 5]}, "kind": "step"},
        {"columns": {"x": [4.5, 5.5], "v": [5, 5]}, "kind": "scatter"},
        {"columns": {"x": [4, 6], "v": [5, 5], "e": [1, 1]}, "kind": "errorbar", "error": "e"},
    ],
    ids=lambda fields: fields.get("kind", "line"),
)
def test_a_line_is_not_hidden(fields: dict[str, Any]) -> None:
    """Of two places the one that covers no line and no point is chosen."""
    if fields.get("kind") == "errorbar":
        fields = fields | {"y": "v"}
    vacancy = Vacancy(*view_of(**fields))

    assert vacancy.freest(FRAMES) == FRAMES[1]


def test_the_first_place_is_taken_where_nothing_is() -> None:
    """Where nothing is hidden, and where a gap is, the nearest place is good."""
    vacancy = Vacancy(*view_of(columns={"x": [0, 3, 5, 7, 10], "v": [0, 3, None, 7, 10]}))

    assert vacancy.freest(FRAMES) == FRAMES[0]


def test_words_are_hidden_last() -> None:
    """Rather than other words, a note hides a line."""
    vacancy = Vacancy(*view_of(columns={"x": [0, 10], "v": [4, 6]}))
    vacancy.take(Box(185, 20, 195, 30))

    assert vacancy.freest(FRAMES) == FRAMES[0]


def test_reference_lines_count() -> None:
    """A line across and a line that rises are lines as others are."""
    vacancy = Vacancy(*view_of(columns={"x": [0], "v": [0]}))
    vacancy.cross(np.array([(100.0, 100.0), (100.0, 0.0)]))
    assert vacancy.freest(FRAMES) == FRAMES[1]

    vacancy.cross(np.array([(0.0, 15.0), (200.0, 15.0)]))
    assert vacancy.freest([FRAMES[1], Box(150, 70, 190, 90)]) == Box(150, 70, 190, 90)


def test_notes_and_names_stand_apart() -> None:
    """Notes on neighbouring points, and names of lines that cross there, do not overlap."""
    places = [4.0, 4.5, 5.0, 5.5, 6.0]
    notes = [{"x": at, "y": at, "text": "ab"} for at in places]
    lines = [{"x": 9, "label": "up"}, {"y": 9, "label": "over"}, {"y": 9.2, "label": "above"}]
    view, spec, data = view_of(columns={"x": places, "v": places}, notes=notes, lines=lines)

    _, words = annotations.layers(spec, data, view)

    boxes = [
        Box(*shape.min(axis=0).tolist(), *shape.max(axis=0).tolist())
        for mark in words.marks
        if isinstance(mark, Fill)
        for shape in mark.shapes
    ]
    assert sum(isinstance(mark, Words) for mark in words.marks) == len(boxes) == 8
    assert not any(one.touches(other) for one in boxes for other in boxes if one is not other)
