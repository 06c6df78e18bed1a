"""Zips split into shared layers and what stays in each function's zip."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.artifact import shared_layers
from shorts.artifact.content import Content, FunctionCode, Traced
from shorts.artifact.layout import dropped
from shorts.artifact.plan import BuildUnit, siblings
from shorts.artifact.provided import Provided, tops
from shorts.artifact.shared_layers import Part
from shorts.artifact.trim_rules import Trim, matches
from shorts.artifact.wanted import LAYER_FOLDER
from shorts.guest.bytecode import pyc_path
from shorts.model import Function, Layer, Settings
from shorts.slices import zip_format
from shorts.slices.store import Slice
from shorts.slices.zip_format import Entry
from shorts.targets.target import Target

# A file in a function's zip with the names of its layers. SAM publishes a new version of a function
# only where its code changes, so a new layer has to change the zip.
LISTING = ".shorts-layers"
NAME = "SharedLayer"
_NO_CODE = FunctionCode(entries=[], blob=b"", modules={}, faults={}, libraries={}, programs=set())


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer holds.

    Attributes:
        name: its logical id, unique to its content and target.
        numbers: of its Slices in the selection of its content.
    """

    name: str
    numbers: frozenset[int]


class SharedLayer(Held, frozen=True, kw_only=True):
    """A layer that functions share.

    Attributes:
        together: the groups of Slices that its own belong to, which layers must not divide.
        packed: bytes of its zip, roughly.
        unzipped: its bytes on disk.
    """

    together: frozenset[int]
    packed: int
    unzipped: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """How a function's content is split.

    Attributes:
        layers: in the order that the function gets them, the largest first.
        replaced: the numbers of Slices that a layer of the user provides.
    """

    layers: list[SharedLayer]
    replaced: frozenset[int]


def split(content: Content, provided: Provided, slots: int, most: int) -> Split:
    """Decide which Slices of a function are in layers.

    Args:
        content: of its zip without layers.
        provided: what the layers that it already has hold.
        slots: how many more layers it may have.
        most: how many bytes the Slices in them may have on disk.
    """
    entries = _by_slice(content)
    slices = dict(enumerate(content.selection.slices, start=1))
    gone = replaced(content, provided)
    candidates = {
        number: slice for number, slice in slices.items() if number not in gone and entries[number]
    }
    own = tops(entry.path for entry in content.own.entries) | provided.tops
    programs = {f"bin/{name}" for name in content.own.programs}
    components = _components(candidates, entries)
    fixed = {
        component
        for number, component in components.items()
        if not own.isdisjoint(tops(entry.path for entry in entries[number]))
        or any(entry.path in programs for entry in entries[number])
    }
    numbers = {}
    parts = []
    for number, slice in candidates.items():
        if components[number] not in fixed:
            part = _part(slice, entries[number], str(components[number]))
            numbers[part.key] = number
            parts.append(part)
    known = {part.key: part for part in parts}
    layers = [
        SharedLayer(
            name=_name(content.unit.target, layer),
            numbers=(held := frozenset(numbers[key] for key in layer)),
            together=frozenset(components[number] for number in held),
            packed=sum(known[key].packed for key in layer),
            unzipped=sum(known[key].unzipped for key in layer),
        )
        for layer in shared_layers.arrange(parts, slots, most)
    ]
    return Split(layers=layers, replaced=gone)


def replaced(content: Content, provided: Provided) -> frozenset[int]:
    """Return the numbers of the Slices that the user's own layers provide."""
    return frozenset(
        number
        for number, slice in enumerate(content.selection.slices, start=1)
        if slice.index.name in provided.distributions
    )


def needed(content: Content, trim: Trim | None) -> frozenset[str] | None:
    """Return the paths that a function needs of what its layers hold; None for all.

    Args:
        content: of its zip without layers.
        trim: what its events show; None where it has none, or where they show nothing.
    """
    paths = frozenset(entry.path for _, entry in content.everything)
    if trim:
        return trim.needed(paths)
    gone = _dropped(content)
    return paths - gone if gone else None


def trimmed(content: Content, needed: Mapping[Path, frozenset[str] | None]) -> Content:
    """Return a content without what its layers leave out.

    Args:
        content: of a function's zip without layers.
        needed: the paths that functions need of each Slice, by its folder; None for all.
    """
    slices = content.selection.slices
    gone = {
        entry.path
        for number, entry in possible(content)
        if (paths := needed[slices[number - 1].files]) is not None and entry.path not in paths
    }
    return msgspec.structs.replace(content, gone=frozenset(gone))


def layer_content(content: Content, layer: Held, full_paths: Sequence[str]) -> Content:
    """Return the content of a layer's zip.

    Args:
        content: of a function that uses it.
        layer: the layer.
        full_paths: the logical ids of stacks and of the layer, for each stack that gets it.
    """
    held = _held(content, layer.numbers)
    unit = msgspec.structs.replace(held.unit, full_paths=[*full_paths], key=layer.name)
    warnings = [
        line
        for number in sorted(layer.numbers)
        for line in content.selection.slices[number - 1].index.warnings
    ]
    return msgspec.structs.replace(held, unit=unit, warnings=warnings, lasting=[])


def _held(content: Content, numbers: frozenset[int]) -> Content:
    """Return what layers with some Slices hold."""
    whole = _whole(content)
    others = frozenset(range(1, len(content.selection.slices) + 1)) - numbers
    return msgspec.structs.replace(whole, elsewhere=others)


