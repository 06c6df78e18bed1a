"""Slices of installed distributions: slimmed, compiled and compressed on all cores."""

import itertools
import os
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

import deflate
import msgspec

from shorts.errors import ShortsError
from shorts.guest import imports
from shorts.guest.bytecode import pyc_path
from shorts.modules.compiler import Compiler, Module, Source
from shorts.modules.import_graph import imports_below
from shorts.requirements import core_metadata
from shorts.requirements.core_metadata import Metadata
from shorts.requirements.names import normalized
from shorts.slices import record_file, slim, zip_format
from shorts.slices.recipe import Recipe
from shorts.slices.slim import Decision
from shorts.slices.store import Index, Store
from shorts.slices.zip_format import Entry
from shorts.system import process
from shorts.system.source_tree import File
from shorts.targets import libraries, loadable
from shorts.targets.libraries import Library
from shorts.targets.target import Target

# Where Lambda unpacks a function.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (LAMBDA_TASK_ROOT)
TASK_ROOT = "/var/task"


# How many sources a worker gets at once: enough to keep it busy while answers are compressed, and
# few enough for all cores to have work to the end.
_BATCH = 20


class CompressedFiles(msgspec.Struct, kw_only=True):
    """The results for some files so far."""

    packed: list[tuple[Entry, bytes]] = msgspec.field(default_factory=list)
    modules: dict[str, Module] = msgspec.field(default_factory=dict)
    faults: dict[str, str] = msgspec.field(default_factory=dict)
    libraries: dict[str, Library] = msgspec.field(default_factory=dict)
    programs: set[str] = msgspec.field(default_factory=set)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One file to compress.

    Attributes:
        owner: the key of its `CompressedFiles`.
        file: its content; or its path, where nothing else can write to it.
        path: its path in the archive.
        size: in bytes; large files are taken first.
        own: whether it is the function's own: it ships as it is, and each import checks its
            bytecode against it, so that edits in Lambda's console take effect.
        raw: whether it is a distribution's and ships as it was installed.
        scanned: whether its imports are read and it is compiled, if it is a source.
    """

    owner: str
    file: File | Path
    path: str
    size: int
    own: bool = False
    raw: bool = False
    scanned: bool = True

    def read(self) -> tuple[bytes, bool]:
        """Return its bytes, and whether it is executable.

        Raises:
            OSError: it cannot be read.
        """
        if isinstance(self.file, File):
            return self.file.content, self.file.executable
        with self.file.open("rb") as file:
            return file.read(), bool(os.fstat(file.fileno()).st_mode & 0o100)


def compress(
    store: Store,
    site: Path,
    interpreter: Path | None,
    owned: Mapping[Recipe, Iterable[str]],
    hashes: Callable[[], Mapping[str, tuple[str, ...]]],
    count: Callable[[int, int], None],
) -> None:
    """Make the Slices of installed distributions and put them into the store.

    Args:
        store: where they go.
        site: the folder they were installed into.
        interpreter: of the target's minor version; None makes Slices without bytecode.
        owned: the files of each.
        hashes: returns the hashes of each one's wheel, by name; called when all else is done.
        count: receives how many batches of files are done, and of how many.

    Raises:
        ShortsError: a file is a symbolic link.
    """
    compressed = {recipe.key: CompressedFiles() for recipe in owned}
    decisions: dict[str, Decision] = {}
    sought: dict[str, set[str]] = {}
    jobs: list[Job] = []
    for recipe, paths in owned.items():
        decision = decisions[recipe.key] = _decide(site, recipe, [*paths])
        sought[recipe.key] = {*decision.sought}
        kept = [path for path in paths if _is_in(recipe, decision.left_out.get(path, ""))]
        jobs += _jobs(site, recipe, (path for path in kept if path not in decision.sought))
        jobs += _licences(site, recipe, kept)
    while jobs:
        run(jobs, compressed, interpreter, recipe.target, count)
        jobs = []
        for recipe in owned:
            left_out = decisions[recipe.key].left_out
            tests = [path for path, rule in left_out.items() if rule == slim.TESTS]
            tests += sought[recipe.key]
            imported = _imported_tests(compressed[recipe.key].modules, tests)
            sought[recipe.key].difference_update(imported)
            for path in imported:
                left_out.pop(path, None)
            if recipe.kind == "slim":  # another kind has them already
                jobs += _jobs(site, recipe, imported)
    for recipe in owned:
        jobs += _jobs(site, recipe, sought[recipe.key], scanned=False)
    run(jobs, compressed, None, recipe.target)
    for recipe in owned:
        decided = Decision(decisions[recipe.key].left_out, frozenset(sought[recipe.key]))
        _put(store, recipe, compressed[recipe.key], decided, hashes()[recipe.pin.name])


def _decide(site: Path, recipe: Recipe, paths: Collection[str]) -> Decision:
    """Decide which files of an installed distribution ship; any other kind ships compiled tests."""
    if recipe.kind == "installed":
        noted = slim.notes(paths).items()
        return Decision({path: rule for path, rule in noted if rule == slim.BYTECODE})
    if recipe.pin.project:  # what is in a user's own project is there on purpose
        return Decision(slim.notes(paths))
    decision = slim.decide(paths, lambda path: (site / path).read_bytes())
    return decision if recipe.kind == "slim" else Decision(decision.left_out)


def _is_in(recipe: Recipe, rule: str) -> bool:
    """Return whether a Slice holds a file, by the reason for which a zip need not have it."""
    return not rule or (recipe.kind == "whole" and rule != slim.BYTECODE)


def _imported_tests(modules: Mapping[str, Module], tests: Collection[str]) -> list[str]:
    """Return the files in folders of tests that another module of the distribution imports.

    Args:
        modules: that were scanned so far.
        tests: the files that lie in such folders.
    """
    folders: dict[str, list[str]] = {}
    for path in tests:
        folders.setdefault(slim.test_package(path) or "", []).append(path)
    if not folders:
        return []
    waiting = {*tests}
    imported: dict[str, None] = {}
    while True:
        kept = {path: module for path, module in modules.items() if path not in waiting}
        packages = {folder.replace("/", "."): folder for folder in folders}
        wanted = [packages[name] for name in sorted(imports_below(packages, kept))]
        if not wanted:
            return [*imported]
        for folder in wanted:
            imported |= dict.fromkeys(folders[folder])
            waiting.difference_update(folders.pop(folder))


def run(
    jobs: Iterable[Job],
    by_owner: Mapping[str, CompressedFiles],
    interpreter: Path | None,
    target: Target,
    count: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Slim, compile and compress files, each into its owner's `CompressedFiles`.

    There is a thread for each core, with its own worker process: the compiler runs there, and
    compression runs here, where it releases the interpreter's lock.

    Raises:
        OSError: a file cannot be read.
    """
    waiting: queue.SimpleQueue[list[Job]] = queue.SimpleQueue()
    for batch in sorted(_batches(jobs), key=lambda batch: -sum(job.size for job in batch)):
        waiting.put(batch)
    failures: list[BaseException] = []
    done, total = itertools.count(1), waiting.qsize()

    def work() -> None:
        try:
            with Compiler(interpreter, root=TASK_ROOT) as compiler:
                while not failures:
                    try:
                        batch = waiting.get_nowait()
                    except queue.Empty:
                        return
                    _compress_batch(batch, by_owner, compiler, target)
                    count(next(done), total)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(min(process.cores(), waiting.qsize()))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt as interrupt:
        failures.append(interrupt)
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def _batches(jobs: Iterable[Job]) -> list[list[Job]]:
    """Return batches of files to compress together: `_BATCH` sources each, or one other file."""
    ordered = sorted(jobs, key=lambda job: (job.owner, job.path))
    sources = [job for job in ordered if job.path.endswith(".py")]
    batches = [sources[start : start + _BATCH] for start in range(0, len(sources), _BATCH)]
    return batches + [[job] for job in ordered if not job.path.endswith(".py")]


