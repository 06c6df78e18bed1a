"""Build units: functions or layers that share one zip, and what that zip depends on."""

import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import repeat
from pathlib import Path

import msgspec

from shorts import RULES
from shorts.artifact import layers, manifests, sample_events
from shorts.artifact.handlers import Root, starts
from shorts.artifact.layers import LayerCode
from shorts.artifact.project import Project
from shorts.artifact.wanted import Wanted, of_function, of_layer
from shorts.errors import ShortsError
from shorts.model import Application, Function, Layer, Settings
from shorts.requirements import manifest
from shorts.requirements.manifest import Requirements
from shorts.system.source_tree import Tree, read
from shorts.targets import limits
from shorts.targets.target import Target


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A built zip.

    Attributes:
        key: a digest of everything that it depends on.
        size: of the zip, in bytes.
        unzipped: of its content, in bytes.
        files: how many it holds.
        stamp: its modification time in ns; this and its size show whether it is unchanged.
        warnings: what the build could not do.
        fresh: whether this build made it.
        notes: what makes it hard to know what it needs.
        lasting: warnings that the same input always gives; they do not cause another build.
        left_out: the distributions with files that are not in it, by the reason.
        layers: the logical ids of its shared layers, in their order.
        digest: its SHA-256, hexadecimal.
    """

    key: str
    size: int
    unzipped: int
    files: int
    stamp: int
    warnings: list[str]
    fresh: bool = False
    notes: list[str] = []
    lasting: list[str] = []
    left_out: dict[str, list[str]] = {}
    layers: list[str] = []
    digest: str = ""


def sidecar_names(full_path: str) -> tuple[str, str]:
    """Return the names of the files next to a zip: bill of materials and manifest."""
    return f"{full_path}.cdx.json", f"{full_path}.manifest.json"


def siblings(full_path: str, names: Iterable[str]) -> list[str]:
    """Return the full paths of resources in the stack of a function, by their logical ids."""
    stack = full_path.rpartition("/")[0]
    return [f"{stack}/{name}".lstrip("/") for name in names]


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a function may be in shared layers.

    Attributes:
        slots: how many more layers it may have.
        most: how many bytes they may have on disk.
        trim: whether they hold only what the events of their functions need.
        layers: those of the template that it already has.
    """

    slots: int
    most: int
    trim: bool
    layers: list[Layer]


class BuildUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Functions or layers that share one build: one zip serves them all.

    Attributes:
        full_paths: of the functions or layers; at least one.
        handlers: the modules that the imports start from: what the runtime imports, and all own
            modules where that is not one of them, as with a wrapper; None for layers, which any
            code imports.
        called: the handlers, as the template has them, sorted.
        target: where it runs.
        tree: its own code.
        folder: where its own code lies in the zip, with a slash; empty for the task root.
        prefix: what all paths in the zip begin with.
        settings: the shorts settings in its functions' metadata.
        installed: whether the tree holds installed distributions, as a Makefile leaves them.
        roots: the folders outside its own that it may import modules from.
        manifest: its requirements; None where it has none.
        inferred: whether the manifest is the project's, so that the unit takes only what it
            imports.
        unread: why the project in its folder is not read, or the one next to the template, where
            the unit would infer from it; else empty.
        layers: the code of its functions' layers.
        requirements: a digest of the requirements; units with the same digest install the same.
        resolved: whether neither a lock nor its lines pin versions, so that uv chooses some.
        sharing: how much of it may be in shared layers; None where its zip holds everything.
        key: a digest of all that the zip depends on.
        own_key: the same without what other functions need of its layers, where these are trimmed.
    """

    full_paths: list[str]
    handlers: frozenset[str] | None
    called: list[str]
    target: Target
    tree: Tree
    folder: str
    prefix: str
    settings: Settings
    installed: bool
    roots: list[Root]
    manifest: Requirements | None
    inferred: bool
    unread: str
    layers: list[LayerCode]
    requirements: str
    resolved: bool
    sharing: Sharing | None
    key: str
    own_key: str

    @property
    def passed_over(self) -> str:
        """Return why the project in its own folder is not read; empty where it is."""
        return self.unread if self.unread.startswith(f"{self.tree.root}/") else ""


class TrimmedUnit(BuildUnit, frozen=True, kw_only=True):
    """A build of one function that its sample events trim.

    It shares its zip with no other function, which might have other needs.

    Attributes:
        function: the function.
        events: the bytes of the sample events, by path, sorted.
    """

    function: Function
    events: dict[Path, bytes]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `build`.

    Attributes:
        upgrade: resolve requirements without a lock again.
        verbose: print more.
        sdists: normalized names of distributions that may be built from their sources.
    """

    upgrade: bool = False
    verbose: bool = False
    sdists: frozenset[str] = frozenset()


