"""Exact versions and hashes for one target: from a lock, else resolved by uv."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shorts import process
from shorts.errors import ShortsError
from shorts.target import RUNTIMES, Target

LOCK_NAME = "requirements.lock"
_STAMP = "# requirements: sha256:"
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution, exactly.

    Attributes:
        name: normalized, such as ``python-dateutil``.
        version: such as ``2.9.0``.
        hashes: of every file that may be installed for it, sorted, ``sha256:…``.
    """

    name: str
    version: str
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a requirements file, without comments and with continuations joined.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if bare:
            yield re.sub(r"\s+", " ", bare)


def files(manifest: Path) -> list[Path]:
    """A requirements file and those that it includes, each once, in the order they are read.

    Raises:
        ShortsError: an included file is missing.
    """
    found: list[Path] = []
    waiting = [manifest]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        if not path.is_file():
            raise ShortsError(f"{manifest} includes {path}, which does not exist.")
        found.append(path)
        for line in logical_lines(_text(path)):
            included = _INCLUDE.match(line)
            if included:
                waiting.append(path.parent / included[1])
    return found


def digest(manifest: Path) -> str:
    """SHA-256 of what the requirements say, whatever their comments and spaces, hexadecimal."""
    said = hashlib.sha256()
    for path in files(manifest):
        said.update("\n".join(logical_lines(_text(path))).encode() + b"\n\n")
    return said.hexdigest()


def pins(manifest: Path, target: Target, *, kept: Path, upgrade: bool = False) -> list[Pin]:
    """What to install for a target, by name.

    Args:
        manifest: a ``requirements.txt``; a ``requirements.lock`` beside it is used as it is.
        target: where it will run.
        kept: a folder where a resolution without a lock is kept until the requirements change.
        upgrade: resolve again.

    Raises:
        ShortsError: the lock is of other requirements, or uv finds no solution.
    """
    lock = manifest.with_name(LOCK_NAME)
    said = digest(manifest)
    if lock.is_file():
        text = _text(lock)
        stamp = re.search(rf"^{_STAMP}(\w+)$", text, re.MULTILINE)
        if stamp and stamp[1] != said:
            raise ShortsError(
                f"{lock} was made from other requirements than {manifest} now holds.\n"
                "Run `shorts lock` to make it anew."
            )
        return parse(text, target, lock)
    resolved = kept / f"{said[:32]}-{target.runtime}-{target.architecture}.lock"
    if upgrade or not resolved.is_file():
        text = _resolve(manifest, target) if any(map(_asks, files(manifest))) else ""
        kept.mkdir(parents=True, exist_ok=True)
        resolved.write_text(text, encoding="utf-8")
    return parse(_text(resolved), target, resolved)


def parse(text: str, target: Target, path: Path) -> list[Pin]:
    """The pins of a lock that apply to a target, by name.

    Raises:
        ShortsError: a line is no exact requirement with hashes.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    found = []
    for line in logical_lines(text):
        if line.startswith("-"):
            continue
        bare, *hashes = line.split(" --hash=")
        try:
            requirement = Requirement(bare)
            (only,) = requirement.specifier
        except (InvalidRequirement, ValueError) as error:
            raise ShortsError(f"{path}: {bare!r} is no exact requirement: {error}") from error
        if only.operator != "==" or not hashes:
            raise ShortsError(f"{path}: {bare!r} names no exact version with hashes.")
        if requirement.marker is None or requirement.marker.evaluate(target.markers):
            name = canonicalize_name(requirement.name)
            found.append(Pin(name=name, version=only.version, hashes=tuple(sorted(hashes))))
    return sorted(found, key=lambda pin: pin.name)


def write(manifest: Path) -> str:
    """Write the lock beside a requirements file: the full closure for every target it allows.

    The oldest runtime that the requirements can be resolved for is where the lock starts; it holds
    for that one and all later ones, on both architectures.

    Returns:
        The runtime that the lock starts at.

    Raises:
        ShortsError: they can be resolved for none.
    """
    failure: ShortsError | None = None
    for runtime in RUNTIMES:
        minor = runtime.removeprefix("python")
        try:
            text = _compile(manifest, ["--universal", "--python-version", minor])
        except ShortsError as error:
            failure = error
            continue
        head = f"# Made by `shorts lock` from {manifest.name}.\n{_STAMP}{digest(manifest)}\n"
        manifest.with_name(LOCK_NAME).write_text(head + text, encoding="utf-8")
        return runtime
    assert failure is not None
    raise failure


def _resolve(manifest: Path, target: Target) -> str:
    try:
        return _compile(
            manifest,
            [
                "--python-version",
                target.minor,
                "--python-platform",
                target.platform,
                "--only-binary",
                ":all:",
            ],
        )
    except ShortsError as error:
        raise ShortsError(
            f"{error}\nResolved for {target}, from wheels alone: ask for a version that has one, "
            "or use `sam build --use-container`."
        ) from error


def _compile(manifest: Path, options: list[str]) -> str:
    """uv's own resolution, as a requirements file with hashes.

    Raises:
        ShortsError: with uv's reason on one line.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "lock")
        command = [process.tool("uv"), "pip", "compile", "--quiet", "--color", "never"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(out)]
        try:
            process.run([*command, *options, str(manifest)])
        except process.ProcessFailed as error:
            raise ShortsError(f"{manifest}: {words(error.output)}") from error
        return _text(out)


def words(output: str) -> str:
    """What uv printed of a failure, on one line, without its drawing."""
    bare = re.sub(r"[×╰─▶│├]|^error:|^warning:", " ", output, flags=re.MULTILINE)
    return re.sub(r"\s+", " ", bare).strip()


def _asks(path: Path) -> bool:
    """Whether a requirements file asks for anything."""
    return any(not line.startswith("-") or line.startswith("-e") for line in logical_lines(_text(path)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is no UTF-8 text: {error}.") from error
