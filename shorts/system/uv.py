"""uv, which resolves and installs: how to call it and how to read its failures."""

import os
import platform
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from shorts.errors import ShortsError
from shorts.system import files, process, secrets, unpacking
from shorts.targets.target import Target

UNSOLVABLE = "No solution found when resolving dependencies"
# How uv says that a distribution has no wheel, or none for the target.
_NO_WHEEL = re.compile(
    r"(?<![\w.-])([A-Za-z0-9][\w.-]*+)(?:==([^\s=(]++)|[<>=!~][^\s(]{0,200}+)?"
    r" ha(?:s|ve) no (?:usable )?wheels"
)
# Advice that names options of uv, which the user cannot set here.
_ADVICE = re.compile(
    r"hint: (?:Wheels are|A source distribution is) required for [^()]{0,300}+"
    r"\(i\.e\., with `[^`]+`\)"
    r"|Consider using `--no-build` to disable building wheels\."
    r"|If all indexes are equally trusted, use `--index-strategy unsafe-best-match` [^.]{0,200}+\."
)
# How uv says that a distribution, or a version of it, does not exist.
_MISSING = (
    "there is no version of",
    "there are no versions of",
    "was not found",
    "only the following",
)
_UNKNOWN = re.compile(r"\b([A-Za-z0-9][\w.-]*) was not found in the package registry")
# How uv says that it has looked at the first index only that has a distribution.
_FIRST_INDEX = "may be available on a subsequent index"
# How uv says that only a requirement of a requirement names a repository.
_UNNAMED = re.compile(r"Consider adding `([^`]+ @ git\+[^`]+)` to your dependencies")
# How uv says that the project at a URL has to be built to be known.
_UNBUILT = re.compile(
    r"`([\w.-]+)[^`]* @ ([^`]+)`: Building source distributions for `[^`]+` is disabled"
)
_CONFLICTING = re.compile(r"Requirements contain conflicting URLs for package `([^`\[]+)")
_SPACE = re.compile(r"\s++(cause:)?")
# How much of a build's output is shown, from its end, in characters.
_LAST_WORDS = 700
_FRAMES = re.compile(r"^( *)Traceback \(most recent call last\):\n(?:\1 .*\n)*", re.MULTILINE)


# What the user can do where nothing can be built from source.
NO_BUILD = "Pin a version that has a wheel, or use `sam build --use-container`."
ONLY_WHEELS = (
    "shorts installs wheels only, from an index or a URL: ask for a released version, or name a "
    "project's path or its git repository in a requirements.txt."
)


class Unsolvable(ShortsError):
    """The requirements contradict each other, or nothing is there for the target."""


