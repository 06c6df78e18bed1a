"""Legends and colour bars."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import ticks
import typeface
from marks import Box, Dots, Fill, Mark, Stroke, Words, outline
from panel import Key, Ramp, Sizes
from themes import Theme

Entry: TypeAlias = tuple[Key | None, str]
"""A series and its name as it is written; a name alone says how many more there are."""

LONGEST = 0.6
"""Share of the image's width that a name may take at most."""

GAP = 18.0
"""Pixels between entries."""


def rows(keys: Sequence[Key], room: float, most: int, sizes: Sizes) -> list[list[Entry]]:
    """Break a legend's entries into rows.

    Args:
        keys: The entries.
        room: Pixels across.
        most: Rows at most; where the entries take more, the last one says how many there are.
        sizes: Of type.

    Returns:
        Each row's entries, with their names as they are written.
    """
    lines: list[list[Entry]] = [[]]
    free = room
    for index, key in enumerate(keys):
        name = typeface.fit(key.name, LONGEST * room, sizes.text)
        wide = swatch(sizes) + typeface.width(name, sizes.text)
        if wide > free and lines[-1]:
            if len(lines) == most:
                more = f"+ {len(keys) - index}"
                while lines[-1] and typeface.width(more, sizes.text) > free:
                    _, last = lines[-1].pop()
                    free += swatch(sizes) + typeface.width(last, sizes.text) + GAP
                    more = f"+ {len(keys) - index + 1}"
                    index -= 1
                lines[-1].append((None, more))
                return lines
            lines.append([])
            free = room
        lines[-1].append((key, name))
        free -= wide + GAP
    return lines


def swatch(sizes: Sizes) -> float:
    """Return the pixels of an entry's sample and the space behind it."""
    return 1.9 * sizes.text


def entry(
    key: Key | None, name: str, x: float, baseline: float, sizes: Sizes, theme: Theme
) -> tuple[list[Mark], float]:
    """Draw one entry.

    Args:
        key: Its series; none for a name alone.
        name: As it is written.
        x: Where it starts.
        baseline: Of its name.
        sizes: Of type.
        theme: Of colours.

    Returns:
        The marks, and the pixels that they take.
    """
    middle = baseline - 0.36 * sizes.text
    marks: list[Mark] = []
    wide = 0.0
    if key is not None:
        wide = swatch(sizes)
        long = 1.45 * sizes.text
        if key.form == "fill":
            half = 0.42 * sizes.text
            box = Box(x, middle - half, x + 2 * half, middle + half)
            marks.append(Fill(shapes=[outline(box)], color=key.look.color))
            wide = 1.35 * sizes.text
        if key.form in ("line", "line and dot"):
            ends = np.array([(x, middle), (x + long, middle)])
            width = max(2.0, min(3.0, theme.line_width))
            marks.append(Stroke(points=ends, color=key.look.color, width=width, dash=key.look.dash))
        if key.form in ("dot", "line and dot"):
            at = long / 2 if key.form != "dot" else 0.45 * sizes.text
            place = np.array([(x + at, middle)])
            size = 0.62 * sizes.text
            marks.append(Dots(points=place, shape=key.look.shape, size=size, color=key.look.color))
            wide = wide if key.form != "dot" else 1.35 * sizes.text
    marks.append(Words(x=x + wide, y=baseline, text=name, size=sizes.text, color=theme.soft))
    return marks, wide + typeface.width(name, sizes.text)


def row_marks(
    lines: Sequence[Sequence[Entry]],
    left: float,
    top: float,
    sizes: Sizes,
    theme: Theme,
) -> list[Mark]:
    """Draw rows of entries, the first one below `top`."""
    marks: list[Mark] = []
    for at, line in enumerate(lines):
        x = left
        for key, name in line:
            drawn, wide = entry(key, name, x, top + (1.5 * at + 1.05) * sizes.text, sizes, theme)
            marks += drawn
            x += wide + GAP
    return marks


def column(keys: Sequence[Key], room: float, high: float, sizes: Sizes) -> list[list[Entry]]:
    """Put entries below each other, as many as there is room for."""
    most = max(1, int(high / (1.5 * sizes.text)))
    names = [typeface.fit(key.name, room - swatch(sizes), sizes.text) for key in keys]
    lines: list[list[Entry]] = [[(key, name)] for key, name in zip(keys, names, strict=True)]
    if len(lines) > most:
        lines = [*lines[: most - 1], [(None, f"+ {len(keys) - most + 1}")]]
    return lines


def bar_width(ramp: Ramp, high: float, sizes: Sizes) -> float:
    """Return the pixels that a colour bar takes across, with its numbers."""
    texts = [text for _, text in _bar_ticks(ramp, high, sizes)]
    return sizes.small * 2.4 + max((typeface.width(text, sizes.small) for text in texts), default=0)


def bar_marks(ramp: Ramp, box: Box, sizes: Sizes, theme: Theme) -> list[Mark]:
    """Draw a colour bar with its numbers to the right of a box."""
    left, wide = box.right + 1.3 * sizes.small, 0.85 * sizes.small
    edges = np.linspace(box.bottom, box.top, len(ramp.colors) + 1)
    marks: list[Mark] = [
        # Each reaches below the next one: no seams show between them.
        Fill(shapes=[outline(Box(left, min(top, low), left + wide, low))], color=color)
        for low, top, color in zip(edges[:-1], edges[1:] - 0.5, ramp.colors, strict=True)
    ]
    for share, text in _bar_ticks(ramp, box.height, sizes):
        y = box.bottom - share * box.height
        x = left + wide + 0.4 * sizes.small
        marks.append(
            Words(x=x, y=y + 0.36 * sizes.small, text=text, size=sizes.small, color=theme.soft)
        )
    return marks


def _bar_ticks(ramp: Ramp, high: float, sizes: Sizes) -> list[tuple[float, str]]:
    most = max(2, min(6, int(high / (3 * sizes.small))))
    if not ramp.low < ramp.high:
        return [(0.5, ticks.text_of(ramp.low, ramp.axis))]
    found = ticks.numbers(ramp.low, ramp.high, most, ramp.axis)
    return [((tick.place - ramp.low) / (ramp.high - ramp.low), tick.text) for tick in found]
