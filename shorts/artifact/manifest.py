"""What a zip was made of, how, and without what: ``<LogicalId>.manifest.json``; pure.

All that the file says follows from the build's input, so it is the same bytes every time, and it
names neither the machine nor a time nor where anything was downloaded.
"""

from collections.abc import Mapping

import msgspec

from shorts import RULES, __version__

# Raised when the fields change their meaning.
FORMAT = 1


class Zip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The artifact itself.

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
    """What made it.

    Attributes:
        name: of the tool.
        version: of the tool.
        rules: raised whenever the same input gives other bytes.
    """

    name: str = "shorts"
    version: str = __version__
    rules: int = RULES


class System(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it runs.

    Attributes:
        runtime: such as ``python3.13``.
        architecture: ``x86_64`` or ``arm64``.
        glibc: the version of the system's.
    """

    runtime: str
    architecture: str
    glibc: str


class Bytecode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What its modules were compiled with.

    Attributes:
        python: the minor version; empty where it holds no bytecode.
        magic: the number that the interpreter wrote into it and looks for, in hexadecimal.
        files: how many of its files are bytecode.
    """

    python: str = ""
    magic: str = ""
    files: int = 0


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that went in, or that says what does.

    Attributes:
        path: from the folder that it belongs to.
        sha256: hexadecimal.
    """

    path: str
    sha256: str


class Distribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A distribution of which it holds something.

    Attributes:
        name: normalized.
        version: of the distribution.
        hashes: of its wheel, such as ``sha256:…``; ``tree:…`` is of a project's files.
    """

    name: str
    version: str
    hashes: list[str]


class Omission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was left out of it.

    Attributes:
        of: the distribution's name; empty for the function's own code.
        rule: why.
        files: how many.
        paths: theirs, sorted; a glob stands for a folder.
    """

    of: str
    rule: str
    files: int
    paths: list[str]


class Inputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it was made of.

    Attributes:
        template: the built template that names it; none until it lies beside one.
        code: the function's own files.
        roots: the source roots, each with a digest of all its files.
        requirements: a digest of what the requirements say, whatever their comments and spaces;
            empty where there are none.
        lock: what says which versions those are; none where they were resolved by the build.
        events: the SHA-256 of each sample event that it was trimmed by.
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
        left_out: what of that is not in it.
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
    """The file's bytes."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read such a file.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return msgspec.json.decode(data, type=Manifest)


def placed(data: bytes, name: str, path: str, template: File) -> bytes:
    """The file beside another template, or for another function that the same zip serves.

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
    """Files by path, from their digests."""
    return [File(path=path, sha256=digest) for path, digest in sorted(digests.items())]
