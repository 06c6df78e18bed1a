"""Compares the build systems, and prints the tables.

    python -m bench [--systems NAME …] [--functions NAME …] [--runs N] [--json FILE]
                    [--write DOCUMENT] [--template PATH]
    python -m bench scale
    python -m bench deploy
    python -m bench remote

docs/benchmark.md says what is measured, and how.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench import deploy, remote, scale, subjects, systems
from bench.contest import contest
from bench.program import Marked, at_least_one, described, machine, writable
from bench.results import Result, tables
from shorts.cli.progress import Progress
from shorts.errors import ShortsError

TABLES = Marked("benchmark")


def main(arguments: Sequence[str]) -> int:
    """Measure and print.

    Returns:
        0 if every system that can run here has a row; 1 if one failed; 130 if interrupted, when
        only the finished functions are printed.
    """
    if arguments[:1] == ["scale"]:
        return scale.main(arguments[1:])
    if arguments[:1] == ["deploy"]:
        return deploy.main(arguments[1:])
    if arguments[:1] == ["remote"]:
        return remote.main(arguments[1:])
    options = parser().parse_args(arguments)
    results: list[Result] = []
    try:
        about = machine()
        with (
            Progress() as progress,
            tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as root,
        ):
            _measure(options, Path(root), results, progress.say)
    except ShortsError as error:
        _print(results)
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _print(results)
        print("bench: interrupted", file=sys.stderr)
        return 130
    lines = [*tables(results), "", f"{described(about)}, runs {options.runs}"]
    print("\n".join(lines))
    if options.json:
        options.json.write_bytes(
            msgspec.json.format(msgspec.json.encode({"machine": about, "results": results}))
        )
    if options.write:
        TABLES.fill(options.write, lines)
    return int(any(result.state == "failed" for result in results))


def _measure(
    options: argparse.Namespace, root: Path, results: list[Result], say: Callable[[str], None]
) -> None:
    """Measure one function after the other; add the results of each when it is complete."""
    wanted = [
        system for system in systems.systems() if system.name in (options.systems or _names())
    ]
    if options.template:
        strange = set(options.systems or ()).difference(subjects.OF_TEMPLATES)
        if strange:
            raise ShortsError(
                f"{', '.join(sorted(strange))}: packages the project's own functions alone; "
                f"those of any template: {', '.join(subjects.OF_TEMPLATES)}."
            )
        measured = subjects.of_template(options.template, root / "project", wanted)
    else:
        measured = subjects.of_project(root / "project", wanted)
    named = options.functions or [subject.function.name for subject in measured]
    for name in named:
        if name not in [subject.function.name for subject in measured]:
            there = ", ".join(subject.function.name for subject in measured) or "none"
            raise ShortsError(f"There is no function {name} to be measured; there are: {there}.")
    for subject in measured:
        if subject.function.name in named:
            results += contest(
                subject.function, subject.systems, options.runs, root, say, subject.template
            )


def _names() -> list[str]:
    return [system.name for system in systems.systems()]


def _print(results: Sequence[Result]) -> None:
    if results:
        print("\n".join(tables(results)), flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options = argparse.ArgumentParser(
        prog="bench",
        description="Compare build systems on the same functions; `bench scale`: on many at once; "
        "`bench remote`: on empty machines with a full remote.",
    )
    names = dict.fromkeys(_names())
    options.add_argument(
        "--systems", nargs="+", choices=names, metavar="NAME", help=f"some of: {', '.join(names)}"
    )
    options.add_argument("--functions", nargs="+", metavar="NAME", help="logical ids")
    options.add_argument("--runs", type=at_least_one, default=5, metavar="N", help="default: 5")
    options.add_argument("--json", type=writable, metavar="FILE", help="write all figures here")
    options.add_argument(
        "--write", type=TABLES.document, metavar="DOCUMENT", help="put the tables in their place"
    )
    options.add_argument(
        "--template",
        type=Path,
        metavar="PATH",
        help="measure the Python functions of this template in place of the project's",
    )
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
