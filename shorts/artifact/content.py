"""What a zip is to hold: the entries of its Slices and the function's own code."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from shorts.artifact.plan import BuildUnit
from shorts.artifact.select import Selection
from shorts.artifact.trim_rules import Trim
from shorts.modules.compiler import Module
from shorts.slices import record_file
from shorts.slices.zip_format import Entry
from shorts.system.source_tree import Tree
from shorts.targets.libraries import Library

# The owner of the files that no distribution has.
OWN = "its own code"


class FunctionCode(msgspec.Struct, frozen=True, kw_only=True):
    """A function's own code, compiled and compressed.

    Attributes:
        entries: by path, with their offsets in the blob.
        blob: their bytes.
        modules: what each module imports, by path.
        faults: why the target cannot load a file, by path.
        libraries: its ELF files, by path.
        programs: the names of programs that it may start.
    """

    entries: list[Entry]
    blob: bytes
    modules: dict[str, Module]
    faults: dict[str, str]
    libraries: dict[str, Library]
    programs: set[str]


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """What sample events show of a function before its layers are trimmed.

    Attributes:
        trim: what becomes of its files.
        layers: what its layers would hold together without trimming.
    """

    trim: Trim
    layers: "Content"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit's zip will hold.

    Attributes:
        unit: the unit.
        own: its own code.
        selection: its Slices, and what it takes from them.
        wanted: the paths that its Slices leave out and that it needs after all.
        warnings: what the build could not do.
        lasting: warnings that the same input always gives.
        elsewhere: the numbers of the Slices that are not in the zip.
        gone: paths in a layer that its functions drop, or do not need.
        layers: the logical ids of its shared layers.
        traced: what its events show before its layers are trimmed; None where they are not.
        provided: the modules of its functions' layers, by path where the runtime looks for them.
        unknown: the names of the layers with a content that is not known here.
        compiled: whether an interpreter of the target's version has read the modules.
        held: how many bytes the layers of its functions have unzipped.
    """

    unit: BuildUnit
    own: FunctionCode
    selection: Selection
    wanted: frozenset[str]
    warnings: list[str]
    lasting: list[str]
    elsewhere: frozenset[int] = frozenset()
    gone: frozenset[str] = frozenset()
    layers: tuple[str, ...] = ()
    traced: Traced | None = None
    provided: dict[str, Module] = {}
    unknown: list[str] = []
    compiled: bool = False
    held: int = 0

    @property
    def picked(self) -> list[tuple[int, Entry]]:
        """The entries of the zip, each with the number of its blob: 0 is the own code's."""
        return self._picked(compiled=False)

    @property
    def everything(self) -> list[tuple[int, Entry]]:
        """The entries of the zip, and the bytecode of all modules."""
        return self._picked(compiled=True)

    def _picked(self, *, compiled: bool) -> list[tuple[int, Entry]]:
        own, handlers = self.own, self.unit.handlers
        picked = self.selection.picked(own.entries, own.modules, handlers, compiled=compiled)
        if not self.elsewhere and not self.gone:
            return picked
        return [
            item
            for item in picked
            if item[0] not in self.elsewhere and item[1].path not in self.gone
        ]

    @property
    def blobs(self) -> list[bytes | memoryview]:
        """The blobs, by their numbers."""
        return [self.own.blob, *(slice.data for slice in self.selection.slices)]

    def faults(self, picked: Iterable[tuple[int, Entry]]) -> Iterator[tuple[str, str, str]]:
        """Yield the owner, path and reason of each entry that the target cannot load."""
        known = [self.own.faults, *(slice.index.faults for slice in self.selection.slices), {}]
        owners = [
            OWN,
            *(f"{slice.index.name} {slice.index.version}" for slice in self.selection.slices),
        ]
        for number, entry in picked:
            if entry.path in known[number]:
                yield owners[number], entry.path, known[number][entry.path]

    def libraries(self, picked: Iterable[tuple[int, Entry]]) -> dict[str, Library]:
        """Return the ELF files among some entries, by path."""
        known = [self.own.libraries, *(slice.index.libraries for slice in self.selection.slices)]
        libraries = ((entry.path, known[number].get(entry.path)) for number, entry in picked)
        return {path: library for path, library in libraries if library}

    @property
    def installed(self) -> frozenset[str]:
        """The paths in the code that an installer, not the function's author, has written."""
        if not self.unit.installed:
            return frozenset()
        return frozenset(self.unit.folder + path for path in installed_files(self.unit.tree))


def installed_files(tree: Tree) -> frozenset[str]:
    """Return the installed files of a tree, as the ``RECORD`` of each distribution lists them."""
    installed: set[str] = set()
    for file in tree.files:
        if record_file.is_record(file.path):
            with suppress(csv.Error):  # what no table lists counts as the function's own
                rows = record_file.rows(file.content.decode("utf-8", "replace"))
                installed |= {row[0] for row in rows}
    return frozenset(installed)
