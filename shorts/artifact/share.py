"""The contents of zips with shared layers: all functions of an application agree on them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path

import msgspec

from shorts.artifact import provided, shared_layers, sharing, size_limit
from shorts.artifact.content import Content
from shorts.artifact.plan import Artifact, BuildUnit, Sharing, siblings
from shorts.artifact.provided import Provided
from shorts.artifact.sharing import SharedLayer, Split
from shorts.artifact.trim_rules import Trim
from shorts.model import Layer
from shorts.targets import limits


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
        attached: of the layers that it has in the template.
        shared: of its shared layers.
    """

    whole: int
    attached: int
    shared: int


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


def share(
    contents: Sequence[Content],
    groups: Iterable[Group],
    zips: Mapping[str, Path],
    trims: Mapping[str, Trim | None],
) -> Shared:
    """Decide which layers functions share.

    Args:
        contents: of the functions' zips without shared layers.
        groups: of the functions.
        zips: the zips and folders of the layers that were built, by their full paths.
        trims: what their events show, by the keys of their units, where layers are trimmed; None
            where they show nothing.

    Raises:
        ShortsError: a layer of the template cannot be read.
    """
    return _Agreement(contents, groups, zips, trims).shared()


def built_together(fresh: Iterable[BuildUnit], known: Mapping[str, Artifact]) -> bool:
    """Return whether all functions with shared layers must be built where some are.

    Their layers are trimmed to what all of them need. Or a template may get more layers than it may
    have: then its functions decide together which ones it gets, whatever was built before.

    Args:
        fresh: the units that are built in any case.
        known: the artifacts that could be used again, by their full paths.
    """
    units = [unit for unit in fresh if unit.sharing]
    there = {name for artifact in known.values() for name in artifact.layers}
    most = len(there) + len(units) * limits.LAYERS
    return bool(units) and (most > limits.SHARED_LAYERS or any(map(_is_trimmed, units)))


def _is_trimmed(unit: BuildUnit) -> bool:
    """Return whether the shared layers of a unit are trimmed."""
    return unit.sharing is not None and unit.sharing.trim


