"""The runtimes that SAM knows."""

import difflib
from collections.abc import Sequence
from typing import Any

from samcli.lib.build.constants import DEPRECATED_RUNTIMES
from samcli.lib.providers.provider import Function as SamFunction
from samcli.lib.utils.packagetype import IMAGE
from samcli.local.docker.lambda_image import Runtime

from shorts.errors import ShortsError
from shorts.sam import convert, values


def check(resource: Any, stacks: Sequence[Any]) -> None:
    """Refuse a function with a runtime that no build knows.

    Raises:
        ShortsError: it has neither a runtime nor a build method, or Lambda does not have it.
    """
    method = values.text(values.mapping(resource.metadata).get("BuildMethod"))
    if not isinstance(resource, SamFunction) or resource.packagetype == IMAGE or method:
        return
    places = convert.lines_of(resource, stacks)
    where = f" ({places['Runtime']})" if "Runtime" in places else ""
    if not resource.runtime:
        raise ShortsError(f"{resource.full_path} has no Runtime, and its Globals have none either.")
    if convert.written(resource, "Runtime", stacks) is None:
        raise ShortsError(
            f"{resource.full_path}: Runtime has no value before deployment{where}.\n"
            "Give its parameter a default, or a value with --parameter-overrides."
        )
    known = [each.value for each in Runtime]
    if resource.runtime not in (*known, *DEPRECATED_RUNTIMES):
        close = difflib.get_close_matches(resource.runtime, known, 1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise ShortsError(
            f"{resource.full_path}: SAM knows no runtime `{resource.runtime}`{where}.\n"
            f"{hint}It knows: {', '.join(known)}."
        )