def _compress_batch(
    batch: list[Job], by_owner: Mapping[str, CompressedFiles], compiler: Compiler, target: Target
) -> None:
    sources = []
    for job in batch:
        compressed = by_owner[job.owner]
        content, executable = job.read()
        fault = loadable.fault(content, target)
        if fault:
            compressed.faults[job.path] = fault
        if not job.own and job.path.startswith("bin/"):
            content = slim.script(content, target.minor)
        shipped = content if job.own or job.raw else slim.content(job.path, content)
        library = libraries.read(job.path, shipped)
        if library:
            compressed.libraries[job.path] = library
        compressed.packed.append(zip_format.pack(job.path, shipped, executable=executable))
        if job.path.endswith(".so"):
            scanned = imports.scan_extension(content, job.path.partition("/")[0])
            compressed.modules[job.path] = Module(imports=[*scanned])
        if job.path.endswith(".py") and job.scanned:
            compressed.programs |= slim.programs(content)
            sources.append((compressed, Source(content=content, path=job.path, checked=job.own)))
        elif job.path.endswith(".py"):
            compressed.modules[job.path] = Module(imports=[])
    answers = compiler.compile([source for _, source in sources])
    for (compressed, source), (module, pyc) in zip(sources, answers, strict=True):
        compressed.modules[source.path] = module
        if pyc:
            compressed.packed.append(zip_format.pack(pyc_path(source.path, target.minor), pyc))


