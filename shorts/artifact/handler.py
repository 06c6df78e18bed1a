"""Whether a zip has the handler that the runtime is told to call."""

import difflib
import re

from shorts.artifact.content import Content
from shorts.errors import ShortsError
from shorts.model import Function

_NAME = re.compile(r"[^\W\d]\w*(?:[./][^\W\d]\w*)+")
# What can bind a name that the source does not have.
_HIDDEN = re.compile(rb"import \*|\bexec\b|\bglobals\b|\b__getattr__\b|\bsetattr\b")


def check_name(handler: str) -> None:
    """Refuse what does not name a module and a function in it.

    Raises:
        ShortsError: it does not.
    """
    if not _NAME.fullmatch(handler):
        raise ShortsError(
            f"The handler {handler!r} does not name a function.\n"
            "Name its module and the function, such as app.handler."
        )


def check(content: Content, function: Function) -> None:
    """Refuse a handler that the code of a function does not have.

    Args:
        content: of the function's zip.
        function: the function; its handler's module may be that of a distribution.

    Raises:
        ShortsError: its module is absent, or is the function's own and never names the function.
    """
    unit, handler = content.unit, function.handler
    stem, name = function.module.replace(".", "/"), handler.rpartition(".")[2]
    paths = {entry.path for _, entry in content.picked}
    if not any(_is_module(path, stem) for path in paths):
        tops = [file.path[:-3] for file in unit.tree.files if file.path.endswith(".py")]
        near = difflib.get_close_matches(stem, tops, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0].replace('/', '.')}.{name}?" if near else ""
        raise ShortsError(
            f"{unit.tree.root}: the handler {handler} needs {stem}.py, which is not there.\n"
            f"Name a module of the folder and the function in it.{hint}"
        )
    for file in unit.tree.files:
        if unit.folder + file.path not in (f"{stem}.py", f"{stem}/__init__.py"):
            continue
        words = re.compile(rf"\b{name}\b".encode())
        if not words.search(file.content) and not _HIDDEN.search(file.content):
            raise ShortsError(
                f"{unit.tree.root}/{file.path}: the handler {handler} is not defined.\n"
                f"Define {name} there, or name the function that is there."
            )


def _is_module(path: str, stem: str) -> bool:
    """Return whether a path in a zip is that of a module, in source, bytecode or machine code."""
    of_package = f"{stem}/__init__."
    suffixes = (".py", ".pyc", ".so")
    return path.startswith((f"{stem}.", of_package)) and path.endswith(suffixes)
