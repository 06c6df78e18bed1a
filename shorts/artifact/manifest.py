"""What a zip was made of, how, and what was left out: ``<LogicalId>.manifest.json``; pure.

The file depends on the build's input only, so its bytes are the same every time. It names no
machine, no time and no download location.
"""

from collections.abc import Mapping

import msgspec

from shorts import RULES, __version__

# Incremented when the fields change their meaning.
FORMAT = 1


class Zip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The zip itself.

    Attributes:
        path: in the build folder.
        sha256: hexadecimal.
        size: in bytes.
        unzipped: bytes of its content.
        files: how many it holds.
    """

    path: str
    sha256: str
    size: int
    unzipped: int
    files: int


class Tool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tool that made the zip.

    Attributes:
        name: of the tool.
        version: of the tool.
        rules: incremented whenever the same input gives other bytes.
    """

    name: str = "shorts"
    version: str = __version__
    rules: int = RULES


class System(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The system that the zip runs on.

    Attributes:
        runtime: such as ``python3.13``.
        architecture: ``x86_64`` or ``arm64``.
        glibc: the system's version of it.
    """

    runtime: str
    architecture: str
    glibc: str


class Bytecode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the zip's modules were compiled with.

    Attributes:
        python: the minor version; empty where the zip holds no bytecode.
        magic: the number that the interpreter writes into bytecode and checks, in hexadecimal.
        files: how many of the zip's files are bytecode.
    """

    python: str = ""
    magic: str = ""
    files: int = 0


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that went into the zip, or that decides what does.

    Attributes:
        path: from the folder that it belongs to.
        sha256: hexadecimal.
    """

    path: str
    sha256: str


class Distribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A distribution that has files in the zip.

    Attributes:
        name: normalized.
        version: of the distribution.
        hashes: of its wheel, such as ``sha256:…``; ``tree:…`` is of a project's files.
    """

    name: str
    version: str
    hashes: list[str]


class Omission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files that were left out of the zip.

    Attributes:
        of: the distribution's name; empty for the function's own code.
        rule: why.
        files: how many.
        paths: of the files, sorted; a glob stands for a folder.
    """

    of: str
    rule: str
    files: int
    paths: list[str]


class Inputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the zip was made of.

    Attributes:
        template: the built template that names it; none until it lies next to one.
        code: the function's own files.
        roots: the source roots, each with a digest of all its files.
        requirements: a digest of the requirements without comments and spaces; empty where there
            are none.
        lock: the file that pins their versions; none where the build resolved them.
        events: the SHA-256 of each sample event that the zip was trimmed by.
        distributions: by name.
    """

    code: list[File]
    roots: list[File]
    requirements: str
    lock: File | None
    events: list[str]
    distributions: list[Distribution]
    template: File | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        format: of this file.
        name: the full path of the function or layer.
        zip: the artifact.
        tool: what made it.
        target: where it runs.
        bytecode: what its modules were compiled with.
        inputs: what it was made of.
        left_out: which inputs are not in it.
    """

    name: str
    zip: Zip
    target: System
    bytecode: Bytecode
    inputs: Inputs
    left_out: list[Omission]
    format: int = FORMAT
    tool: Tool = Tool()


def encode(manifest: Manifest) -> bytes:
    """Return the bytes of a manifest file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read a manifest file.

    Raises:
        msgspec.DecodeError: it is not a manifest.
    """
    return msgspec.json.decode(data, type=Manifest)


def placed(data: bytes, name: str, path: str, template: File) -> bytes:
    """Return the file for another template, or for another function that the zip serves.

    Args:
        data: of the file.
        name: the full path of the function.
        path: of its zip in the build folder.
        template: the built template that names it.
    """
    replace, manifest = msgspec.structs.replace, decode(data)
    inputs, there = replace(manifest.inputs, template=template), replace(manifest.zip, path=path)
    return encode(replace(manifest, name=name, zip=there, inputs=inputs))


def files(digests: Mapping[str, str]) -> list[File]:
    """Return files sorted by path, from their digests."""
    return [File(path=path, sha256=digest) for path, digest in sorted(digests.items())]
