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
import msgspec  # noqa: E402

if _absent:
    del sys.modules["typing_extensions"]

from shorts import __version__  # noqa: E402
from shorts.cli import options as words  # noqa: E402
from shorts.cli.progress import Progress  # noqa: E402
from shorts.errors import ShortsError, UsageError  # noqa: E402
from shorts.system.printed import printable, printable_lines  # noqa: E402

if TYPE_CHECKING:
    from shorts.artifact.plan import Artifact

# 128 plus the number of SIGINT, as in shells.
INTERRUPTED = 130
_HELP = f"""\
shorts {__version__}: builds Python functions of a SAM application, in place of `sam build`.

  shorts build [LOGICAL_ID]         build every function, or one, into .aws-sam/build
  shorts local invoke [LOGICAL_ID]  build, and run a function under Lambda's runtime emulator;
                                    --no-build: run what is built
  shorts local start-api            serve the template's APIs, and build again at each change;
                                    --concurrency N: sandboxes of each function;
                                    --allow-host NAME: a name that clients may ask by
  shorts local start-lambda         serve the functions to SDKs, by Lambda's Invoke API
  shorts lock                       write requirements.lock beside each requirements.txt
  shorts check [LOGICAL_ID …]       say what is required and not imported, or imported and not
                                    required; --fix mends requirements.txt; --json
  shorts why LOGICAL_ID NAME        say how a module or distribution comes into a zip
  shorts size [LOGICAL_ID]          say what a zip holds, and why; --imports, --against OLD.zip,
                                    --html FILE, --json
  shorts cache dir                  print where Slices are kept; SHORTS_CACHE_DIR moves it
  shorts cache size                 print how many Slices there are and what they take
  shorts cache prune [--older-than 30d]
  shorts cache clear

Every other command is SAM's: `shorts deploy` is `sam deploy`.

`build`, `local invoke` and `local start-api` take the options of SAM's commands of the same names,
such as -t/--template-file, -b/--build-dir, --parameter-overrides, --config-file, --config-env,
-e/--event, --env-vars and -p/--port, and read samconfig.toml as SAM does. Of its own, `build` has:
  --upgrade            resolve requirements that have no lock again
  --allow-sdist NAME   build the wheel of NAME, which has none, if it is pure Python
  -v, --verbose        say what is left out of each folder
"""
_HELP_FLAGS = frozenset(("-h", "--help"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 for an error that the user can fix, 2 for a wrong call."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(asked)
    except UsageError as error:
        print(printable_lines(f"shorts: {error}"), file=sys.stderr)
        return 2
    except ShortsError as error:
        if asked[:1] == ["build"] and "--output json" in " ".join(asked).replace("=", " "):
            print(_failure(error))
        print(printable_lines(f"shorts: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("shorts: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        _leave()


def _leave() -> None:
    """Warn of a store that was not used, and remove its temporary replacement."""
    if cache_root := sys.modules.get("shorts.system.cache_root"):
        for warning in cache_root.warnings():
            print(printable_lines(f"warning: {warning}"), file=sys.stderr)
        cache_root.leave()


def _run(asked: list[str]) -> int:
    if asked == ["--version"]:
        print(f"shorts {__version__}")
        return 0
    commands = {
        "build": _build,
        "local invoke": _invoke,
        "local start-api": _serve,
        "local start-lambda": _serve_lambda,
        "lock": _lock,
        "check": _check,
        "why": _why,
        "size": _size,
        "cache": _cache,
    }
    count = 2 if asked[:1] == ["local"] else 1
    command = commands.get(" ".join(asked[:count]))
    if not asked or asked[0] in _HELP_FLAGS or (command and not _HELP_FLAGS.isdisjoint(asked)):
        print(_HELP, end="")
        return 0
    if command:
        words.check(asked)
        return command(asked[count:])
    from shorts.system import process

    return process.replace([process.tool("sam"), *asked])


def _build(arguments: list[str]) -> int:
    started = time.perf_counter()
    from shorts import pipeline
    from shorts.sam.read import read_application
    from shorts.targets import limits

    options, rest = words.own_options(arguments)
    read = read_application(rest)
    for note in read.notes:
        print(printable(f"note: {note}"), file=sys.stderr)
    with Progress() as progress:
        built = pipeline.build(read, options, progress.say)
    if options.verbose:
        for folder, names in built.left_out.items():
            if names:
                said = f"left out of {os.path.relpath(folder)}: {', '.join(names)}"
                print(printable(said), file=sys.stderr)
    if built.resolved and any(one.fresh for one in built.artifacts.values()):
        shown = ", ".join(os.path.relpath(manifest) for manifest in built.resolved)
        print(
            f"note: no lock, so kept as first resolved, until --upgrade: {shown}", file=sys.stderr
        )
        for name in _pips_alone():
            said = f"{name} is pip's, and uv resolves here: it reads UV_DEFAULT_INDEX and UV_INDEX"
            print(f"warning: {said}", file=sys.stderr)
    artifacts = built.artifacts
    left_undone = {line for one in artifacts.values() for line in one.warnings}
    for warning in sorted({*left_undone, *built.exposed}):
        print(printable_lines(f"warning: {warning}"), file=sys.stderr)
    if read.document:
        print(read.document)
        return 0
    for said in sorted({line for one in artifacts.values() if one.fresh for line in one.notes}):
        print(printable_lines(f"note: {said}"), file=sys.stderr)
    for line in (*table(artifacts), *(f"{name}  built by sam build" for name in built.handed)):
        print(printable(line))
    for name, one in artifacts.items():
        if one.size > limits.UPLOAD:
            print(f"note: {name} is over the 50 MB that Lambda takes without S3")
    took = time.perf_counter() - started
    print(f"Built in {took:.2f} s: {os.path.relpath(read.build_dir)}")
    return 0


def _pips_alone() -> list[str]:
    """Return the variables that set pip's index if none sets uv's, which is then the public one."""
    if any(name.startswith("UV_") and "INDEX" in name for name in os.environ):
        return []
    return [name for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL") if os.environ.get(name)]


def _failure(error: ShortsError) -> str:
    """Return what SAM prints for a failed build with ``--output json``."""
    said = {"type": type(error).__name__, "message": str(error), "resources": None}
    return msgspec.json.encode({"type": "result", "status": "failure", "error": said}).decode()


def table(artifacts: "dict[str, Artifact]") -> list[str]:
    """Return a line for each function: its name, the sizes of its zip, and whether it is new."""
    width = max((len(name) for name in artifacts), default=0)
    lines = []
    for name, one in artifacts.items():
        sizes = f"{one.size / 1000:9,.1f} KB zipped  {one.unzipped / 1000:9,.1f} KB unzipped"
        state = "built" if one.fresh else "unchanged"
        lines.append(f"{name:{width}}  {sizes}  {one.files:6,} files  {state}")
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


def _lock(arguments: list[str]) -> int:
    from shorts.artifact import plan
    from shorts.requirements import lock
    from shorts.sam.read import read_application
    from shorts.slices import store
    from shorts.targets.target import TARGETS

    options, rest = words.own_options(arguments)
    collected = plan.collect(read_application(rest), upgrade=True)
    manifests = {unit.manifest.path: unit.manifest for unit in collected if unit.manifest}
    for path in sorted(manifests):
        mine = [one.target for one in collected if one.manifest and one.manifest.path == path]
        targets = lock.write(
            manifests[path], store.Store.default(), targets=[*TARGETS, *mine], sdists=options.sdists
        )
        runtimes = ", ".join(dict.fromkeys(target.runtime for target in targets))
        print(f"{os.path.relpath(manifests[path].lock_path)}: {runtimes}")
    return 0


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
    from shorts.system import cache, cache_root

    kept = cache.Cache(cache_root.root())
    reason = cache_root.distrust(kept.root)
    if reason and arguments != ["dir"]:
        raise ShortsError(f"{reason}, so it is neither measured nor emptied.")
    match arguments:
        case ["dir"]:
            print(kept.root)
        case ["size"]:
            count, total = cache.size(kept)
            print(f"{count:,} Slices, {total / 1e6:,.1f} MB")
        case ["prune", *rest]:
            removed = cache.prune(kept, _days(rest), time.time())
            print(f"Removed {removed:,} Slices.")
        case ["clear"]:
            cache.clear(kept)
        case _:
            raise UsageError(
                "Say `shorts cache dir`, `size`, `prune [--older-than 30d]` or `clear`."
            )
    return 0


def _days(arguments: list[str]) -> float:
    """Return the days of ``--older-than 30d``; 30 by default."""
    match "=".join(arguments).split("="):
        case [""]:
            return 30
        case ["--older-than", text] if text.removesuffix("d").isdecimal():
            return float(text.removesuffix("d"))
    raise UsageError("Say for how many days: `shorts cache prune --older-than 30d`.")
