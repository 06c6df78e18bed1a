"""The kept result of a function's trimming, so that nothing unchanged is verified again."""

import glob
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.artifact.content import Content
from shorts.artifact.plan import BuildUnit
from shorts.artifact.trim_rules import Trim
from shorts.system import project_state
from shorts.system.project_state import FOLDER
from shorts.targets.target import Target
from shorts.trim.trace import Timed

# How many records of one function are kept: it may be built for several targets in turn.
_KEPT = 4


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


def former(unit: BuildUnit) -> Record | None:
    """Return the newest record of a unit's function for the same target, even if outdated."""
    records = (project_state.recall(place, Record) for place in reversed(_records(unit)))
    return next((one for one in records if one and one.target == unit.target), None)


def digest(content: Content) -> str:
    """Return a digest of what a unit's artifact holds without trimming."""
    said = [(one.path, one.executable, one.crc, one.size) for _, one in content.picked]
    return sha256(msgspec.json.encode(said)).hexdigest()


def _place(unit: BuildUnit) -> Path:
    name = unit.full_paths[0].replace("/", ".")
    return FOLDER / "proofs" / f"{name}-{unit.key[:32]}.json"


def keep(unit: BuildUnit, made: Record) -> None:
    """Write a record, and remove all but the newest few of the same function."""
    project_state.keep(_place(unit), made)
    for one in _records(unit)[:-_KEPT]:
        with suppress(OSError):
            one.unlink(missing_ok=True)


def _records(unit: BuildUnit) -> list[Path]:
    """Return the paths of the records of a unit's function, the newest last."""
    place = _place(unit)
    name = glob.escape(place.name[: -len(f"{unit.key[:32]}.json")])
    return sorted(place.parent.glob(f"{name}{'[0-9a-f]' * 32}.json"), key=_age)


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