def run(
    arguments: Sequence[str],
    *,
    stdin: str = "",
    builds: bool = False,
    quiet: bool = True,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a uv command and return what it wrote to standard output.

    Args:
        arguments: of uv.
        stdin: its standard input.
        builds: whether it may run other people's code, which sees no secrets of the environment.
        quiet: whether to print results only; `uv python list` counts as a message.
        env: variables to set, by name.

    Raises:
        ShortsError: it failed; the message is uv's reason, on one line.
    """
    settings = ["--color", "never", "--no-python-downloads", *(["--quiet"] if quiet else [])]
    watch = unpacking.Unpacking(arguments).check
    without = dict.fromkeys(secrets.variables(os.environ)) if builds else {}
    argv = [process.tool("uv"), *arguments, *settings]
    try:
        return process.run(argv, env={**without, **(env or {})}, stdin=stdin, watch=watch)
    except unpacking.TooLarge as error:
        files.discard(error.folder)
        raise
    except process.ProcessFailed as error:
        text = message(error.output)
        raise (Unsolvable if text.startswith(UNSOLVABLE) else ShortsError)(text) from error


def pip(
    command: str, arguments: Sequence[str], *, stdin: str = "", python: Path | None = None
) -> str:
    """Run ``uv pip``; it needs an interpreter, even to install or resolve for another one.

    Args:
        command: such as ``install``.
        arguments: of the command.
        stdin: its standard input.
        python: the interpreter that builds source distributions; shorts' own where it is None.

    Raises:
        ShortsError: it failed; the message is uv's reason, on one line.
    """
    command_line = ["pip", command, "--python", str(python or sys.executable), *arguments]
    return run(command_line, stdin=stdin, builds=python is not None)


def message(output: str) -> str:
    """Return what uv printed about a failure, on one line, without its drawing."""
    bare = re.sub(r"[×╰─▶│├]|^error:|^warning:", " ", _FRAMES.sub("", output), flags=re.MULTILINE)
    bare = _SPACE.sub(
        lambda match: ":" if match[1] and "\n" in match[0] else " " + (match[1] or ""), bare
    )
    text, mark, printed = re.sub(r" +", " ", _ADVICE.sub("", bare)).strip().partition(" [std")
    if len(printed) > _LAST_WORDS:
        return f"{text} … {printed[-_LAST_WORDS:]}"
    return text + mark + printed


def unnamed_repository(error: ShortsError) -> str:
    """Return the requirement on a repository that only another requirement names, else nothing."""
    match = _UNNAMED.search(str(error))
    return match[1] if match else ""


def unbuilt(error: ShortsError) -> tuple[str, str]:
    """Return the name and the URL of a project that has to be built first; empty if none has."""
    match = _UNBUILT.search(str(error))
    return (match[1], match[2]) if match else ("", "")


def conflicting(error: ShortsError) -> str:
    """Return the name of what the requirements have two URLs of, else nothing."""
    match = _CONFLICTING.search(str(error))
    return match[1] if match else ""


def lacking(error: Unsolvable) -> dict[str, set[str]]:
    """Return what has no wheel for the target, according to uv: names with their versions.

    A range of versions is ``""``.
    """
    versions: dict[str, set[str]] = {}
    for name, version in _NO_WHEEL.findall(str(error)):
        versions.setdefault(name, set()).add(version)
    return versions


def is_conflict(error: Unsolvable) -> bool:
    """Return whether requirements contradict each other, and nothing is missing."""
    return not any(phrase in str(error) for phrase in _MISSING) and not lacking(error)


def ways_out(error: Unsolvable, target: Target, sdists: Collection[str] = ()) -> str:
    """Return what the user can do about a requirement that has no wheel for the target.

    Args:
        error: uv's, which names it.
        target: where it will run.
        sdists: the names that may already be built from source.
    """
    names = lacking(error)
    if _FIRST_INDEX in str(error):
        return (
            "Only the first index that has a distribution counts, because another one could have "
            "anything under its name. If you trust all of them equally, as pip does, set "
            'UV_INDEX_STRATEGY=unsafe-best-match, or index-strategy = "unsafe-best-match" in '
            "uv.toml."
        )
    if "no source distribution" in str(error):
        return f"There is neither a wheel for {target} nor a source distribution. {NO_BUILD}"
    if not names and is_conflict(error):
        return "The requirements contradict each other: change the version of one of them."
    if unknown := dict.fromkeys(_UNKNOWN.findall(str(error))):
        return f"No index has {' or '.join(f'`{name}`' for name in unknown)}: check the spelling."
    if not names:
        return f"No wheel for {target} matches: ask for a version that exists."
    named = [
        f"{name} {''.join(versions)}".strip() if len(versions) == 1 else name
        for name, versions in names.items()
    ]
    flags = " ".join(f"--allow-sdist {name}" for name in names)
    # What is compiled here is for this machine.
    pure = "" if target.machine == platform.machine() else " if it is pure Python"
    given = f" (it was given for {', '.join(sorted(sdists))})" if sdists else ""
    return (
        f"{' and '.join(named)} {'has' if len(named) == 1 else 'have'} no wheel for {target}: "
        f"pin a version that has one, build it from source with `{flags}`{given}{pure}, or use "
        "`sam build --use-container`."
    )
