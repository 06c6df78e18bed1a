"""What draws: imported when a request first needs it, and stopped when its time is up.

A page, a 304 and a refusal need none of it. An import takes the same time at init and later, so a
chart's first answer is no slower for it.
"""

import gc
import os
import warnings
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, get_args

import wallclock
from chartspec import ChartSpec, Format

if TYPE_CHECKING:
    from drawing import Image
    from planning import Plan

PREPARED = ("provisioned-concurrency", "snap-start")
"""Initialisations that nobody waits for: `AWS_LAMBDA_INITIALIZATION_TYPE`.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""


def decode(document: object) -> ChartSpec:
    """Read a request, a JSON value, as `decoding.decode` does.

    Raises:
        Refusal: It is none; each fault is named.
    """
    from decoding import decode

    return decode(document)


def draw(spec: ChartSpec, end: float | None) -> "Image":
    """Draw a chart until a time, by `time.monotonic`; None for as long as it takes.

    Raises:
        Refusal: The chart cannot be drawn (400), is over a budget (413), or takes too long (503).
    """
    work = _draw()  # not interrupted: numpy cannot be imported a second time
    return wallclock.within(end, lambda: work(spec))


def plan(spec: ChartSpec, end: float | None) -> "Plan":
    """Say what would be drawn and what it would cost, until a time.

    Raises:
        Refusal: As `draw` does, as far as that is known before anything is drawn.
    """
    work = _plan()
    check = None if _is_plain(spec) else _check()

    def planned() -> "Plan":
        found = work(spec)
        if check is not None:
            check(spec)
        return found

    return wallclock.within(end, planned)


def prepare() -> None:
    """Draw a small chart in each format where nobody waits for the initialisation."""
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in PREPARED:
        for name in get_args(Format):
            draw(ChartSpec(kind="line", csv="y\n0\n1", title="Plot", format=name), None)


def _is_plain(spec: ChartSpec) -> bool:
    """Tell whether a request names no theme and no colour that has to be looked up."""
    shades = (*spec.colors, spec.background, *(line.color for line in spec.lines))
    return spec.theme in ("light", "dark") and not any(shade is not None for shade in shades)


@cache
def _draw() -> "Callable[[ChartSpec], Image]":
    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of a cold start
    try:
        import fontcache

        fontcache.install()
        # No chart has three dimensions, so a trimmed zip does not hold what draws them.
        warnings.filterwarnings("ignore", "Unable to import Axes3D")
        from drawing import draw
    finally:
        gc.freeze()
        gc.enable()
    return draw


@cache
def _plan() -> "Callable[[ChartSpec], Plan]":
    from chartdata import prepare
    from planning import plan

    return lambda spec: plan(spec, prepare(spec))


@cache
def _check() -> "Callable[[ChartSpec], None]":
    import fontcache

    fontcache.install()
    from stylecheck import check

    return check
