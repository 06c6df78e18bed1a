"""The modules that a function's imports start from."""

from collections.abc import Iterable

import msgspec

from shorts.system.source_tree import Tree


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with modules that are included where they are imported.

    Attributes:
        tree: its files.
        name: of the folder; its modules may be imported from it or as its own.
    """

    tree: Tree
    name: str


def starts(handler: str, folder: str, tree: Tree, roots: Iterable[Root]) -> set[str]:
    """Return the modules that a function's imports start from.

    A handler that is not among the own modules calls one of them that a variable names, as the
    wrappers of Datadog, New Relic, Sentry, OpenTelemetry and Lumigo do.

    Args:
        handler: the module that the runtime imports; empty where it is not known.
        folder: where the own code lies in the zip.
        tree: the own code.
        roots: the folders outside that it may import from.
    """
    place = handler.replace(".", "/")
    own = {f"{folder}{file.path}" for file in tree.files}
    if own.isdisjoint((f"{place}.py", f"{place}/__init__.py")):
        from shorts.modules.compiler import module_name

        names = {module_name(path) for path in own if path.endswith((".py", ".pyc", ".so"))}
        elsewhere = {module_name(file.path) for root in roots for file in root.tree.files}
        if handler not in names | elsewhere:
            return {handler, *names} - {""}
    return {handler}
