"""What changed between two zips, by distribution and by file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shorts.errors import ShortsError
from shorts.model import artifact
from shorts.requirements.names import normalized
from shorts.system.files import ARCHIVE, TEXT, check

if TYPE_CHECKING:
    from shorts.report.zip_files import File

_INFO = re.compile(r"^(?:.*/)?([^/]+?)-[^/-]+\.(?:dist|egg)-info/")


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a distribution before and after; 0 if it is absent.

    Attributes:
        name: of the distribution.
        before: bytes in the former zip.
        after: bytes in this one.
        difference: how much larger it has become.
    """

    name: str
    before: int
    after: int
    difference: int


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is new, gone, or has different content.

    Attributes:
        path: of the file.
        state: ``new``, ``gone`` or ``changed``.
        before: bytes in the former zip.
        after: bytes in this one.
        difference: how much larger it has become.
    """

    path: str
    state: str
    before: int
    after: int
    difference: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A zip compared with a former one.

    Attributes:
        zip: path of the former one.
        zipped: its size in bytes.
        unzipped: bytes of its content.
        rows: by distribution, the largest difference first, without those of the same size.
        new: how many files were added.
        gone: how many were removed.
        changed: how many have different content.
        largest: the ten files with the largest difference.
    """

    zip: str
    zipped: int
    unzipped: int
    rows: list[RowChange]
    new: int
    gone: int
    changed: int
    largest: list[FileChange]


def former(old: Path | None, name: str) -> Path | None:
    """Return the zip to compare a function or layer with; None where there is none.

    Args:
        old: a zip, or a build folder, which has none of what is new; None for nothing to compare.
        name: the full path of the function or layer.
    """
    if old is None or not old.is_dir():
        return old
    place = old / artifact(name)
    return place if place.is_file() else None


def gone(old: Path | None, names: Iterable[str]) -> list[str]:
    """Return the full paths of what a former build folder has, and what was built has not."""
    if old is None or not old.is_dir():
        return []
    suffix = artifact("")
    there = (path.relative_to(old).as_posix() for path in old.rglob(f"*{suffix}"))
    return sorted({path.removesuffix(suffix) for path in there} - {*names})


def files(before: Iterable[File], after: Iterable[File]) -> list[FileChange]:
    """Return the files that are new, gone or changed, the largest difference first."""
    old = {file.path: file for file in before}
    new = {file.path: file for file in after}
    changes = []
    for path in old.keys() | new.keys():
        was, now = old.get(path), new.get(path)
        if was and now and (was.crc, was.unzipped) == (now.crc, now.unzipped):
            continue
        change = FileChange(
            path=path,
            state="new" if was is None else "gone" if now is None else "changed",
            before=was.zipped if was else 0,
            after=now.zipped if now else 0,
            difference=(now.zipped if now else 0) - (was.zipped if was else 0),
        )
        changes.append(change)
    return sorted(changes, key=lambda change: (-abs(change.difference), change.path))


def compared(
    path: Path,
    before: Mapping[str, int],
    after: Mapping[str, int],
    unzipped: int,
    changes: list[FileChange],
) -> Change:
    """Compare a zip with a former one.

    Args:
        path: of the former zip.
        before: all its bytes, by distribution.
        after: this zip's.
        unzipped: bytes of the former zip's content.
        changes: the files.
    """
    rows = [
        RowChange(
            name=name,
            before=before.get(name, 0),
            after=after.get(name, 0),
            difference=after.get(name, 0) - before.get(name, 0),
        )
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    ]
    states = Counter(change.state for change in changes)
    return Change(
        zip=str(path),
        zipped=sum(before.values()),
        unzipped=unzipped,
        rows=sorted(rows, key=lambda row: (-abs(row.difference), row.name)),
        new=states["new"],
        gone=states["gone"],
        changed=states["changed"],
        largest=changes[:10],
    )


def owner_in(path: Path, known: Mapping[str, str], own: str) -> Callable[[str], str]:
    """Return a function that gives the owner of a path in a zip that another tool may have made.

    The ``RECORD`` that installers write decides; else what the other zip has at that path or in
    that top-level folder; else the name of its dist-info; else that of its top-level folder.

    Args:
        path: of the zip; the caller that reads it reports what is wrong with it.
        known: the owners of another zip's paths.
        own: the owner of what lies in no folder.
    """
    recorded, infos = _recorded(path)
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for other, owner_name in known.items():
        votes[_top(other)][owner_name] += 1

    def owner(name: str) -> str:
        owner = recorded.get(name) or known.get(name)
        info = _INFO.match(name)
        if owner or info:
            return owner or normalized(info[1] if info else name)
        top = _top(name)
        if top in votes:
            return votes[top].most_common(1)[0][0]
        folder = top.rpartition("/")[2]
        stem = normalized(folder.removesuffix(".libs").removesuffix(".py"))
        return stem if stem in infos or "/" in name.removeprefix("python/") else own

    return owner


def _recorded(path: Path) -> tuple[dict[str, str], set[str]]:
    """Return the owner of each path, from every ``RECORD``, and all distributions' names."""
    owned: dict[str, str] = {}
    infos: set[str] = set()
    try:
        check(path, ARCHIVE)
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                info = _INFO.match(name)
                if not info:
                    continue
                infos.add(normalized(info[1]))
                if name.endswith(".dist-info/RECORD"):
                    site = name.rpartition("/")[0].rpartition("/")[0]
                    with archive.open(name) as record:
                        text = record.read(TEXT).decode("utf-8", "replace")
                    for row in csv.reader(io.StringIO(text)):
                        if row:
                            owned[f"{site}/{row[0]}".lstrip("/")] = normalized(info[1])
    except (OSError, ShortsError, zipfile.BadZipFile, RuntimeError, ValueError, csv.Error):
        return {}, set()
    return owned, infos


def _top(path: str) -> str:
    """Return a path's top-level folder (a layer's: below ``python``); else the path itself."""
    head = "python/" if path.startswith("python/") else ""
    return head + path.removeprefix(head).partition("/")[0]
