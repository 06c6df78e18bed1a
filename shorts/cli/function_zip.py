"""`shorts zip`: the zip of one function or layer, without a template."""

import os
from collections.abc import Mapping, Sequence

import msgspec

from shorts.cli import console, options
from shorts.cli.progress import Progress
from shorts.errors import UsageError
from shorts.system.printed import printable
from shorts.targets import limits

_CALL = "`shorts zip FOLDER --handler app.handler --runtime python3.13 -o out.zip`"


def write(arguments: Sequence[str]) -> int:
    """Write the zip, and print its path, its digest and its sizes.

    ``--json`` prints the record `function_zip.FunctionZip` as one object (docs/zip.md).
    """
    from shorts.api import function_zip

    values, names, _, _ = options.parse("zip", arguments)
    is_terraform = values["terraform"]
    if is_terraform:
        from shorts.cli import terraform

        if [word for word in arguments if word not in ("--terraform", "-q", "--quiet")]:
            raise UsageError("--terraform reads all other options from standard input.")
        values, names, _, _ = options.parse("zip", terraform.arguments())
    if len(names) != 1:
        raise UsageError(f"Name one folder: {_CALL}.")
    missing = [name for name in ("runtime", "output") if not values[name]]
    if missing:
        raise UsageError(f"--{missing[0]} is missing: {_CALL}.")
    handler = values["handler"]
    if bool(handler) == values["layer"]:
        missing_one = "--handler is missing, or name a layer with --layer alone"
        both = "A layer has no handler: leave out --handler or --layer"
        raise UsageError(f"{both if handler else missing_one}: {_CALL}.")
    with Progress() as progress:
        given = {
            "runtime": values["runtime"],
            "architecture": values["arch"] or "x86_64",
            "output": values["output"],
            "manifest": values["manifest"],
            "upgrade": values["upgrade"],
            "sdists": values["allow_sdist"],
            "report": progress.say,
        }
        if values["layer"]:
            _check_layer(values)
            made = function_zip.zip_layer(names[0], **given)
        else:
            made = function_zip.zip_function(
                names[0],
                handler=handler,
                events=values["event"],
                keep=values["keep"],
                drop=values["drop"],
                source_roots=values["source_root"],
                slim=not values["no_slim"],
                memory=values["memory"] or 128,
                timeout=values["timeout"] or 3,
                variables=dict(values["env"]),
                format=values["format"] or "lambda",
                **given,
            )
    for warning in sorted({*made.warnings}):
        console.warn(warning)
    for note in made.notes:
        console.note(note)
    document = {
        "path": str(made.path),
        "sha256": made.sha256,
        "code_sha256": made.code_sha256,
        "size": made.size,
        "unzipped_size": made.unzipped_size,
        "files": made.files,
        "rebuilt": made.rebuilt,
        "sbom": str(made.sbom),
        "manifest": str(made.manifest),
        "warnings": made.warnings,
        "notes": made.notes,
    }
    if is_terraform:
        print(terraform.result(document))
        return 0
    if values["json"]:
        print(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
        return 0
    sizes = f"{made.size / 1000:,.1f} KB zipped  {made.unzipped_size / 1000:,.1f} KB unzipped"
    state = "built" if made.rebuilt else "unchanged"
    print(printable(f"{os.path.relpath(made.path)}  {sizes}  {made.files:,} files  {state}"))
    print(f"sha256:{made.sha256}")
    if made.size > limits.UPLOAD and values["format"] != "google":
        console.note("it is over the 50 MB that Lambda takes without S3")
    return 0


def _check_layer(values: Mapping[str, object]) -> None:
    """Refuse options that a layer does not have.

    Raises:
        UsageError: one was given.
    """
    of_functions = "event keep drop source_root no_slim memory timeout env format".split()
    wrong = [f"--{name.replace('_', '-')}" for name in of_functions if values[name]]
    if wrong:
        raise UsageError(f"{wrong[0]} is for functions: a layer holds all that it requires.")