def _jobs(site: Path, recipe: Recipe, paths: Iterable[str], *, scanned: bool = True) -> list[Job]:
    """Return jobs for installed files; the ``RECORD`` is written when all others are known."""
    jobs = []
    for path in paths:
        file = site / path
        if file.is_symlink():
            raise ShortsError(f"{path} of an installed wheel is a symbolic link.")
        if not record_file.is_record(path):
            size, raw = file.stat().st_size, recipe.kind == "installed"
            job = Job(owner=recipe.key, file=file, path=path, size=size, raw=raw, scanned=scanned)
            jobs.append(job)
    return jobs


def _licences(site: Path, recipe: Recipe, paths: Iterable[str]) -> list[Job]:
    """Return jobs that copy licences to the usual place, for a wheel that has them only elsewhere.

    At the top of site-packages or in a shared folder they would be lost where another distribution
    has a file of the same name.
    """
    if recipe.kind == "installed":
        return []
    licences = [path for path in paths if slim.is_licence(path)]
    infos = [path.partition("/")[0] for path in paths if path.endswith(".dist-info/METADATA")]
    if not infos or any(path.startswith(f"{infos[0]}/") for path in licences):
        return []
    return [
        msgspec.structs.replace(job, path=f"{infos[0]}/licenses/{job.path}")
        for job in _jobs(site, recipe, licences)
    ]


def _put(
    store: Store,
    recipe: Recipe,
    compressed: CompressedFiles,
    decision: Decision,
    hashes: tuple[str, ...],
) -> None:
    about, info = _metadata(recipe, compressed)
    if info:
        place = f"{info}/RECORD"
        listed = record_file.written(place, (entry.path for entry, _ in compressed.packed))
        compressed.packed.append(zip_format.pack(place, listed))
    entries, blob = zip_format.join(compressed.packed)
    planned = zip_format.plan((0, entry) for entry in entries)
    checksum = deflate.crc32(planned.directory, deflate.crc32(blob))
    warnings = [
        f"{path} of {recipe.pin} ships as source only: {module.error}"
        for path, module in sorted(compressed.modules.items())
        if module.crashed
    ]
    index = Index(
        name=recipe.pin.name,
        version=recipe.pin.version,
        hashes=hashes,
        metadata=about,
        checksum=checksum,
        entries=entries,
        modules=dict(sorted(compressed.modules.items())),
        warnings=warnings,
        faults=dict(sorted(compressed.faults.items())),
        libraries=dict(sorted(compressed.libraries.items())),
        programs=sorted(compressed.programs),
        left_out=dict(sorted(decision.left_out.items())),
        sought=sorted(decision.sought),
    )
    store.put(recipe.key, index, [blob, planned.directory])


def _metadata(recipe: Recipe, compressed: CompressedFiles) -> tuple[Metadata, str]:
    """Return a distribution's metadata, and the folder that it lies in."""
    for entry, data in sorted(compressed.packed, key=lambda item: item[0].path):
        info = entry.path.partition("/")[0]
        name = info.rpartition("-")[0].rpartition("-")[0]
        if core_metadata.is_metadata(entry.path) and normalized(name) == recipe.pin.name:
            return core_metadata.read(zip_format.content(data, entry), recipe.target), info
    return Metadata(name=recipe.pin.name, version=recipe.pin.version), ""
