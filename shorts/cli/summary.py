"""The last lines of a build that made something."""

import os
import shlex

from shorts.model import Application
from shorts.pipeline import Built

# Where SAM looks for what was built.
_USUAL = os.path.join(".aws-sam", "build")
# How many requirements files a note names.
_NAMED = 3


def next_commands(application: Application, built: Built) -> str:
    """Return a line with the commands that people type next."""
    folder = os.path.relpath(application.build_dir)
    template = f" -t {shlex.quote(os.path.join(folder, 'template.yaml'))}"
    where = "" if folder == _USUAL else template
    names = [
        function.full_path
        for function in application.functions
        if function.full_path in built.artifacts
    ]
    commands = [f"shorts local invoke {name}{where}" for name in names[:1]]
    return f"Next: {', or '.join([*commands, f'shorts deploy --guided{where}'])}"


def unlocked(built: Built) -> str:
    """Return a note on requirements that no lock file pins."""
    shown = ", ".join(os.path.relpath(manifest) for manifest in built.resolved[:_NAMED])
    if len(built.resolved) > _NAMED:
        shown += f" and {len(built.resolved) - _NAMED} more"
    versions = (
        "reusing the versions of the last build"
        if built.former
        else "the next builds reuse these versions"
    )
    return f"{shown}: no lock file, {versions}. `shorts lock` pins them, `--upgrade` refreshes them"
