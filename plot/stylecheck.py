"""Whether a request's theme and colours are known, before anything is drawn in them."""

from collections.abc import Callable, Iterator
from functools import partial

import budgets
from chartspec import ChartSpec
from msgspec.structs import replace
from problems import Fault, Refusal, member
from themes import color, theme_of


def check(spec: ChartSpec) -> None:
    """Look up the theme and every colour that a request names.

    Raises:
        Refusal: Some are unknown; each is named.
    """
    faults = [fault for look_up in _named(spec) for fault in _faults(look_up)]
    if faults:
        raise Refusal(faults[: budgets.FAULTS])


def _named(spec: ChartSpec) -> Iterator[Callable[[], object]]:
    yield partial(theme_of, replace(spec, background=None))
    if isinstance(spec.colors, dict):
        yield from (
            partial(color, text, f"$.colors{member(name)}") for name, text in spec.colors.items()
        )
    else:
        yield from (partial(color, text, f"$.colors[{at}]") for at, text in enumerate(spec.colors))
    yield partial(theme_of, replace(spec, theme="light"))
    for at, line in enumerate(spec.lines):
        if line.color is not None:
            yield partial(color, line.color, f"$.lines[{at}].color")


def _faults(look_up: Callable[[], object]) -> list[Fault]:
    try:
        look_up()
    except Refusal as refusal:
        return refusal.problem.errors
    return []
