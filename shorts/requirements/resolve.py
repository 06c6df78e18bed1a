"""The resolution by uv of requirements without a lock: exact versions with hashes, per target."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from shorts.errors import ShortsError
from shorts.requirements import requirements_txt
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.names import normalized
from shorts.system import interpreters, uv
from shorts.targets.target import Target

# How uv says that a URL is not of a wheel.
_DISABLED = "Building source distributions for"


class _NoPython(uv.Unsolvable):
    """There is no Python to build a source distribution with."""


def resolve(
    manifest: Path,
    target: Target,
    wheels: Mapping[Path, LocalWheel],
    sdists: frozenset[str] = frozenset(),
) -> str:
    """Resolve the full closure and return it as a requirements file with hashes.

    Only wheels count. A name in ``sdists`` comes from source only where there is no solution
    otherwise: a wheel for the target wins, even of an older version.

    Args:
        manifest: the requirements.
        target: where they will be installed.
        wheels: of the projects that the requirements name, by their paths.
        sdists: normalized names of what may be built from source.

    Raises:
        uv.Unsolvable: there is no solution.
        ShortsError: uv fails for another reason, or the requirements give hashes, but not of all.
    """
    named = {path: (wheel.name, wheel.path) for path, wheel in wheels.items()}
    flat = requirements_txt.flattened(manifest, named)
    try:
        found = _resolved(flat, target, sdists)
    except uv.Unsolvable as error:
        known = isinstance(error, _NoPython)
        ways_out = "" if known else f"\n{uv.ways_out(error, target, sdists)}"
        raise uv.Unsolvable(f"{manifest}: {error}{ways_out}") from error
    except ShortsError as error:
        said = str(error).replace("`-`", f"`{manifest.name}`")
        way_out = f"\n{uv.ONLY_WHEELS}" if _DISABLED in said else ""
        raise ShortsError(f"{manifest}: {said}{way_out}") from error
    return _restricted(found, flat, manifest)


def _resolved(flat: str, target: Target, sdists: frozenset[str]) -> str:
    """Return uv's resolution, in which only what turns out to have no wheel comes from source."""
    needed: frozenset[str] = frozenset()
    while True:
        try:
            return _compiled(flat, target, needed)
        except uv.Unsolvable as error:
            left = sdists - needed
            if not left:
                raise
            # All of them where uv's message has another form.
            needed |= left & uv.lacking(error).keys() or left


def _compiled(flat: str, target: Target, sdists: Collection[str]) -> str:
    """Return uv's resolution from wheels, but for the names in ``sdists`` only from source.

    uv caches the metadata of a source distribution by its file, for every Python alike: hence the
    target's Python, and no cache.
    """
    asked = ["--generate-hashes", "--no-header", "--no-annotate", "--only-binary", ":all:"]
    asked += ["--python-version", target.version, "--python-platform", target.platform, "-"]
    if not sdists:
        return uv.pip("compile", asked, stdin=flat)
    python = interpreters.find(target.minor)
    names = ", ".join(sorted(sdists))
    if python is None:
        raise _NoPython(
            f"no wheels for {target} of {names}, and building from source takes Python "
            f"{target.minor}, which was not found.\n{interpreters.how_to_get(target.minor)}"
        )
    asked += ["--no-cache", *(word for name in sdists for word in ("--no-binary", name))]
    try:
        return uv.pip("compile", asked, stdin=flat, python=python)
    except uv.Unsolvable:
        raise
    except ShortsError as error:
        raise ShortsError(f"{error}\n{uv.NO_BUILD}") from error


def _restricted(found: str, flat: str, manifest: Path) -> str:
    """Return a resolution with the hashes that the requirements give, which uv ignores.

    https://pip.pypa.io/en/stable/topics/secure-installs/

    Raises:
        ShortsError: the requirements give hashes, but not of all.
    """
    asked = list(requirements_txt.logical_lines(flat))
    every = (
        line
        for path in requirements_txt.files(manifest)
        for line in requirements_txt.logical_lines(requirements_txt.text(path))
    )
    given = {normalized(name): hashes for name, hashes in requirements_txt.hashes_of(every).items()}
    strict = bool(requirements_txt.hashes_of(asked)) or "--require-hashes" in asked
    lines, without = [], []
    for line in requirements_txt.logical_lines(found):
        if " @ file:" in line:
            continue  # a local project: its pin is known without uv
        bare = line.partition(" --hash=")[0]
        name = normalized(re.split(r"[\s\[=@;]", bare)[0])
        if name in given:
            line = " ".join([bare, *(f"--hash={value}" for value in given[name])])
        elif strict:
            without.append(bare)
        lines.append(line)
    if without:
        raise ShortsError(
            f"{manifest} gives hashes, but none of {', '.join(without)}.\n"
            "Give the hashes of everything, as `uv pip compile --generate-hashes` writes them, or "
            "none."
        )
    return "\n".join(lines)
