"""The saved result of trimming, so that an unchanged function is not verified again."""

import glob
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import deflate
import msgspec

from shorts.artifact.content import Content
from shorts.artifact.plan import BuildUnit, TrimmedUnit
from shorts.artifact.trim_rules import Trim
from shorts.remote import Remote
from shorts.system import interpreters, project_state
from shorts.system.project_state import FOLDER
from shorts.targets.target import Target
from shorts.trim.trace import Timed

# How many records of one function are kept: it may be built for several targets in turn.
_KEPT = 4
# What records are in a remote, and the number of their format there.
KIND = "proofs"
_FORMAT = 1
# How many letters of a function's full path are in a record's name there.
_READABLE = 80


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could be in a zip.

    Attributes:
        path: in the zip.
        size: in bytes.
        packed: its bytes in the zip.
    """

    path: str
    size: int
    packed: int


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the events of a function have shown; ``.aws-sam/shorts/proofs/`` keeps it.

    Attributes:
        target: what it was built for.
        content: a digest of the artifact without trimming.
        events: how the run of each event failed, by its shown path; empty where it returned.
        touched: the paths that the events opened, imported or mapped.
        trim: what becomes of the files.
        left_out: what trimming leaves out of the artifact.
        untouched: data in the artifact that no event opened.
        imports: of the trimmed artifact's init, in the order they ended.
        notes: what is worth knowing, and needs no fix.
        warnings: what needs a fix.
        steady: whether all answers came in time and were the same in every run.
    """

    target: Target
    content: str
    events: dict[str, str]
    touched: list[str]
    trim: Trim
    left_out: list[Part]
    untouched: list[Part]
    imports: list[Timed]
    notes: list[str]
    warnings: list[str]
    steady: bool


def record(unit: BuildUnit) -> Record | None:
    """Return the record of a unit; None where it is not trimmed or has changed since."""
    return project_state.recall(_place(unit), Record)


def without_layers(unit: TrimmedUnit) -> TrimmedUnit:
    """Return a unit with shared layers that are trimmed, as it runs before that.

    It has a record of its own.
    """
    key = sha256(f"{unit.own_key} without layers".encode()).hexdigest()
    return msgspec.structs.replace(unit, own_key=key)


def former(unit: BuildUnit) -> Record | None:
    """Return the newest record of a unit's function for the same target, even if outdated."""
    records = (project_state.recall(place, Record) for place in reversed(_records(unit)))
    return next((record for record in records if record and record.target == unit.target), None)


def digest(content: Content) -> str:
    """Return a digest of what a unit's artifact holds without trimming."""
    entries = [(entry.path, entry.executable, entry.crc, entry.size) for _, entry in content.picked]
    return sha256(msgspec.json.encode(entries)).hexdigest()


def current(
    unit: BuildUnit, content: str, remote: Remote | None, report: Callable[[str], None]
) -> Record | None:
    """Return the record of a unit and its content, from here or else from the remote."""
    known = record(unit)
    if known and known.content == content:
        return known
    return fetch(unit, content, remote, report)


def fetch(
    unit: BuildUnit, content: str, remote: Remote | None, report: Callable[[str], None]
) -> Record | None:
    """Return the record that another machine has made of a unit and its content, and keep it.

    Args:
        unit: is trimmed.
        content: the digest of its artifact without trimming.
        remote: None for none.
        report: receives a line about each step.
    """
    if remote is None:
        return None
    records: list[Record] = []

    def take(wanted: str, name: str, packed: bytes) -> None:
        with suppress(msgspec.DecodeError, deflate.DeflateError):
            made = msgspec.json.decode(deflate.gzip_decompress(packed), type=Record)
            if (made.target, made.content) == (unit.target, content):
                records.append(made)

    name = shared_name(unit, content)
    remote.fetch(KIND, {name: [name]}, take, report)
    for made in records:
        keep(unit, made)
    return next(iter(records), None)


def share(unit: BuildUnit, remote: Remote | None) -> None:
    """Upload a unit's record, where the remote takes it and all answers were the same each time."""
    made = record(unit) if remote else None
    if remote and made and made.steady:
        content = bytes(deflate.gzip_compress(msgspec.json.encode(made)))
        remote.share(KIND, shared_name(unit, made.content), lambda: content)


def shared_name(unit: BuildUnit, content: str) -> str:
    """Return the name of a unit's record in the remote; `shared_prefix` is its start."""
    return f"{shared_prefix(unit)}{content}"


def shared_prefix(unit: BuildUnit) -> str:
    """Return what the names of a unit's records begin with; it differs between interpreters."""
    python = interpreters.find(unit.target.minor)
    version = interpreters.version(python) if python else ""
    depends = (_FORMAT, unit.full_paths[0], unit.own_key, version, deflate.__version__)
    digest = sha256(msgspec.json.encode(depends)).hexdigest()
    return f"{_name(unit)[-_READABLE:]}-{digest[:32]}-"


def _place(unit: BuildUnit) -> Path:
    return FOLDER / "proofs" / f"{_name(unit)}-{unit.own_key[:32]}.json"


def _name(unit: BuildUnit) -> str:
    return unit.full_paths[0].replace("/", ".")


def keep(unit: BuildUnit, made: Record) -> None:
    """Write a record, and remove all but the newest few of the same function."""
    project_state.keep(_place(unit), made)
    for path in _records(unit)[:-_KEPT]:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _records(unit: BuildUnit) -> list[Path]:
    """Return the paths of the records of a unit's function, the newest last."""
    place = _place(unit)
    name = glob.escape(place.name[: -len(f"{unit.own_key[:32]}.json")])
    return sorted(place.parent.glob(f"{name}{'[0-9a-f]' * 32}.json"), key=_age)


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