def zip_content(
    content: Content,
    layers: Sequence[Held],
    replaced: Iterable[int],
    trim: Trim | None = None,
) -> Content:
    """Return what is left for a function's zip, with the list of its layers.

    Args:
        content: of its zip without layers.
        layers: its layers.
        replaced: the numbers of Slices that the user's own layers provide.
        trim: what its events show before its layers are trimmed.
    """
    held = frozenset(number for layer in layers for number in layer.numbers)
    if not layers:
        return content
    text = "".join(f"{layer.name}\n" for layer in layers)
    entry, packed = zip_format.pack(LISTING, text.encode())
    own = content.own
    listed = msgspec.structs.replace(entry, offset=len(own.blob))
    own = msgspec.structs.replace(own, entries=[*own.entries, listed], blob=own.blob + packed)
    inside = [entry.path for number, entry in content.picked if number not in held]
    outside = [entry.path for number, entry in content.picked if number in held]

    def concerns(glob: str) -> bool:
        return matches([glob], inside) or not matches([glob], outside)

    settings = content.unit.settings
    settings = msgspec.structs.replace(
        settings,
        keep=[*filter(concerns, settings.keep)],
        drop=[*filter(concerns, settings.drop)],
    )
    return msgspec.structs.replace(
        content,
        unit=msgspec.structs.replace(content.unit, settings=settings),
        own=own,
        elsewhere=held.union(replaced),
        layers=tuple(layer.name for layer in layers),
        traced=Traced(trim=trim, layers=_held(content, held)) if trim else None,
    )


def _whole(content: Content) -> Content:
    """Return a content of all that a layer may need of the same Slices."""
    fields = {name: getattr(content.unit, name) for name in BuildUnit.__struct_fields__}
    unit = BuildUnit(
        **fields
        | {
            "handlers": None,
            "tree": msgspec.structs.replace(content.unit.tree, files=[], digest=""),
            "folder": "",
            "prefix": LAYER_FOLDER,
            "settings": Settings(slim=content.unit.settings.slim),
            "roots": [],
        }
    )
    gone = content.gone
    if content.unit.sharing and not content.unit.sharing.trim:
        gone |= _dropped(content)
    return msgspec.structs.replace(
        content, unit=unit, own=_NO_CODE, elsewhere=frozenset(), gone=gone
    )


def _dropped(content: Content) -> frozenset[str]:
    """Return the paths that a function's settings drop, with their bytecode."""
    drop = dropped(content)
    gone = drop.left_out if drop else frozenset()
    minor = content.unit.target.minor
    return gone | {pyc_path(path, minor) for path in gone if path.endswith(".py")}


def possible(content: Content) -> list[tuple[int, Entry]]:
    """Return what a function's layers could hold, each with the number of its Slice."""
    return _whole(content).picked


def _by_slice(content: Content) -> dict[int, list[Entry]]:
    entries: dict[int, list[Entry]] = defaultdict(list)
    for number, entry in possible(content):
        entries[number].append(entry)
    return entries


def _components(
    slices: Mapping[int, Slice], entries: Mapping[int, Collection[Entry]]
) -> dict[int, int]:
    """Return which Slices must stay together, as the smallest number of each group.

    They share a folder, or one has a library that a library of the other needs.
    """
    groups = {number: number for number in slices}

    def root(number: int) -> int:
        while groups[number] != number:
            number = groups[number]
        return number

    def join(number: int, other: int) -> None:
        first, second = sorted((root(number), root(other)))
        groups[second] = first

    holders: dict[str, int] = {}
    for number in sorted(slices):
        for top in tops(entry.path for entry in entries[number]):
            join(holders.setdefault(top, number), number)
    libraries = {
        name: number
        for number in sorted(slices)
        for library in slices[number].index.libraries.values()
        for name in library.names
    }
    for number in sorted(slices):
        own = {n for library in slices[number].index.libraries.values() for n in library.names}
        for library in slices[number].index.libraries.values():
            for name in library.needed:
                if name in libraries and name not in own:
                    join(libraries[name], number)
    return {number: root(number) for number in slices}


def _part(slice: Slice, entries: Sequence[Entry], together: str) -> Part:
    fields = [(e.path, e.executable, e.crc, e.size, e.packed) for e in entries]
    digest = sha256(msgspec.json.encode(fields)).hexdigest()
    return Part(
        key=f"{slice.index.name} {slice.index.version} {digest}",
        name=slice.index.name,
        packed=sum(entry.packed for entry in entries),
        unzipped=sum(entry.size for entry in entries),
        requires=tuple(slice.index.metadata.requires),
        together=together,
    )


def _name(target: Target, keys: Iterable[str]) -> str:
    identity = msgspec.json.encode((target, sorted(keys)))
    return f"{NAME}{sha256(identity).hexdigest()[:16]}"


def with_layers(function: Function, names: Iterable[str]) -> Function:
    """Return a function with its shared layers behind those of the template."""
    shared = [
        Layer(
            full_path=full_path,
            name=full_path.rpartition("/")[2],
            architecture=function.architecture,
            code_uri="",
            build_method=function.runtime,
        )
        for full_path in siblings(function.full_path, names)
    ]
    return msgspec.structs.replace(function, layers=[*function.layers, *shared])
