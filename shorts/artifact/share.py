"""The contents of zips with shared layers: all functions of an application agree on them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.artifact import provided, sharing
from shorts.artifact.content import Content
from shorts.artifact.plan import Artifact, Sharing, siblings
from shorts.artifact.provided import Provided
from shorts.artifact.sharing import SharedLayer, Split
from shorts.model import Layer
from shorts.targets import limits

# From how many bytes that are uploaded more than once shared layers are advised.
_WORTH_SHARING = 50 * limits.MB


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Functions that have the same layers, as one definition in a template makes them.

    Attributes:
        functions: their full paths.
        why_not: why they cannot have more layers; empty where they can.
    """

    functions: list[str]
    why_not: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes on disk of a function that gets layers.

    Attributes:
        whole: of its zip without shared layers.
        layers: of all its layers.
    """

    whole: int
    layers: int


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of an application's zips.

    Attributes:
        functions: by the keys of their units.
        layers: each is shared by some functions, and has a full path for each of their stacks.
        moves: of each function with layers, by its full path.
        notes: why functions have no shared layers.
    """

    functions: dict[str, Content]
    layers: list[Content]
    moves: dict[str, Move]
    notes: list[str]


def share(contents: Sequence[Content], groups: Iterable[Group], zips: Mapping[str, Path]) -> Shared:
    """Decide which layers functions share.

    Args:
        contents: of the functions' zips without shared layers.
        groups: of the functions.
        zips: the zips and folders of the layers that were built, by their full paths.

    Raises:
        ShortsError: a layer of the template cannot be read.
    """
    return _Agreement(contents, groups, zips).shared()


class _Agreement:
    """The layers of several functions, until all of them agree."""

    def __init__(
        self, contents: Sequence[Content], groups: Iterable[Group], zips: Mapping[str, Path]
    ) -> None:
        self._contents = {content.unit.key: content for content in contents}
        self._groups = [*groups]
        self._zips = zips
        self._notes: list[str] = []
        self._splits: dict[str, Split] = {}
        self._held: dict[str, int] = {}
        self._layers: dict[str, list[SharedLayer]] = {}

    def shared(self) -> Shared:
        """Return what each zip holds."""
        known: dict[tuple[object, ...], Split] = {}
        for key, content in self._contents.items():
            sharing_of = content.unit.sharing
            assert sharing_of is not None
            held = self._provided(sharing_of.layers)
            own = frozenset(provided.tops(entry.path for entry in content.own.entries))
            asked = (id(content.selection), own, held, sharing_of.slots, sharing_of.most)
            if asked not in known:
                slots, most = sharing_of.slots, sharing_of.most
                known[asked] = sharing.split(content, held, slots, most)
            self._splits[key] = known[asked]
            self._held[key] = held.unzipped
            self._layers[key] = self._allowed(content, known[asked], held, sharing_of)
        self._agree()
        while over := self._over():
            self._drop(over)
            self._agree()
        contents = {
            key: sharing.zip_content(content, self._layers[key], self._splits[key].replaced)
            for key, content in self._contents.items()
        }
        return Shared(
            functions=contents,
            layers=self._contents_of_layers(),
            moves=self._moves(),
            notes=self._notes,
        )

    def _provided(self, layers: Sequence[Layer]) -> Provided:
        places = [self._zips.get(one.full_path, Path(one.code_uri)) for one in layers]
        return provided.provided(places)

    def _allowed(
        self, content: Content, split: Split, held: Provided, said: Sharing
    ) -> list[SharedLayer]:
        """Return a function's layers; none where it cannot have more, or would be too large."""
        names = content.unit.full_paths
        why = next((g.why_not for g in self._groups if {*g.functions} & {*names}), "")
        if not said.slots and content.selection.slices:
            why = f"it has {limits.LAYERS} layers already"
        zipped = sharing.zip_content(content, split.layers, split.replaced)
        size = sum(entry.size for _, entry in zipped.picked)
        size += held.unzipped + sum(layer.unzipped for layer in split.layers)
        if size > limits.UNZIPPED:
            why = f"with layers it would be {size / 1e6:.1f} MB unzipped"
        if why and (split.layers or not said.slots):
            self._notes.append(f"{', '.join(names)} gets no shared layers: {why}")
        return [] if why else split.layers

    def _agree(self) -> None:
        """Take from functions the layers that others of their groups do not have."""
        by_function = {
            name: key for key, content in self._contents.items() for name in content.unit.full_paths
        }
        agreed = False
        while not agreed:
            agreed = True
            for group in self._groups:
                keys = {by_function[name] for name in group.functions if name in by_function}
                names = [{layer.name for layer in self._layers[key]} for key in keys]
                common = set.intersection(*names) if names else set()
                for key in keys:
                    agreed &= not self._keep(key, common)

    def _keep(self, key: str, names: set[str]) -> bool:
        """Keep a function's layers of some names, and return whether it had others.

        A layer goes as well where one that goes has Slices that belong to its own.
        """
        layers = self._layers[key]
        kept = [layer for layer in layers if layer.name in names]
        gone = [layer for layer in layers if layer.name not in names]
        while gone:
            loose = frozenset().union(*(layer.together for layer in gone))
            gone = [layer for layer in kept if not loose.isdisjoint(layer.together)]
            kept = [layer for layer in kept if layer not in gone]
        self._layers[key] = kept
        return len(kept) < len(layers)

    def _over(self) -> str:
        """Return the layer that saves the least in a template with too many; empty if none has."""
        for users in self._users().values():
            if len(users) > limits.SHARED_LAYERS:
                return min(users, key=lambda name: (users[name], name))
        return ""

    def _users(self) -> dict[str, dict[str, int]]:
        """Return the bytes that each layer saves in each stack."""
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for key, layers in self._layers.items():
            for full_path in self._contents[key].unit.full_paths:
                for layer in layers:
                    found[full_path.rpartition("/")[0]][layer.name] += layer.packed
        return found

    def _drop(self, name: str) -> None:
        for key, layers in self._layers.items():
            self._keep(key, {layer.name for layer in layers} - {name})

    def _moves(self) -> dict[str, Move]:
        found: dict[str, Move] = {}
        for key, layers in self._layers.items():
            content = self._contents[key]
            if layers:
                move = Move(
                    whole=sum(entry.size for _, entry in content.picked),
                    layers=self._held[key] + sum(layer.unzipped for layer in layers),
                )
                found |= dict.fromkeys(content.unit.full_paths, move)
        return found

    def _contents_of_layers(self) -> list[Content]:
        users: dict[str, tuple[Content, SharedLayer]] = {}
        places: dict[str, set[str]] = defaultdict(set)
        for key, layers in self._layers.items():
            content = self._contents[key]
            for layer in layers:
                users.setdefault(layer.name, (content, layer))
                for full_path in content.unit.full_paths:
                    places[layer.name] |= {*siblings(full_path, [layer.name])}
        return [
            sharing.layer_content(content, layer, sorted(places[name]))
            for name, (content, layer) in sorted(users.items())
        ]


