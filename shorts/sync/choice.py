"""Which functions `--resource-id` and `--resource` choose."""

from collections.abc import Collection, Iterable

from shorts.errors import ShortsError
from shorts.model import Function


def wanted(
    functions: Iterable[Function], ids: Collection[str], types: Collection[str]
) -> list[Function]:
    """Return the functions that ``--resource-id`` and ``--resource`` name, or that use such layers.

    Args:
        functions: all of them.
        ids: full paths or logical ids; all resources where ids and types are empty.
        types: of resources.

    Raises:
        ShortsError: an id names neither a function nor a layer of one, or a type has no code.
    """
    every = list(functions)
    if not ids and not types:
        return every
    if others := [type for type in types if not type.endswith(("::Function", "::LayerVersion"))]:
        raise ShortsError(
            f"{', '.join(others)}: only functions and layers have code to send.\n"
            "`shorts sync` without --code and --resource deploys everything."
        )
    known = {function.full_path for function in every}
    known |= {layer.full_path for function in every for layer in function.layers}
    if unknown := [name for name in ids if name not in known]:
        raise ShortsError(
            f"{', '.join(unknown)}: no function or layer with code to send.\n"
            f"There are: {', '.join(sorted(known))}."
        )
    are_functions = any(type.endswith("::Function") for type in types)
    are_layers = any(type.endswith("::LayerVersion") for type in types)
    return [
        function
        for function in every
        if are_functions
        or function.full_path in ids
        or any(are_layers or layer.full_path in ids for layer in function.layers)
    ]
