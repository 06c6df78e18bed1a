"""The resolution by uv of requirements without a lock: exact versions with hashes, per target."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import faults, requirements_txt
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.manifest import Requirements, portable
from shorts.requirements.names import normalized
from shorts.requirements.repositories import Checkout
from shorts.requirements.requirements_txt import (
    Include,
    Local,
    LogicalLine,
    Named,
    Option,
    Repository,
)
from shorts.system import files, interpreters, pip_settings, uv
from shorts.targets.target import Target

# The file does not decide what may be built from source.
_FORMAT = ("--no-binary", "--only-binary", "--prefer-binary")
# How uv says that a URL is not of a wheel.
_DISABLED = "Building source distributions for"
# How uv says that a line is not a requirement.
_UNREADABLE = "Couldn't parse requirement"


class Flat(msgspec.Struct, frozen=True, kw_only=True):
    """Requirements and constraints as two texts, valid in any folder."""

    requirements: str
    constraints: str


class _NoPython(uv.Unsolvable):
    """There is no Python to build a source distribution with."""


def resolve(
    requirements: Requirements,
    target: Target,
    wheels: Mapping[Path, LocalWheel],
    checkouts: Mapping[Repository, Checkout],
    sdists: frozenset[str] = frozenset(),
) -> str:
    """Resolve the full closure and return it as a requirements file with hashes.

    Only wheels count. A name in ``sdists`` comes from source only where there is no solution
    otherwise: a wheel for the target wins, even of an older version.

    Args:
        requirements: what to resolve.
        target: where they will be installed.
        wheels: of the projects that the requirements name, by their paths.
        checkouts: of the repositories that the requirements name.
        sdists: normalized names of what may be built from source.

    Raises:
        uv.Unsolvable: there is no solution.
        ShortsError: uv fails for another reason, or the requirements give hashes, but not of all.
    """
    flat = flattened(requirements, wheels, checkouts)
    path = requirements.path
    known = [text.replace("=", " ").split()[-1] for text in requirements.sources]
    try:
        found = _resolved(flat, target, sdists)
    except uv.Unsolvable as error:
        ways_out = "" if isinstance(error, _NoPython) else uv.ways_out(error, target, sdists)
        named = faults.contradicting(requirements, str(error))
        conflict = uv.is_conflict(error) and not isinstance(error, _NoPython)
        if len(named) > 1 and conflict:
            ways_out = f"Change one of {', '.join(named)}."
        hint = "" if conflict else pip_settings.hint(known)
        told = [f"{path}: {error}", ways_out, hint]
        raise uv.Unsolvable("\n".join(filter(None, told))) from error
    except ShortsError as error:
        said = str(error).replace("`-`", f"`{path.name}`")
        if _UNREADABLE in said and (fault := faults.unreadable(requirements)):
            raise ShortsError(fault) from error
        way_out = uv.ONLY_WHEELS if _DISABLED in said else ""
        told = [f"{path}: {said}", way_out, pip_settings.hint(known)]
        raise ShortsError("\n".join(filter(None, told))) from error
    return _restricted(found, requirements, checkouts.values())


def flattened(
    requirements: Requirements,
    wheels: Mapping[Path, LocalWheel],
    checkouts: Mapping[Repository, Checkout],
) -> Flat:
    """Return requirements in a form that is valid in any folder.

    Included files are inserted, each once, and wheels replace projects of this machine and of
    repositories.

    Args:
        requirements: the requirements.
        wheels: of the projects that they name, by their paths.
        checkouts: of the repositories that they name.
    """
    texts: dict[bool, list[str]] = {False: [], True: []}
    first = requirements.files[0]
    seen: set[tuple[Path | str, bool]] = {(first.place, False)}
    within = [(first, False, iter(first.lines))]
    while within:
        file, constrains, left = within[-1]
        line = next(left, None)
        if line is None:
            within.pop()
            continue
        content = line.content
        if isinstance(content, Include):
            mode = constrains or content.constrains
            if (content.target, mode) not in seen:
                seen.add((content.target, mode))
                other = requirements.file(content)
                within.append((other, mode, iter(other.lines)))
        elif isinstance(content, Local | Repository):
            wheel = wheels[content.path] if isinstance(content, Local) else checkouts[content].wheel
            named = f"{wheel.name}{content.extras} @ {wheel.path.as_uri()} {content.marker}"
            texts[constrains].append(named.rstrip())
        elif not (isinstance(content, Option) and content.name in _FORMAT):
            texts[constrains].append(portable(line, file.place))
    return Flat(
        requirements="\n".join(filter(None, texts[False])),
        constraints="\n".join(filter(None, texts[True])),
    )


def _resolved(flat: Flat, target: Target, sdists: frozenset[str]) -> str:
    """Return uv's resolution from wheels that run on the target.

    Only what turns out to have no wheel comes from source. A version that has wheels, but none that
    runs on the target, is excluded, and the rest resolved again.
    """
    from shorts.requirements import wheel_tags

    needed: frozenset[str] = frozenset()
    excluded: dict[str, list[str]] = {}
    while True:
        try:
            if target.is_exact:
                found = _compiled(flat, target, needed)
                if all(requirements_txt.split_hashes(one.raw)[1] for one in _lines(found)):
                    return found
                return _hashed(found, _compiled(flat, target, needed, "pylock.toml"), target)
            limited = _without(flat, excluded)
            found = _compiled(limited, target, needed, "pylock.toml")
            unfit = wheel_tags.unfit(found, target)
            new = {name: version for name, version in unfit.items() if name not in needed}
            if not new:
                return _hashed(_compiled(limited, target, needed), found, target)
            for name, version in new.items():
                excluded.setdefault(name, []).append(version)
        except uv.Unsolvable as error:
            left = sdists - needed
            lacking = uv.lacking(error).keys() | excluded.keys()
            if not left:
                raise _explained(error, excluded, target) from error
            # All of them where uv's message has another form.
            needed |= left & lacking or left
            excluded = {name: some for name, some in excluded.items() if name not in needed}


def _lines(text: str) -> list[LogicalLine]:
    return [*requirements_txt.logical_lines(text)]


def _hashed(text: str, lock: str, target: Target) -> str:
    """Return a resolution with the hashes of what will be installed.

    Of a folder or a page of wheels, uv gives the hash of one, and none where a source is built.

    Args:
        text: uv's resolution as a requirements file.
        lock: the same as a ``pylock.toml``.
        target: where it will be installed.
    """
    from shorts.requirements import wheel_tags

    files: dict[str, str] = {
        package.name: wheel_tags.installed(package, target) for package in wheel_tags.parse(lock)
    }
    lines = []
    for line in _lines(text):
        bare, hashes = requirements_txt.split_hashes(line.text)
        digest = files.get(normalized(re.split(r"[\s\[=@;]", bare)[0]), "")
        every = {*hashes, *([digest] if digest else [])}
        lines.append(" ".join([bare, *(f"--hash={value}" for value in sorted(every))]))
    return "\n".join(lines)


def _without(flat: Flat, excluded: Mapping[str, Sequence[str]]) -> Flat:
    """Return requirements that some versions do not fulfil."""
    limits = [f"{name}!={one}" for name, versions in excluded.items() for one in versions]
    return msgspec.structs.replace(flat, constraints="\n".join([flat.constraints, *limits]).strip())


def _explained(
    error: uv.Unsolvable, excluded: Mapping[str, Sequence[str]], target: Target
) -> uv.Unsolvable:
    """Return an error that says which versions were excluded, and why."""
    if not excluded:
        return error
    named = " and ".join(
        f"{name}=={version} has no usable wheels"
        for name, versions in excluded.items()
        for version in versions[:1]
    )
    glibc = ".".join(map(str, target.glibc))
    return uv.Unsolvable(f"{uv.UNSOLVABLE}: {named} for glibc {glibc}, which {target.runtime} has.")


def _compiled(
    flat: Flat, target: Target, sdists: Collection[str], form: str = "requirements.txt"
) -> str:
    """Return uv's resolution from wheels, but for the names in ``sdists`` only from source.

    uv caches the metadata of a source distribution by its file, for every Python alike: hence the
    target's Python, and no cache.
    """
    asked = [
        "--format",
        form,
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--only-binary",
        ":all:",
    ]
    asked += ["--only-binary", ":all:", "--python-version", target.version]
    asked += ["--python-platform", target.platform]
    python = None
    if sdists:
        python = interpreters.find(target.minor)
        names = ", ".join(sorted(sdists))
        if python is None:
            raise _NoPython(
                f"no wheels for {target} of {names}, and building from source takes Python "
                f"{target.minor}, which was not found.\n{interpreters.how_to_get(target.minor)}"
            )
        asked += ["--no-cache", *(word for name in sdists for word in ("--no-binary", name))]
    try:
        with files.scratch() as scratch:
            if flat.constraints:
                limits = scratch / "constraints.txt"
                limits.write_text(flat.constraints)
                asked += ["--constraints", str(limits)]
            return uv.pip("compile", [*asked, "-"], stdin=flat.requirements, python=python)
    except uv.Unsolvable:
        raise
    except ShortsError as error:
        if python:
            raise ShortsError(f"{error}\n{uv.NO_BUILD}") from error
        raise


def _restricted(found: str, requirements: Requirements, checkouts: Iterable[Checkout]) -> str:
    """Return a resolution with the hashes that the requirements give, which uv ignores.

    Repositories are named at their commits again, and variables in URLs again by their names.

    https://pip.pypa.io/en/stable/topics/secure-installs/

    Raises:
        ShortsError: the requirements give hashes, but not of all.
    """
    given: dict[str, list[str]] = {}
    strict = False
    for file in requirements.files:
        for line in file.lines:
            content = line.content
            if isinstance(content, Named) and line.hashes:
                given.setdefault(normalized(content.name), []).extend(line.hashes)
                strict |= not file.constrains
            elif isinstance(content, Option):
                strict |= content.name == "--require-hashes" and not file.constrains
    urls = {checkout.wheel.path.as_uri(): checkout.url for checkout in checkouts}
    for line in requirements.lines:
        raw, _ = requirements_txt.split_hashes(line.raw)
        if "${" in raw and " @ " in line.text:
            urls[_url(line.text)] = _url(raw)
    lines, without = [], []
    for resolved in requirements_txt.logical_lines(found):
        bare, hashes = requirements_txt.split_hashes(resolved.text)
        url = _url(bare)
        if url.startswith("file:") and url not in urls:
            continue  # a local project: its pin is known without uv
        bare = bare.replace(url, urls[url]) if url in urls else bare
        if url.startswith("file:"):
            lines.append(bare)
            continue
        name = normalized(re.split(r"[\s\[=@;]", bare)[0])
        if name not in given and strict:
            without.append(bare)
        allowed = given.get(name, hashes)
        lines.append(" ".join([bare, *(f"--hash={value}" for value in allowed)]))
    if without:
        raise ShortsError(
            f"{requirements.path} gives hashes, but none of {', '.join(without)}.\n"
            "Give the hashes of everything, as `uv pip compile --generate-hashes` writes them, or "
            "none."
        )
    return "\n".join(lines)


def _url(text: str) -> str:
    """Return the URL in a requirement; empty where it has none."""
    return "".join(text.partition(" @ ")[2].split()[:1])