class _Agreement:
    """The layers of several functions, until all of them agree."""

    def __init__(
        self,
        contents: Sequence[Content],
        groups: Iterable[Group],
        zips: Mapping[str, Path],
        trims: Mapping[str, Trim | None],
    ) -> None:
        self._contents = {content.unit.key: content for content in contents}
        self._groups = [*groups]
        self._zips = zips
        self._trims = trims
        self._needs: dict[str, frozenset[str] | None] = {}
        # What layers take from each: the contents, without what no function needs.
        self._sources = dict(self._contents)
        self._notes: list[str] = []
        self._splits: dict[str, Split] = {}
        self._held: dict[str, int] = {}
        self._layers: dict[str, list[SharedLayer]] = {}

    def shared(self) -> Shared:
        """Return what each zip holds."""
        self._trim()
        known: dict[tuple[object, ...], Split] = {}
        for key, content in self._sources.items():
            sharing_of = content.unit.sharing
            assert sharing_of is not None
            held = self._provided(sharing_of.layers)
            own = frozenset(provided.tops(entry.path for entry in content.own.entries))
            limited = (sharing_of.slots, sharing_of.most)
            inputs = (id(content.selection), own, held, limited, content.gone)
            if inputs not in known:
                known[inputs] = sharing.split(content, held, *limited)
            self._splits[key] = known[inputs]
            self._held[key] = held.unzipped
            self._layers[key] = self._allowed(key, known[inputs], held, sharing_of)
        self._agree()
        while over := self._over():
            self._drop(over)
            self._agree()
        return Shared(
            functions={key: self._zipped(key, self._layers[key]) for key in self._contents},
            layers=self._contents_of_layers(),
            moves=self._moves(),
            notes=self._notes,
        )

    def _provided(self, layers: Sequence[Layer]) -> Provided:
        places = [self._zips.get(layer.full_path, Path(layer.code_uri)) for layer in layers]
        return provided.provided(places)

    def _zipped(self, key: str, layers: Sequence[SharedLayer]) -> Content:
        """Return what is left for a function's zip."""
        content, trim = self._contents[key], self._trims.get(key)
        return sharing.zip_content(content, layers, self._splits[key].replaced, trim)

    def _trim(self) -> None:
        """Leave out of trimmed layers what no function that can have them needs."""
        for key, content in self._contents.items():
            if _is_trimmed(content.unit) and not self._why_not(key):
                self._needs[key] = sharing.needed(content, self._trims.get(key))
        needed = shared_layers.needed(
            ((slice.files for slice in self._contents[key].selection.slices), needs)
            for key, needs in self._needs.items()
        )
        for key in self._needs:
            self._sources[key] = sharing.trimmed(self._contents[key], needed)

    def _why_not(self, key: str) -> str:
        """Return why a function cannot have more layers; empty where it can."""
        content = self._contents[key]
        names = {*content.unit.full_paths}
        limit = content.unit.sharing
        if limit and not limit.slots and content.selection.slices:
            return f"it has {limits.LAYERS} layers already"
        return next((group.why_not for group in self._groups if names & {*group.functions}), "")

    def _allowed(self, key: str, split: Split, held: Provided, limit: Sharing) -> list[SharedLayer]:
        """Return a function's layers; none where it cannot have more.

        A layer has the bytecode of all its modules, and a zip that of the reached ones as far as it
        fits. So where all layers together are too large, fewer of them may do.
        """
        names = ", ".join(self._contents[key].unit.full_paths)
        why = self._why_not(key)
        layers = [] if why else split.layers
        size = whole = self._size(key, layers, held) if layers else 0
        while layers and size > limits.UNZIPPED:
            layers = self._fewer(key, layers, held)
            size = self._size(key, layers, held)
        if len(layers) < len(split.layers) and not why:
            why = f"with all layers it would be {whole / 1e6:.1f} MB unzipped"
        if why and (split.layers or not limit.slots):
            count = f"{len(layers)} of {len(split.layers)}" if layers else "no"
            self._notes.append(f"{names} gets {count} shared layers: {why}")
        return layers

    def _size(self, key: str, layers: Sequence[SharedLayer], held: Provided) -> int:
        """Return the bytes on disk of a function's zip and all its layers."""
        layers_size = held.unzipped + sum(layer.unzipped for layer in layers)
        zipped = msgspec.structs.replace(self._zipped(key, layers), held=layers_size)
        needs = self._needs.get(key)
        return layers_size + sum(
            entry.size
            for _, entry in size_limit.fitted(zipped, zipped.picked)
            if needs is None or entry.path in needs
        )

    def _fewer(self, key: str, layers: Sequence[SharedLayer], held: Provided) -> list[SharedLayer]:
        """Leave out one layer: the smallest after which all fits, else the one that helps most."""
        names = {layer.name for layer in layers}
        choices = [_kept(layers, names - {name}) for name in sorted(names)]
        sizes = [self._size(key, choice, held) for choice in choices]
        packed = [sum(layer.packed for layer in choice) for choice in choices]
        fitting = [at for at, size in enumerate(sizes) if size <= limits.UNZIPPED]
        if fitting:
            return choices[max(fitting, key=packed.__getitem__)]
        return choices[sizes.index(min(sizes))]

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
        """Keep a function's layers of some names, and return whether it had others."""
        before = self._layers[key]
        self._layers[key] = _kept(before, names)
        return len(self._layers[key]) < len(before)

    def _over(self) -> str:
        """Return the layer that saves the least in a template with too many; empty if none has."""
        for users in self._users().values():
            if len(users) > limits.SHARED_LAYERS:
                return min(users, key=lambda name: (users[name], name))
        return ""

    def _users(self) -> dict[str, dict[str, int]]:
        """Return the bytes that each layer saves in each stack."""
        users: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for key, layers in self._layers.items():
            for full_path in self._contents[key].unit.full_paths:
                for layer in layers:
                    users[full_path.rpartition("/")[0]][layer.name] += layer.packed
        return users

    def _drop(self, name: str) -> None:
        for key, layers in self._layers.items():
            self._keep(key, {layer.name for layer in layers} - {name})

    def _moves(self) -> dict[str, Move]:
        moves: dict[str, Move] = {}
        for key, layers in self._layers.items():
            content = self._contents[key]
            if layers:
                move = Move(
                    whole=sum(entry.size for _, entry in content.picked),
                    attached=self._held[key],
                    shared=sum(layer.unzipped for layer in layers),
                )
                moves |= dict.fromkeys(content.unit.full_paths, move)
        return moves

    def _contents_of_layers(self) -> list[Content]:
        users: dict[str, tuple[Content, SharedLayer]] = {}
        places: dict[str, set[str]] = defaultdict(set)
        for key, layers in self._layers.items():
            content = self._sources[key]
            for layer in layers:
                users.setdefault(layer.name, (content, layer))
                for full_path in content.unit.full_paths:
                    places[layer.name] |= {*siblings(full_path, [layer.name])}
        return [
            sharing.layer_content(content, layer, sorted(places[name]))
            for name, (content, layer) in sorted(users.items())
        ]


def _kept(layers: Sequence[SharedLayer], names: Set[str]) -> list[SharedLayer]:
    """Return the layers of some names.

    A layer also goes if another one that goes has Slices that belong to its own.
    """
    kept = [layer for layer in layers if layer.name in names]
    gone = [layer for layer in layers if layer.name not in names]
    while gone:
        loose = frozenset().union(*(layer.together for layer in gone))
        gone = [layer for layer in kept if not loose.isdisjoint(layer.together)]
        kept = [layer for layer in kept if layer not in gone]
    return kept
