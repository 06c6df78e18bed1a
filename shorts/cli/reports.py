"""Commands that report. Each is an adapter: it parses, calls plain functions, prints."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from shorts.cli import console
from shorts.cli import options as cli_options


def size(arguments: list[str]) -> int:
    """Report on what is built: what the zips hold, what changed, or how long imports take."""
    from shorts.cli.progress import Progress
    from shorts.errors import ShortsError, UsageError, writing
    from shorts.report import compare, markdown
    from shorts.report import size as sizes
    from shorts.report import tables as listing
    from shorts.system import atomic

    values, names, arguments, _ = cli_options.parse("size", arguments)
    html, old = values["html"], values["against"]
    against = Path(old) if old else None
    others = [name for name in ("--html", "--against", "--markdown") if values[name[2:]]]
    if values["imports"] and others:
        raise UsageError(f"--imports is a table of its own: leave out {' and '.join(others)}.")
    if values["markdown"] and values["json"]:
        raise UsageError("--markdown and --json are two forms of one report: leave out one.")
    if html:
        from shorts.report import treemap

        treemap.check_target(Path(html))
    application, wanted = sizes.chosen(names, arguments)
    if against and len(wanted) != 1 and not against.is_dir():
        raise UsageError(f"Name the zip to compare: one of {', '.join(wanted)}.")
    if against and against.is_dir() and not any(against.rglob("*.zip")):
        raise ShortsError(f"{against} has no zips: name a build folder, or a zip: --against OLD.")
    options = cli_options.build_options(values)
    with Progress() as progress:
        parts, missing = sizes.parts(application, wanted, options, progress.say)
        if values["imports"]:
            measured = sizes.imports(application, parts)
    for line in missing:
        console.note(line)
    if values["imports"]:
        tables = [listing.imports_table(*table) for table in measured]
        print(listing.imports_as_json(measured) if values["json"] else _apart(tables))
        return 0
    examined = [sizes.examined(part, compare.former(against, part.name)) for part in parts]
    reports = [report for report, _ in examined]
    if values["markdown"]:
        gone = [] if names else compare.gone(against, wanted)
        print(markdown.comment(reports, gone, is_compared=against is not None), end="")
    else:
        print(listing.as_json(reports) if values["json"] else _apart(map(listing.table, reports)))
    if html:
        with writing(html, "Name a file that can: --html FILE."):
            atomic.write(Path(html), treemap.page(examined).encode())
    return 0


def _apart(tables: Iterable[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(table) for table in tables)


def check(arguments: list[str]) -> int:
    """Print what is wrong with functions' requirements; return 1 if an import is missing.

    ``--json`` prints one object: ``functions`` and ``skipped``, lists of full paths; ``findings``,
    a list of objects with ``function``, ``kind``, ``level``, ``name``, ``path``, ``line`` and
    ``message`` (see `rules.Finding`); and ``changes``, what ``--fix`` did, a list of objects with
    ``path``, ``removed``, ``added`` and ``left``, which hold lines.
    """
    from shorts.cli.progress import Progress
    from shorts.report import check as checks
    from shorts.sam.read import read_application

    values, names, arguments, _ = cli_options.parse("check", arguments)
    with Progress() as progress:
        read = read_application(arguments, progress.say)
        checked = checks.check(read, names, cli_options.build_options(values), progress.say)
    changes = []
    if values["fix"]:
        from shorts.report import fix

        changes = fix.fix(checked)
    if values["json"]:
        import msgspec

        document = msgspec.json.encode(
            {
                "functions": checked.functions,
                "skipped": checked.skipped,
                "findings": checked.findings,
                "changes": changes,
            }
        )
        print(msgspec.json.format(document, indent=2).decode())
        return int(checked.failed)
    for function in checked.functions:
        of_function = [finding for finding in checked.findings if finding.function == function]
        print(function if of_function else f"{function}  nothing to fix")
        for finding in of_function:
            place = f"{finding.path}:{finding.line}" if finding.line else finding.path
            print(f"  {place}: {finding.level}: {finding.message}")
    for name in checked.skipped:
        print(f"{name}  built by sam build, not checked")
    for change in changes:
        print(change.path)
        for line in change.removed:
            print(f"- {line}")
        for line in change.added:
            print(f"+ {line}")
        for line in change.left:
            print(f"  {line}")
    if any(change.removed or change.added for change in changes):
        print("Run `shorts lock` where there is a lock.")
    return int(checked.failed)


def why(arguments: list[str]) -> int:
    """Print the chain of imports from a function's handler to a module, distribution or file."""
    from shorts.cli.progress import Progress
    from shorts.errors import UsageError
    from shorts.report import why as whys
    from shorts.sam.read import read_application

    values, names, arguments, _ = cli_options.parse("why", arguments)
    if len(names) != 2:
        raise UsageError("Name a function and what to explain: `shorts why FUNCTION NAME`.")
    function, name = names
    with Progress() as progress:
        read = read_application(arguments, progress.say)
        reason = whys.why(read, function, name, cli_options.build_options(values), progress.say)
    print(reason)
    return 0
