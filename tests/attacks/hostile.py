"""Zips and wheels with members that no honest tool would write."""

import base64
import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

REGULAR = 0o100644
# A member's name, its content, and its mode.
Member = tuple[str | bytes, str | bytes, int]


class _Named(zipfile.ZipInfo):
    """A member with just the bytes as its name that it was given."""

    def __init__(self, name: str | bytes, mode: int) -> None:
        super().__init__("x")
        self.filename = name.decode("latin-1") if isinstance(name, bytes) else name
        self._bytes = name if isinstance(name, bytes) else None
        self.external_attr = mode << 16
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        if self._bytes is not None:
            return self._bytes, self.flag_bits
        return super()._encodeFilenameFlags()  # type: ignore[misc, no-any-return]


def member(name: str | bytes, content: str | bytes = "X = 1\n", mode: int = REGULAR) -> Member:
    return name, content, mode


def write_zip(path: Path, members: Iterable[Member]) -> Path:
    """Write a zip with just these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in members:
            archive.writestr(_Named(name, mode), content)
    return path


def write_wheel(
    folder: Path,
    *members: Member,
    name: str = "bad",
    metadata: str | bytes | None = None,
    wheel: str | bytes | None = None,
    record: str | bytes | None = None,
) -> Path:
    """Write a wheel of version 1.0 with any parts.

    Args:
        folder: where it goes, made if need be.
        members: besides ``{name}/__init__.py`` and the metadata.
        name: of the distribution.
        metadata: instead of the honest one.
        wheel: the same for WHEEL; empty leaves it out.
        record: the same for RECORD; empty leaves it out.
    """
    info = f"{name}-1.0.dist-info"
    tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    honest = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    parts = [member(f"{name}/__init__.py"), *members]
    parts.append(member(f"{info}/METADATA", honest if metadata is None else metadata))
    if wheel != "":
        parts.append(member(f"{info}/WHEEL", tags if wheel is None else wheel))
    if record is None:
        rows = [_row(path, text) for path, text, _ in parts if isinstance(path, str)]
        record = "".join([*rows, f"{info}/RECORD,,\n"])
    if record:
        parts.append(member(f"{info}/RECORD", record))
    folder.mkdir(parents=True, exist_ok=True)
    return write_zip(folder / f"{name}-1.0-py3-none-any.whl", parts)


def _row(path: str, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    quoted = '"' + path.replace('"', '""') + '"'
    return f"{quoted},sha256={digest},{len(data)}\n"
