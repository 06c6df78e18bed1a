"""Files among the code that look like secrets; a build warns of them."""

import os
import re
from collections.abc import Iterable

from shorts.artifact.plan import BuildUnit
from shorts.system.source_tree import File

# Names of files that a build warns of, in lower case.
_NAMES = (
    r"\.netrc|\.env(rc|\..+)?|.+\.kdbx"
    r"|id_(rsa|dsa|ecdsa|ed25519|xmss)(_sk)?(?!.*\.pub$)(\..+)?"
    r"|credentials(?!.*\.(py|pyi|pyc|so)$).*"
)
# Files that list the names of variables, but not their values.
_EXAMPLES = r"\.env\.(.+\.)?(example|sample|template|dist)"
# Names of files that a build warns of only if they hold a key; certificates are public.
_IF_A_KEY = r"id_(?!.*\.(py|pyi|pyc|so|pub)$).+|.+\.pem"
_KEY = rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"
# How all these names begin or end: few files need the patterns, which take time to compile.
_BEGIN, _END = (".netrc", ".env", "id_", "credentials"), (".kdbx", ".pem")


def files(candidates: Iterable[File]) -> list[str]:
    """Return the paths of the files that look like secrets."""
    return [file.path for file in candidates if _looks_secret(file)]


def _looks_secret(file: File) -> bool:
    *folders, name = file.path.lower().split("/")
    if ".aws" in folders:
        return True
    if not (name.startswith(_BEGIN) or name.endswith(_END)):
        return False
    if re.fullmatch(_NAMES, name):
        return not re.fullmatch(_EXAMPLES, name)
    return bool(re.fullmatch(_IF_A_KEY, name) and re.search(_KEY, file.content))


def warnings(units: Iterable[BuildUnit]) -> list[str]:
    """Return warnings about the secrets that zips would hold, with the way to leave them out.

    A Makefile chooses its own output, and what `Drop` names does not ship.
    """
    texts: dict[str, str] = {}
    for unit in units:
        if not unit.installed:
            for path in files(unit.tree.files):
                if not _is_dropped(unit, unit.folder + path):
                    texts.setdefault(os.path.join(unit.tree.root, path), _warning(unit, path))
    return [*texts.values()]


def _is_dropped(unit: BuildUnit, path: str) -> bool:
    if not unit.settings.drop:
        return False
    from shorts.artifact.trim_rules import matches

    return matches(unit.settings.drop, [path]) and not matches(unit.settings.keep, [path])


def _warning(unit: BuildUnit, path: str) -> str:
    from glob import escape  # only here: a build without warnings does not need it

    shown = os.path.relpath(os.path.join(unit.tree.root, path))
    drop = f"`Drop: ['{unit.folder}{escape(path)}']` in the function's `Metadata: Shorts`"
    way_out = "Move it out of that folder"
    if unit.handlers is not None:
        way_out += f", or write {drop}"
    return f"{shown} looks like a secret, and the zip of {unit.full_paths[0]} holds it. {way_out}"
