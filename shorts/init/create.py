"""A small application: a function with a requirement and an API, an event, a test, a workflow."""

from pathlib import Path

from shorts.errors import ShortsError, writing
from shorts.system import files, interpreters

_SOURCES = Path(__file__).with_name("application")
FILES = (
    "template.yaml",
    "hello/app.py",
    "hello/requirements.txt",
    "events/hello.json",
    "tests/test_hello.py",
    ".github/workflows/build.yml",
    ".gitignore",
)
# Without these there is no application; the others may be there already.
_NEEDED = frozenset(name for name in FILES if name.startswith(("template", "hello/", "events/")))
_RUNTIME = "python3.13"  # the one in the files


def create(folder: Path) -> list[str]:
    """Write the application's files into a folder, for a runtime that this machine can run.

    Returns:
        The names of the files that were written: a test, a workflow or a `.gitignore` that is there
        stays as it is.

    Raises:
        ShortsError: a file that the application needs is there, or one cannot be written.
    """
    there = [name for name in FILES if files.exists(folder / name)]
    for name in there:
        if name in _NEEDED:
            raise ShortsError(
                f"{folder / name} is there already, and no file is overwritten.\n"
                "Name another folder: `shorts init FOLDER`."
            )
    runtime = _runtime()
    minor = runtime.removeprefix("python")
    written = [name for name in FILES if name not in there]
    for name in written:
        text = (_SOURCES / name).read_text("utf-8")
        text = text.replace(_RUNTIME, runtime).replace('"3.13"', f'"{minor}"')
        with writing(str(folder / name), "Name a folder that can: `shorts init FOLDER`."):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    return written


def _runtime() -> str:
    if interpreters.find(_RUNTIME.removeprefix("python")):
        return _RUNTIME
    return interpreters.newest_runtime() or _RUNTIME