def advice(
    moves: Mapping[str, Move], gathered: Iterable[Content], former: Mapping[str, Artifact]
) -> list[str]:
    """Return notes on what is uploaded more than once, and on how functions get their layers.

    Args:
        moves: of the functions with layers, by their full paths.
        gathered: the contents of the zips that were made.
        former: the artifacts of the last build, by their full paths.
    """
    notes = [_switch_over(name, move, former.get(name)) for name, move in moves.items()]
    apart = [
        one
        for one in gathered
        if one.unit.handlers and not one.unit.sharing and one.unit.settings.shared_layers
    ]
    saved = _saved(apart)
    if saved > _WORTH_SHARING:
        notes.append(
            f"these functions upload {saved / limits.MB:,.0f} MB of distributions more than once. "
            "`Metadata: {Shorts: {SharedLayers: true}}` at the template's top level uploads each "
            "once (docs/shared-layers.md)"
        )
    return [*filter(None, notes)]


def _saved(contents: Iterable[Content]) -> int:
    """Return how many compressed bytes of distributions a deployment uploads more than once."""
    sizes: dict[int, int] = {}
    users: dict[int, int] = defaultdict(int)
    for content in contents:
        packed: dict[int, int] = defaultdict(int)
        for number, entry in content.picked:
            if number:
                packed[number] += entry.packed
        for number, size in packed.items():
            one = id(content.selection.slices[number - 1])
            sizes[one] = size
            users[one] += len(content.unit.full_paths)
    return sum(size * (users[one] - 1) for one, size in sizes.items())


def _switch_over(full_path: str, move: Move, former: Artifact | None) -> str:
    """Return how a function can get its layers; empty where one deployment does it.

    CloudFormation gives a function its new layers before its new code. For a moment it has both the
    former zip and the layers, and Lambda counts them together.

    Args:
        full_path: of the function.
        move: what it gets.
        former: what the last build made of it, if that is known.
    """
    before = former.unzipped if former else move.whole
    if (former and former.layers) or before + move.layers <= limits.UNZIPPED:
        return ""
    most = (limits.UNZIPPED - before) // limits.MB
    said = (
        f"{full_path}: while it gets its layers, the former zip and the layers count together, "
        f"{(before + move.layers) / limits.MB:.0f} of {limits.UNZIPPED // limits.MB} MB. "
    )
    if most < 1:
        return said + "Move it by a new alias: docs/shared-layers.md"
    return said + f"Deploy with `SharedLayers: {{MaxMB: {most}}}` first"
