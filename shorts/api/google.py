"""A Google Cloud Function's source zip: `main.py`, what it imports, and all that it requires.

Google calls a function in `main.py`, and installs what a list of requirements names. Here that is
in the zip already, so the lists are left out.
"""

import re
from hashlib import sha256
from pathlib import Path

from shorts.errors import ShortsError, writing
from shorts.modules import startup
from shorts.system import atomic, build_folder, files
from shorts.system.project_state import FOLDER

_MAIN = "main"
_HANDLER = re.compile(r"(?P<module>\w+(?:[./]\w+)*)\.(?P<name>[^\W\d]\w*)")
# What Google's buildpack for Python installs from.
_LISTS = (
    "Pipfile Pipfile.lock poetry.lock pylock.toml pyproject.toml requirements.txt uv.lock".split()
)


def check(architecture: str, has_events: bool) -> None:
    """Refuse what Google's functions do not have.

    Raises:
        ShortsError: another architecture, or sample events.
    """
    if architecture != "x86_64":
        raise ShortsError("Google runs functions on x86_64.\nLeave out the architecture.")
    if has_events:
        raise ShortsError(
            "Sample events run under Lambda's emulator, which calls no function of Google's.\n"
            "Leave them out."
        )


def entry(folder: Path, handler: str) -> tuple[str, list[str]]:
    """Return the handler in `main.py`, and the folder that holds it if the function has none.

    Args:
        folder: the function's code.
        handler: the function to call, such as ``app.hello``.

    Raises:
        ShortsError: it does not exist, or the function has a `main.py` that is another module.
    """
    match = _HANDLER.fullmatch(handler)
    if not match:
        raise ShortsError(f"Handler {handler!r}: name a module and a function, such as main.hello.")
    module, name = match["module"].replace("/", "."), match["name"]
    if module == _MAIN:
        return handler, []
    if (folder / "main.py").exists() or (folder / _MAIN).is_dir():
        raise ShortsError(
            f"{folder} has a {_MAIN} of its own, and Google calls a function in that.\n"
            f"Name it: --handler {_MAIN}.{name}."
        )
    _check_there(folder, module, name)
    text = f"from {module} import {name}\n\n__all__ = [{name!r}]\n"
    place = FOLDER / f"google-{sha256(text.encode()).hexdigest()[:12]}" / f"{_MAIN}.py"
    build_folder.check_not_linked(place.parent)
    with writing(str(place), "Make its folder writable."):
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(place, text.encode())
    return f"{_MAIN}.{name}", [str(place.parent)]


def _check_there(folder: Path, module: str, name: str) -> None:
    """Refuse a name that a module does not define; `main.py` would fail at its import."""
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    if path.is_file():
        started = startup.read(files.read(path, files.TEXT), module, package=False)
        if started and started.names is not None and name not in started.names:
            raise ShortsError(f"{path} has no `{name}`.\nName a function that it has: --handler.")


def lists(folder: Path) -> list[str]:
    """Return the names of the lists of requirements in a folder."""
    return [name for name in _LISTS if (folder / name).is_file()]
