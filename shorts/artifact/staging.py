"""A build folder while it is made: all zips, what lies next to them, and the templates."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from shorts.artifact import share, sidecars, size_limit, write_zip
from shorts.artifact.content import Content
from shorts.artifact.plan import Artifact, BuildUnit, TrimmedUnit, siblings
from shorts.artifact.share import Group, Move
from shorts.artifact.trim_rules import Trim
from shorts.model import Function, Layer, SamBuildOutput, artifact
from shorts.system import process
from shorts.system.step import Step


class Events(Protocol):
    """What runs the sample events of functions.

    Both methods get the content, the folder of zips, the zips of the layers by their full paths,
    what receives a line about each step, and what is set once no more events are to run.
    """

    def pack(
        self,
        content: Content,
        stage: Path,
        layers: Mapping[str, Path],
        report: Callable[[str], None],
        interrupted: threading.Event,
    ) -> Artifact:
        """Write the zip of a function that its events trim."""

    def trace(
        self,
        content: Content,
        stage: Path,
        layers: Mapping[str, Path],
        report: Callable[[str], None],
        interrupted: threading.Event,
    ) -> Trim | None:
        """Return what the events of a function show; None where they show nothing."""


class Staging:
    """A build folder while it is made.

    Args:
        build_dir: the former build folder.
        stage: the new one, which takes its place.
        known: the artifacts in the former one that are used again, by their full paths.
        sam_output: what SAM has built.
        functions: of the application, by their full paths.
        report: receives a line about each step.

    Attributes:
        notes: what the user may want to know.
        moves: of the functions that get shared layers, by their full paths.
    """

    def __init__(
        self,
        build_dir: Path,
        stage: Path,
        known: Mapping[str, Artifact],
        sam_output: SamBuildOutput,
        functions: Mapping[str, Function],
        report: Callable[[str], None],
    ) -> None:
        self._stage = stage
        self._functions = functions
        self._sam_output = sam_output
        self._report = report
        self._interrupted = threading.Event()
        self._made = {made.key: made for made in known.values()}
        # Where the first zip of each key lies: its folder, and its full path there.
        self._places = {made.key: (build_dir, full_path) for full_path, made in known.items()}
        self.notes: list[str] = []
        self.moves: dict[str, Move] = {}

    def write(
        self,
        collected: Iterable[BuildUnit],
        gathered: Mapping[str, Content],
        groups: Sequence[Group],
        events: Events,
    ) -> dict[str, Artifact]:
        """Write the zips that are not known, and return all artifacts by their full paths.

        Args:
            collected: all units.
            gathered: the contents of those that are not known, by their keys.
            groups: the functions that must have the same shared layers.
            events: runs the sample events of functions.
        """
        keys = {full_path: unit.key for unit in collected for full_path in unit.full_paths}
        for name in (*self._sam_output.templates, *map(artifact, keys)):
            (self._stage / name).parent.mkdir(parents=True, exist_ok=True)
        contents = [*gathered.values()]
        sharing = [content for content in contents if content.unit.sharing]
        self._pack(content for content in contents if content.unit.handlers is None)
        alone = [
            content for content in contents if not content.unit.sharing and not _is_trimmed(content)
        ]
        self._pack(
            self._limited(content, keys) for content in alone if content.unit.handlers is not None
        )
        layers = {key: made.layers for key, made in self._made.items()}
        if sharing:
            there = self._layers(keys)
            limited = (self._limited(content, keys) for content in sharing)
            trims = self._traced(limited, there, events)
            shared = share.share(sharing, groups, there, trims)
            self.notes += shared.notes
            self.moves = shared.moves
            contents = [shared.functions.get(content.unit.key, content) for content in contents]
            layers |= {content.unit.key: [*content.layers] for content in contents}
            self._pack(content for content in shared.layers if content.unit.key not in self._made)
            functions = [
                content for content in shared.functions.values() if not _is_trimmed(content)
            ]
            self._pack(self._limited(content, keys) for content in functions)
        keys |= {
            name: name.rpartition("/")[2]
            for full_path, key in keys.items()
            for name in siblings(full_path, layers.get(key, ()))
        }
        # A trimmed function runs with the layers that were packed before.
        there = self._layers(keys)
        self._pack(
            (self._limited(content, keys) for content in contents if _is_trimmed(content)),
            lambda content: events.pack(
                content, self._stage, there, self._report, self._interrupted
            ),
        )
        return {full_path: self._made[key] for full_path, key in keys.items()}

    def finish(self, artifacts: Mapping[str, Artifact], templates: Mapping[str, str]) -> None:
        """Write the templates, and complete what lies next to each zip.

        Args:
            artifacts: all, by their full paths.
            templates: their texts, by their paths in the folder.
        """
        for name, text in templates.items():
            (self._stage / name).write_text(text, encoding="utf-8")
        for full_path, made in artifacts.items():
            place = self._places[made.key]
            if place != (self._stage, full_path):
                _link(_zip(*place), _zip(self._stage, full_path))
            sidecars.finish(*place, self._stage, full_path, templates, made.stamp)

    def _traced(
        self, contents: Iterable[Content], layers: Mapping[str, Path], events: Events
    ) -> dict[str, Trim | None]:
        """Return what events show of the functions with trimmed layers, by their units' keys."""
        traced = [
            content
            for content in contents
            if _is_trimmed(content) and content.unit.sharing and content.unit.sharing.trim
        ]
        trims: dict[str, Trim | None] = {}

        def trace(content: Content) -> Trim | None:
            return events.trace(content, self._stage, layers, self._report, self._interrupted)

        with self._pool() as pool:
            for content, trim in zip(traced, pool.map(trace, traced), strict=True):
                trims[content.unit.key] = trim
        return trims

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Give threads for the cores; an interruption ends the runs of events in them."""
        with ThreadPoolExecutor(process.cores()) as pool:
            try:
                yield pool
            except KeyboardInterrupt:
                self._interrupted.set()  # the pool is left when its threads have ended
                raise

    def _pack(
        self, contents: Iterable[Content], pack: Callable[[Content], Artifact] | None = None
    ) -> None:
        """Write the zips of some contents in parallel; by default those without events."""
        contents = [*contents]
        line = f"Writing {len(contents)} {'zip' if len(contents) == 1 else 'zips'}"

        def untrimmed(content: Content) -> Artifact:
            return write_zip.untrimmed(content, self._stage)

        with self._pool() as pool:
            written = pool.map(pack or untrimmed, contents)
            for number, (content, made) in enumerate(zip(contents, written, strict=True), 1):
                if pack is None:
                    self._report(Step(line, number, len(contents), is_short=True))
                self._made[made.key] = made
                self._places[made.key] = self._stage, content.unit.full_paths[0]

    def _limited(self, content: Content, keys: Mapping[str, str]) -> Content:
        """Return the content of a function's zip with the size of its layers.

        Args:
            content: of the zip.
            keys: of what is built, by full path.
        """
        there = self._layers(keys)
        held = [0]
        for full_path in content.unit.full_paths:
            known = self._functions.get(full_path)
            layers = known.layers if known else ()
            held.append(sum(self._size(layer, keys, there) for layer in layers))
            held[-1] += sum(self._made[name].unzipped for name in content.layers)
        return msgspec.structs.replace(content, held=max(held))

    def _size(self, layer: Layer, keys: Mapping[str, str], there: Mapping[str, Path]) -> int:
        made = self._made.get(keys.get(layer.full_path, ""))
        if made:
            return made.unzipped
        return size_limit.size(layer, there.get(layer.full_path, Path(layer.code_uri)))

    def _layers(self, keys: Mapping[str, str]) -> dict[str, Path]:
        """Return the zips and folders of what is built so far, by their full paths."""
        made = {
            full_path: _zip(*self._places[key])
            for full_path, key in keys.items()
            if key in self._places
        }
        return {
            **{path: Path(folder) for path, folder in self._sam_output.artifacts.items()},
            **made,
        }


def _is_trimmed(content: Content) -> bool:
    return isinstance(content.unit, TrimmedUnit)


def _zip(folder: Path, full_path: str) -> Path:
    return folder / artifact(full_path)


def _link(existing: Path, new: Path) -> None:
    """Give a file another name, or copy it where the file system has no links."""
    try:
        new.hardlink_to(existing)
    except OSError:
        shutil.copy2(existing, new)