def collect(
    application: Application,
    made: Iterable[Function] = (),
    sdists: frozenset[str] = frozenset(),
    *,
    upgrade: bool = False,
) -> list[BuildUnit]:
    """Group functions and layers by what their zips depend on; read each code folder once.

    Args:
        application: what to build.
        made: functions that have a Makefile's output as their code.
        sdists: names of distributions that may be built from their sources.
        upgrade: download the URLs that requirements include again.

    Raises:
        ShortsError: a folder cannot be read, or a target is not known.
    """
    wanted = [of_function(function) for function in application.functions]
    wanted += [of_layer(layer) for layer in application.layers]
    makefiles = [of_function(function) for function in made]
    project = Project(Path(application.template).parent)
    trees: dict[str, Tree] = {}
    units: dict[str, BuildUnit] = {}
    requirements = manifests.Manifests(application.manifest, sdists, upgrade)

    def tree_of(folder: str, whole: bool = False) -> Tree:
        if folder not in trees:
            trees[folder] = read(Path(folder), without=Path(application.build_dir), whole=whole)
        return trees[folder]

    for item, installed in [*zip(wanted, repeat(False)), *zip(makefiles, repeat(True))]:
        if not Path(item.code_uri).is_dir():
            raise ShortsError(_no_code(item))
        tree = tree_of(item.code_uri, whole=installed)
        roots = []
        if item.function and not installed:
            folders = [Path(item.function.folder, root) for root in item.settings.source_roots]
            paths = [folder.resolve() for folder in folders]
            roots = [Root(tree=tree_of(str(path)), name=path.name) for path in paths]
        own_manifest = requirements.of(item.code_uri, uv=item.method == "python-uv")
        # A layer serves other code's imports, and a Makefile's output has what it needs.
        infers = not (own_manifest or installed or item.module is None)
        inferred = infers and project.manifest is not None
        required = project.manifest if inferred else None if installed else own_manifest
        digest = requirements.digest(required)
        place = (item.folder, item.prefix, installed)
        events = sample_events.read(item.function) if item.function and item.settings.slim else {}
        alone = item.function if events else None
        circumstances = (alone.variables, alone.memory, alone.timeout) if alone else ()
        trimming = (item.settings, [*map(_digest, events.values())], circumstances)
        sharing = _sharing(item.function) if item.function and not installed else None
        attached = item.function.layers if item.function else []
        shadowed = [layer.full_path for layer in attached] if inferred else []
        apart = (alone and alone.full_path, sharing, shadowed)
        together = (item.code_uri, item.target, item.method, place, trimming, apart)
        name = sha256(msgspec.json.encode(together)).hexdigest()
        before = units.get(name)
        handlers = None
        if item.module is not None:
            begun = starts(item.module, item.folder, tree, roots)
            handlers = frozenset({*begun, *((before and before.handlers) or ())})
        # The checks before a zip is written depend on the functions' names, too.
        called = sorted({item.called, *((before and before.called) or ())} - {""})
        code = (tree.digest, [(root.tree.digest, root.name) for root in roots])
        entries = (sorted(handlers or ()), called)
        depends = (RULES, item.target, code, digest, entries, place, trimming, inferred, sharing)
        unit = BuildUnit(
            full_paths=[*(before.full_paths if before else ()), item.full_path],
            handlers=handlers,
            called=called,
            target=item.target,
            tree=tree,
            folder=item.folder,
            prefix=item.prefix,
            settings=item.settings,
            installed=installed,
            roots=roots,
            manifest=required,
            inferred=inferred,
            unread=requirements.fault(item.code_uri) or (project.fault if infers else ""),
            layers=[*(before.layers if before else ()), *map(layers.code_of, attached)],
            requirements=digest,
            resolved=required is not None and not (required.is_locked or required.is_exact),
            sharing=sharing,
            key=(key := sha256(msgspec.json.encode(depends)).hexdigest()),
            own_key=key,
        )
        if alone:
            unit = TrimmedUnit(**msgspec.structs.asdict(unit), function=alone, events=events)
        units[name] = unit
    keys = {full_path: unit.key for unit in units.values() for full_path in unit.full_paths}
    return _with_needs([_with_layers(unit, keys) for unit in units.values()])


