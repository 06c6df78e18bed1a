"""The resolution by uv of requirements without a lock: exact versions with hashes, per target."""

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import faults, requirements_txt
from shorts.requirements.flat import Flat, flattened
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.manifest import Requirements
from shorts.requirements.names import normalized
from shorts.requirements.repositories import Checkout
from shorts.requirements.requirements_txt import LogicalLine, Named, Option, Repository
from shorts.system import files, interpreters, pip_settings, uv
from shorts.targets.target import Target

# How uv says that a URL is not of a wheel.
_DISABLED = "Building source distributions for"
# How uv says that a line is not a requirement.
_UNREADABLE = "Couldn't parse requirement"


class _NoPython(uv.Unsolvable):
    """The Python that would build a source distribution is missing."""


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
    origins = _origins(wheels, checkouts)
    known = [text.replace("=", " ").split()[-1] for text in requirements.sources]
    try:
        resolution = _resolved_with_projects(flat, target, sdists, origins)
    except uv.Unsolvable as error:
        ways_out = "" if isinstance(error, _NoPython) else uv.ways_out(error, target, sdists)
        named = faults.contradicting(requirements, str(error))
        conflict = uv.is_conflict(error) and not isinstance(error, _NoPython)
        if len(named) > 1 and conflict:
            ways_out = f"Change one of {', '.join(named)}."
        hint = "" if conflict else pip_settings.hint(known)
        told = [f"{path}: {error}", ways_out, hint]
        raise uv.Unsolvable(_as_written("\n".join(filter(None, told)), checkouts)) from error
    except ShortsError as error:
        reason = str(error).replace("`-`", f"`{path.name}`")
        if _UNREADABLE in reason and (fault := faults.unreadable(requirements)):
            raise ShortsError(fault) from error
        way_out = uv.ONLY_WHEELS if _DISABLED in reason else ""
        hint = "" if uv.conflicting(error) else pip_settings.hint(known)
        told = [f"{path}: {reason}", way_out, hint]
        raise ShortsError(_as_written("\n".join(filter(None, told)), checkouts)) from error
    return _restricted(resolution, requirements, origins, checkouts.values())


def _as_written(text: str, checkouts: Mapping[Repository, Checkout]) -> str:
    """Return a text that names repositories as the requirements do, without secrets."""
    for checkout in checkouts.values():
        text = text.replace(checkout.exact, checkout.url)
    return text


def _origins(
    wheels: Mapping[Path, LocalWheel], checkouts: Mapping[Repository, Checkout]
) -> dict[str, tuple[str, str]]:
    """Return the distribution and the origin of each wheel that was built, by its URL."""
    origins = {wheel.path.as_uri(): (wheel.name, path.as_uri()) for path, wheel in wheels.items()}
    for checkout in checkouts.values():
        origins[checkout.wheel.path.as_uri()] = checkout.wheel.name, checkout.exact
    return origins


def _resolved_with_projects(
    flat: Flat, target: Target, sdists: frozenset[str], origins: Mapping[str, tuple[str, str]]
) -> str:
    """Return uv's resolution, where requirements of requirements may name projects by URLs, too.

    uv takes a repository that another requirement or a constraint names, and builds what it has no
    static metadata of. Where the requirements name a project themselves, uv compares its origins.
    """
    urls = {origin for _, origin in origins.values()}
    built: frozenset[str] = frozenset()
    while True:
        try:
            return _resolved(flat, target, sdists, built)
        except uv.Unsolvable:
            raise
        except ShortsError as error:
            named, (name, url) = uv.unnamed_repository(error), uv.unbuilt(error)
            known = _by_origin(flat, uv.conflicting(error), origins)
            if named and named not in flat.constraints.splitlines():
                flat = msgspec.structs.replace(flat, constraints=f"{flat.constraints}\n{named}")
            elif name not in built and (url.startswith("git+") or url in urls):
                built |= {name}
            elif known != flat:
                flat = known
            else:
                raise


