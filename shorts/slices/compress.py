"""Slices of installed distributions: slimmed, compiled and compressed on all cores."""

import os
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
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
from shorts.slices import slim, zip_format
from shorts.slices.recipe import Recipe
from shorts.slices.store import Index, LeftOut, Store
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


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One file to compress.

    Attributes:
        owner: the key of its `CompressedFiles`.
        file: its content; or its path, where nothing else can write to it.
        path: its path in the archive.
        size: in bytes; large files are taken first.
        own: whether it is the function's own: it ships as it is, and each import checks its
            bytecode against it, so that edits in Lambda's console take effect.
    """

    owner: str
    file: File | Path
    path: str
    size: int
    own: bool = False

    def read(self) -> tuple[bytes, bool]:
        """Return its bytes, and whether it is executable.

        Raises:
            OSError: it cannot be read.
        """
        if isinstance(self.file, File):
            return self.file.content, self.file.executable
        with self.file.open("rb") as file:
            return file.read(), bool(os.fstat(file.fileno()).st_mode & 0o100)


def press(
    store: Store,
    site: Path,
    interpreter: Path | None,
    owned: Mapping[Recipe, Iterable[str]],
    hashes: Callable[[], Mapping[str, tuple[str, ...]]],
) -> None:
    """Make the Slices of installed distributions and put them into the store.

    Args:
        store: where they go.
        site: the folder they were installed into.
        interpreter: of the target's minor version; None makes Slices without bytecode.
        owned: the files of each.
        hashes: returns the hashes of each one's wheel, by name; called when all else is done.

    Raises:
        ShortsError: a file is a symbolic link.
    """
    pressed = {recipe.key: CompressedFiles() for recipe in owned}
    tests: dict[str, dict[str, list[str]]] = {}
    slimmed: dict[str, list[LeftOut]] = {}
    jobs: list[Job] = []
    for recipe, paths in owned.items():
        rest, tests[recipe.key], slimmed[recipe.key] = _sorted_out(site, recipe, paths)
        jobs += _jobs(site, recipe.key, rest)
        jobs += _licences(site, recipe.key, rest)
    while jobs:
        run(jobs, pressed, interpreter, recipe.target)
        jobs = []
        for key, folders in tests.items():
            modules = pressed[key].modules
            packages = {folder.replace("/", "."): folder for folder in folders}
            for package in sorted(imports_below(packages, modules)):
                jobs += _jobs(site, key, folders.pop(packages[package]))
    for recipe in owned:
        mine = pressed[recipe.key], tests[recipe.key], slimmed[recipe.key]
        _put(store, recipe, *mine, hashes()[recipe.pin.name])


def _sorted_out(
    site: Path, recipe: Recipe, paths: Iterable[str]
) -> tuple[list[str], dict[str, list[str]], list[LeftOut]]:
    """Sort a distribution's files: always kept, kept only if imported, and left out."""
    stubs = _reads_stubs(site, paths)
    tests: dict[str, list[str]] = {}
    rest: list[str] = []
    slimmed: dict[str, list[str]] = {}
    for path in paths:
        rule = slim.rule(path, stubs=stubs)
        if rule:
            slimmed.setdefault(rule, []).append(path)
        else:
            folder = None if recipe.whole else slim.test_package(path)
            (rest if folder is None else tests.setdefault(folder, [])).append(path)
    for folder in [*tests]:  # a folder without modules holds data, despite its name
        if not any(path.endswith((".py", ".so")) for path in tests[folder]):
            rest += tests.pop(folder)
    left_out = [
        LeftOut(rule=rule, files=len(mine), paths=sorted(mine))
        for rule, mine in sorted(slimmed.items())
    ]
    return rest, tests, left_out


