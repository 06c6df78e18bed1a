"""`shorts init`: an adapter that parses, calls plain functions, and prints."""

import os
from collections.abc import Sequence
from pathlib import Path

from shorts import init
from shorts.cli import console
from shorts.cli import options as cli_options
from shorts.errors import UsageError
from shorts.system import files
from shorts.system.printed import printable

_TEMPLATES = ("template.yaml", "template.yml", "template.json", "samconfig.toml")


def start(arguments: Sequence[str]) -> int:
    """Write a small application, or add to the one that is here what it lacks."""
    values, names, others, _ = cli_options.parse("init", arguments)
    if len(names) > 1:
        raise UsageError("Name one folder: `shorts init FOLDER`.")
    is_there = bool(others) or any(files.exists(Path(name)) for name in _TEMPLATES)
    if is_there and names:
        raise UsageError(
            "An application is extended in its own folder: `shorts init`, without a name."
            if not others
            else "Options are for an application that is there: leave out the folder."
        )
    if is_there:
        return _extend(others, values["allow_sdist"])
    folder = Path(names[0] if names else ".")
    for name in init.create(folder):
        print(printable(os.path.normpath(folder / name)))
    if not console.quiet:
        into = f"cd {printable(str(folder))}; " if names else ""
        print(f"Next: {into}shorts build; shorts local invoke HelloFunction -e events/hello.json")
    return 0


def _extend(arguments: list[str], sdists: Sequence[str]) -> int:
    from shorts.artifact import locks
    from shorts.sam.read import read_application

    application = read_application(arguments)
    for note in application.notes:
        console.note(note)
    is_changed = False
    for path, runtimes in locks.write(application, sdists, absent_only=True):
        print(printable(f"{os.path.relpath(path)}: {', '.join(runtimes)}"))
        is_changed = True
    shown = os.path.relpath(application.template)
    added, left = init.add(application)
    for addition in left:
        text = f"{shown}: {addition.name} can get `{addition.metadata}`"
        console.note(f"{text}: its events trim the zip. Write it there yourself")
    for addition in added:
        print(printable(f"{shown}: {addition.name} gets {addition.metadata}"))
    if added:
        is_changed = True
        console.note("a build now trims these zips, and compares every answer with the whole zip's")
    if console.quiet:
        return 0
    print("Next: shorts build" if is_changed else "There is nothing to add. Next: shorts build")
    return 0