def _by_origin(flat: Flat, name: str, origins: Mapping[str, tuple[str, str]]) -> Flat:
    """Return requirements with a project's origin in the place of the wheel built of it."""
    texts = [flat.requirements, flat.constraints]
    for wheel, (built, origin) in origins.items():
        if built == name:
            texts = [text.replace(wheel, origin) for text in texts]
    return Flat(requirements=texts[0], constraints=texts[1])


def _resolved(flat: Flat, target: Target, sdists: frozenset[str], built: frozenset[str]) -> str:
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
                resolution = _compiled(flat, target, needed, built)
                if all(requirements_txt.split_hashes(line.raw)[1] for line in _lines(resolution)):
                    return resolution
                return _hashed(
                    resolution, _compiled(flat, target, needed, built, "pylock.toml"), target
                )
            limited = _without(flat, excluded)
            resolution = _compiled(limited, target, needed, built, "pylock.toml")
            unfit = wheel_tags.unfit(resolution, target)
            new = {name: version for name, version in unfit.items() if name not in needed}
            if not new:
                return _hashed(_compiled(limited, target, needed, built), resolution, target)
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
    limits = [f"{name}!={version}" for name, versions in excluded.items() for version in versions]
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
    flat: Flat,
    target: Target,
    sdists: Collection[str],
    built: Collection[str],
    form: str = "requirements.txt",
) -> str:
    """Return uv's resolution from wheels, but for names in ``sdists`` and ``built`` from source.

    Those in ``built`` are in repositories. uv caches the metadata of what it builds for all
    versions of Python: so the target's Python builds, and the cache is off.
    """
    arguments = [
        "--format",
        form,
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--only-binary",
        ":all:",
    ]
    arguments += ["--only-binary", ":all:", "--python-version", target.version]
    arguments += ["--python-platform", target.platform]
    python = None
    if sdists or built:
        python = interpreters.find(target.minor) or (None if sdists else Path(sys.executable))
        names = ", ".join(sorted(sdists))
        if python is None:
            raise _NoPython(
                f"no wheels for {target} of {names}, and building from source needs Python "
                f"{target.minor}, which was not found.\n{interpreters.how_to_get(target.minor)}"
            )
        sources = sorted({*sdists, *built})
        arguments += ["--no-cache", *(word for name in sources for word in ("--no-binary", name))]
    try:
        with files.scratch() as scratch:
            if flat.constraints:
                limits = scratch / "constraints.txt"
                limits.write_text(flat.constraints)
                arguments += ["--constraints", str(limits)]
            return uv.pip("compile", [*arguments, "-"], stdin=flat.requirements, python=python)
    except uv.Unsolvable:
        raise
    except ShortsError as error:
        if sdists:
            raise ShortsError(f"{error}\n{uv.NO_BUILD}") from error
        raise


def _restricted(
    resolution: str,
    requirements: Requirements,
    origins: Mapping[str, tuple[str, str]],
    checkouts: Iterable[Checkout],
) -> str:
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
    urls: dict[str, str] = {}
    for checkout in checkouts:
        urls |= dict.fromkeys((checkout.wheel.path.as_uri(), checkout.exact), checkout.url)
    for line in requirements.lines:
        raw, _ = requirements_txt.split_hashes(line.raw)
        if "${" in raw and " @ " in line.text:
            urls[_url(line.text)] = _url(raw)
    local = {url for wheel, (_, origin) in origins.items() for url in (wheel, origin)} - urls.keys()
    lines, without = [], []
    for resolved in requirements_txt.logical_lines(resolution):
        bare, hashes = requirements_txt.split_hashes(resolved.text)
        url = _url(bare)
        if url in local:
            continue  # its pin is known without uv
        if url in urls:
            bare = bare.replace(url, urls[url])
        if bare.partition(" @ ")[2].startswith("git+"):
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