def run(
    jobs: Iterable[Job],
    pressed: Mapping[str, CompressedFiles],
    interpreter: Path | None,
    target: Target,
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

    def work() -> None:
        try:
            with Compiler(interpreter, root=TASK_ROOT) as compiler:
                while not failures:
                    try:
                        batch = waiting.get_nowait()
                    except queue.Empty:
                        return
                    _press_batch(batch, pressed, compiler, target)
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


def _press_batch(
    batch: list[Job], compressed: Mapping[str, CompressedFiles], compiler: Compiler, target: Target
) -> None:
    sources = []
    for job in batch:
        pressed = compressed[job.owner]
        content, executable = job.read()
        fault = loadable.fault(content, target)
        if fault:
            pressed.faults[job.path] = fault
        shipped = content if job.own else slim.content(job.path, content)
        library = libraries.read(job.path, shipped)
        if library:
            pressed.libraries[job.path] = library
        pressed.packed.append(zip_format.pack(job.path, shipped, executable=executable))
        if job.path.endswith(".so"):
            found = imports.scan_extension(content, job.path.partition("/")[0])
            pressed.modules[job.path] = Module(imports=[*found])
        if job.path.endswith(".py"):
            sources.append(Source(content=content, path=job.path, checked=job.own))
    if not sources:
        return
    for job, (module, pyc) in zip(batch, compiler.compile(sources), strict=True):
        pressed = compressed[job.owner]
        pressed.modules[job.path] = module
        if pyc:
            pressed.packed.append(zip_format.pack(pyc_path(job.path, target.minor), pyc))


def _jobs(site: Path, owner: str, paths: Iterable[str]) -> list[Job]:
    jobs = []
    for path in paths:
        file = site / path
        if file.is_symlink():
            raise ShortsError(f"{path} of an installed wheel is a symbolic link.")
        jobs.append(Job(owner=owner, file=file, path=path, size=file.stat().st_size))
    return jobs


def _licences(site: Path, owner: str, paths: Iterable[str]) -> list[Job]:
    """Return jobs that copy licences to the usual place, for a wheel that has them only elsewhere.

    At the top of site-packages or in a shared folder they would be lost where another distribution
    has a file of the same name.
    """
    found = [path for path in paths if slim.is_licence(path)]
    infos = [path.partition("/")[0] for path in paths if path.endswith(".dist-info/METADATA")]
    if not infos or any(path.startswith(f"{infos[0]}/") for path in found):
        return []
    return [
        msgspec.structs.replace(job, path=f"{infos[0]}/licenses/{job.path}")
        for job in _jobs(site, owner, found)
    ]


def _reads_stubs(site: Path, paths: Iterable[str]) -> bool:
    """Return whether a distribution reads its ``*.pyi`` at run time, as with lazy_loader."""
    inits = [path for path in paths if path.endswith("/__init__.py")]
    stubbed = [path for path in inits if (site / f"{path}i").is_file()]
    return any(b"attach_stub" in (site / path).read_bytes() for path in stubbed)


def _put(
    store: Store,
    recipe: Recipe,
    pressed: CompressedFiles,
    tests: Mapping[str, list[str]],
    slimmed: list[LeftOut],
    hashes: tuple[str, ...],
) -> None:
    entries, blob = zip_format.join(pressed.packed)
    planned = zip_format.plan((0, entry) for entry in entries)
    checksum = deflate.crc32(planned.directory, deflate.crc32(blob))
    warnings = [
        f"{path} of {recipe.pin} ships as source alone: {module.error}"
        for path, module in sorted(pressed.modules.items())
        if module.crashed
    ]
    index = Index(
        name=recipe.pin.name,
        version=recipe.pin.version,
        hashes=hashes,
        metadata=_metadata(recipe, pressed),
        checksum=checksum,
        entries=entries,
        modules=dict(sorted(pressed.modules.items())),
        left_out=sorted(tests),
        warnings=warnings,
        faults=dict(sorted(pressed.faults.items())),
        libraries=dict(sorted(pressed.libraries.items())),
        slimmed=[*slimmed, *_tests(tests)],
    )
    store.put(recipe.key, index, [blob, planned.directory])


def _metadata(recipe: Recipe, pressed: CompressedFiles) -> Metadata:
    for entry, data in sorted(pressed.packed, key=lambda item: item[0].path):
        folder = entry.path.partition("/")[0].rpartition("-")[0].rpartition("-")[0]
        if core_metadata.is_metadata(entry.path) and normalized(folder) == recipe.pin.name:
            return core_metadata.read(zip_format.content(data, entry), recipe.target)
    return Metadata(name=recipe.pin.name, version=recipe.pin.version)


def _tests(tests: Mapping[str, list[str]]) -> list[LeftOut]:
    if not tests:
        return []
    files = sum(map(len, tests.values()))
    globs = [f"{folder}/**" for folder in sorted(tests)]
    return [LeftOut(rule="tests that nothing imports", files=files, paths=globs)]
