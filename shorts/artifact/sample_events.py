"""The sample events that a function's metadata names, read once."""

from pathlib import Path

from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import files


def read(function: Function) -> dict[Path, bytes]:
    """Return a function's sample events by path, sorted.

    Raises:
        ShortsError: a glob matches no file.
    """
    paths: set[Path] = set()
    for pattern in function.settings.events:
        matched = [path for path in _matched(pattern, function) if path.is_file()]
        if not matched:
            raise ShortsError(
                f"{function.full_path}: the events `{pattern}` match no file in {function.folder}."
            )
        paths |= {*matched}
    return {path: files.read(path, files.EVENT, name=f"The event {path}") for path in sorted(paths)}


def _matched(pattern: str, function: Function) -> list[Path]:
    """Return the paths that match a pattern, relative to the folder of a function's template.

    Raises:
        ShortsError: it is not a valid pattern, or it walks a folder above the template's.
    """
    folder, names = Path(function.folder), Path(pattern).parts
    # `**/**` finds the same as `**`, and takes far longer.
    parts = [part for at, part in enumerate(names) if part != "**" or names[at - 1 : at] != ("**",)]
    fixed = next((at for at, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    base = folder.joinpath(*parts[:fixed])
    if Path(pattern).is_absolute():
        why = "it is not relative to the template's folder"
    elif ".." in parts[fixed:]:
        why = "`..` follows a wildcard"
    elif parts.count("**") > 2:
        why = "it has `**` more than twice"
    elif "**" in parts and base.resolve() in folder.resolve().parents:
        why = f"it searches all of {base.resolve()}"
    else:
        try:
            return [*folder.glob("/".join(parts))]
        except (ValueError, OSError, RecursionError) as error:
            why = str(error)
    raise ShortsError(f"{function.full_path}: the events {pattern!r} cannot be used: {why}.")
