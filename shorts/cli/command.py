"""The command line: parses, calls one plain function, prints. Only `cli` prints."""

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

# msgspec imports typing_extensions if it is installed. That takes longer than all that shorts
# imports, and shorts needs nothing from it.
_absent = "typing_extensions" not in sys.modules
if _absent:
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
import msgspec  # noqa: E402, F401

if _absent:
    del sys.modules["typing_extensions"]

from shorts.cli import console  # noqa: E402
from shorts.cli import options as cli_options  # noqa: E402
from shorts.cli.commands import COMMANDS  # noqa: E402
from shorts.cli.progress import Progress  # noqa: E402
from shorts.errors import ShortsError, UnknownOption, UsageError  # noqa: E402
from shorts.system.printed import printable  # noqa: E402

if TYPE_CHECKING:
    from shorts.pipeline import Built

# 128 plus the number of SIGINT, as in shells.
INTERRUPTED = 130
_HELP_FLAGS = frozenset(("-h", "--help"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 for an error that the user can fix, 2 for a wrong call."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except UnknownOption as error:
        from shorts.cli import help

        console.error(help.unknown(error, given))
        return 2
    except UsageError as error:
        console.error(error)
        return 2
    except ShortsError as error:
        if given[:1] == ["build"] and "--output json" in " ".join(given).replace("=", " "):
            from shorts.cli import build_json

            print(build_json.failure(error))
        console.error(error)
        for note in getattr(error, "__notes__", ()):
            console.note(note)
        return 1
    except KeyboardInterrupt:
        console.error("interrupted")
        return INTERRUPTED
    finally:
        _leave()


def _leave() -> None:
    """Warn of a store that was not used, and remove its temporary replacement."""
    if cache_root := sys.modules.get("shorts.system.cache_root"):
        for warning in cache_root.warnings():
            console.warn(warning)
        cache_root.leave()


def _run(arguments: list[str]) -> int:
    commands = {
        "build": _build,
        "local invoke": _invoke,
        "local start-api": _serve,
        "local start-lambda": _serve_lambda,
        "sync": _sync,
        "zip": _zip,
        "init": _init,
        "lock": _lock,
        "check": _check,
        "why": _why,
        "size": _size,
        "cache": _cache,
        "cache push": _push,
        "cache pull": _pull,
        "cache verify": _verify,
        "completion": _complete,
        "help": _help,
    }
    if not arguments or arguments[0] in _HELP_FLAGS:
        return _help([])
    if arguments == ["--version"]:
        from shorts.cli import help

        print(help.versions(), end="")
        return 0
    count = 2 if " ".join(arguments[:2]) in commands else 1
    name, others = " ".join(arguments[:count]), arguments[count:]
    command = commands.get(name)
    if command and not _HELP_FLAGS.isdisjoint(others):
        return _help(name.split())
    if command:
        cli_options.check(arguments)
        return command(others)
    if not arguments[0].startswith("-"):
        from shorts.cli import help

        help.check_command(arguments)
    return _sam(arguments)


def _sam(arguments: list[str]) -> int:
    """Replace this process with SAM's command."""
    from shorts.system import process

    return process.replace([process.tool("sam"), *arguments])


def _help(arguments: list[str]) -> int:
    from shorts.cli import help

    name = " ".join(word for word in arguments if not word.startswith("-"))
    if name and name not in COMMANDS:
        help.check_command(name.split())
        return _sam([*name.split(), "--help"])
    print(help.of_command(name) if name else help.overview(), end="")
    return 0


def _complete(arguments: list[str]) -> int:
    from shorts.cli import completion

    names = cli_options.parse("completion", arguments).names
    if len(names) != 1 or names[0] not in completion.SHELLS:
        raise UsageError(f"Name a shell: `shorts completion {'|'.join(completion.SHELLS)}`.")
    print(completion.script(names[0]), end="")
    return 0


def _build(arguments: list[str]) -> int:
    started = time.perf_counter()
    from shorts import pipeline
    from shorts.sam.read import read_application

    values, _, arguments, _ = cli_options.parse("build", arguments)
    options = cli_options.build_options(values)
    with Progress() as progress:
        read = read_application(arguments, progress.say)
    for note in read.notes:
        console.note(note)
    with Progress() as progress:
        built = pipeline.build(read, options, progress.say)
    for note in built.notes:
        console.note(note)
    if options.verbose:
        _list_left_out(read.build_dir, built)
    artifacts = built.artifacts
    if built.resolved and built.reasons:
        from shorts.cli import summary

        console.note(summary.unlocked(built))
        for name in _pips_alone():
            text = f"{name} is pip's, and uv resolves here: it reads UV_DEFAULT_INDEX and UV_INDEX"
            console.warn(text)
    left_undone = {line for made in artifacts.values() for line in (*made.warnings, *made.lasting)}
    for warning in sorted({*left_undone, *built.exposed}):
        console.warn(warning)
    if read.document:
        from shorts.cli import build_json

        print(build_json.success(read.document, read.build_dir, built))
        return 0
    for text in sorted({line for made in artifacts.values() if made.fresh for line in made.notes}):
        console.note(text)
    if fresh := [made for made in artifacts.values() if made.fresh]:
        from shorts.cli import left_out

        for text in left_out.summary(fresh):
            console.note(text)
    if console.quiet:
        return 0
    for line in (*table(built), *(f"{name}  built by sam build" for name in built.handed)):
        print(printable(line))
    took = time.perf_counter() - started
    print(f"Built in {took:.2f} s: {printable(os.path.relpath(read.build_dir))}")
    if built.uploads:
        print(f"The next deployment uploads {built.uploads / 1e6:,.2f} MB of new zips")
    if fresh:
        from shorts.cli import summary

        print(printable(summary.next_commands(read, built)))
    return 0


def _list_left_out(build_dir: str, built: "Built") -> None:
    """List the files that are not in the zips."""
    from shorts.cli import left_out

    for folder, names in built.left_out.items():
        if names:
            text = f"left out of {os.path.relpath(folder)}: {', '.join(names)}"
            print(printable(text), file=sys.stderr)
    for line in left_out.listed(build_dir, built.artifacts):
        print(printable(line), file=sys.stderr)


def _pips_alone() -> list[str]:
    """Return the variables that set pip's index if none sets uv's, which is then the public one."""
    if any(name.startswith("UV_") and "INDEX" in name for name in os.environ):
        return []
    return [name for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL") if os.environ.get(name)]


def table(built: "Built") -> list[str]:
    """Return a line for each function: its name, the sizes of its zip, and why it is new."""
    width = max((len(name) for name in built.artifacts), default=0)
    lines = []
    for name, made in built.artifacts.items():
        sizes = f"{made.size / 1000:9,.1f} KB zipped  {made.unzipped / 1000:9,.1f} KB unzipped"
        state = f"built: {', '.join(built.reasons.get(name, ()))}" if made.fresh else "unchanged"
        grown = made.size - built.former.get(name, made.size)
        change = f"  ({grown / 1000:+,.1f} KB)" if grown else ""
        lines.append(f"{name:{width}}  {sizes}  {made.files:6,} files  {state}{change}")
    return lines


def _invoke(arguments: list[str]) -> int:
    from shorts.cli import local

    return local.invoke(arguments)


def _serve(arguments: list[str]) -> int:
    from shorts.cli import local

    return local.start_api(arguments)


def _serve_lambda(arguments: list[str]) -> int:
    from shorts.cli import local

    return local.start_lambda(arguments)


def _zip(arguments: list[str]) -> int:
    from shorts.cli import function_zip

    return function_zip.write(arguments)


def _sync(arguments: list[str]) -> int:
    from shorts.cli import sync

    return sync.sync(arguments)


def _lock(arguments: list[str]) -> int:
    from shorts.artifact import locks
    from shorts.sam.read import read_application

    values, _, arguments, _ = cli_options.parse("lock", arguments)
    for path, runtimes in locks.write(read_application(arguments), values["allow_sdist"]):
        print(f"{os.path.relpath(path)}: {', '.join(runtimes)}")
    return 0


def _init(arguments: list[str]) -> int:
    from shorts.cli import init

    return init.start(arguments)


def _check(arguments: list[str]) -> int:
    from shorts.cli import reports as commands

    return commands.check(arguments)


def _why(arguments: list[str]) -> int:
    from shorts.cli import reports as commands

    return commands.why(arguments)


def _size(arguments: list[str]) -> int:
    from shorts.cli import reports as commands

    return commands.size(arguments)


def _cache(arguments: list[str]) -> int:
    from shorts.cli import remote
    from shorts.system import cache, cache_root

    values, names, _, _ = cli_options.parse("cache", arguments)
    days = values["older_than"]
    if len(names) != 1 or (days is not None and names != ["prune"]):
        names = [""]
    kept = cache.Cache(cache_root.root())
    reason = cache_root.distrust(kept.root)
    if reason and names[0] not in ("dir", "keygen"):
        raise ShortsError(f"{reason}, so it is neither measured nor emptied.")
    match names[0]:
        case "dir":
            print(kept.root)
        case "size":
            count, total = cache.size(kept)
            print(f"{count:,} Slices, {total / 1e6:,.1f} MB")
            remote.size()
        case "prune":
            removed = cache.prune(kept, 30 if days is None else days, time.time())
            print(f"Removed {removed:,} Slices.")
        case "clear":
            cache.clear(kept)
        case "keygen":
            remote.keygen()
        case _:
            raise UsageError(
                "Run `shorts cache dir`, `size`, `prune [--older-than 30d]`, `clear`, `keygen`, "
                "`push`, `pull` or `verify [N]`."
            )
    return 0


def _push(arguments: list[str]) -> int:
    from shorts.cli import remote

    return remote.push(arguments)


def _pull(arguments: list[str]) -> int:
    from shorts.cli import remote

    return remote.pull(arguments)


def _verify(arguments: list[str]) -> int:
    from shorts.cli import remote

    return remote.verify(arguments)