def _no_code(wanted: Wanted) -> str:
    if wanted.function:
        return wanted.function.no_code
    return f"{wanted.full_path}: ContentUri `{os.path.relpath(wanted.code_uri)}/` not found."


def with_layers(chosen: Iterable[BuildUnit], collected: Iterable[BuildUnit]) -> list[BuildUnit]:
    """Return some units, and those that make their layers."""
    chosen = list(chosen)
    wanted = {layer.unit for unit in chosen for layer in unit.layers}
    keys = {unit.key for unit in chosen}
    return [*chosen, *(unit for unit in collected if unit.key in wanted - keys)]


def check_unchanged(units: Iterable[BuildUnit], sdists: frozenset[str]) -> None:
    """Refuse to keep zips under keys of other requirements than they were made of.

    Raises:
        ShortsError: requirements, a lock or a local project changed since the keys were made.
    """
    known = {unit.manifest.path: unit.requirements for unit in units if unit.manifest}
    for path, digest in known.items():
        if manifests.digest_of(manifest.load(path), sdists) != digest:
            raise ShortsError(f"{path} changed while it was built.\nBuild again.")


def _with_layers(unit: BuildUnit, keys: Mapping[str, str]) -> BuildUnit:
    """Return a unit that names the units of its layers, and has them in its key.

    They decide what the unit may import, and how much of its bytecode fits next to them.
    """
    if not unit.layers:
        return unit
    attached = [
        msgspec.structs.replace(layer, unit=keys.get(layer.name, "")) for layer in unit.layers
    ]
    reads = unit.inferred or unit.sharing or isinstance(unit, TrimmedUnit)
    digest = layers.digest if reads else layers.outline
    layer_digests = [layer.unit or digest(layer) for layer in attached]
    key = sha256(msgspec.json.encode((unit.key, layer_digests))).hexdigest()
    return msgspec.structs.replace(unit, key=key, own_key=key, layers=attached)


def _with_needs(units: Sequence[BuildUnit]) -> list[BuildUnit]:
    """Add all functions with trimmed layers to the key of each: a layer is trimmed to their needs.

    Which of them share a layer is not known before their distributions are.
    """
    trimmed = [unit for unit in units if unit.sharing and unit.sharing.trim]
    others = sorted((sorted(unit.full_paths), unit.own_key) for unit in trimmed)
    keys = {
        unit.own_key: sha256(msgspec.json.encode((unit.own_key, others))).hexdigest()
        for unit in trimmed
    }
    return [msgspec.structs.replace(unit, key=keys.get(unit.own_key, unit.key)) for unit in units]


def _sharing(function: Function) -> Sharing | None:
    """Return how much of a function may be in shared layers; None where that is not known."""
    if function.shared is None or any(not layer.code_uri for layer in function.layers):
        return None
    free = limits.LAYERS - len(function.layers)
    shared = function.shared
    return Sharing(slots=max(0, free), most=shared.most, trim=shared.trim, layers=function.layers)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
