"""The build: every function of an application, from its folder to its zip."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shorts import atomic, units
from shorts.application import MEMORY, Application, artifact
from shorts.errors import writing
from shorts.units import Artifact, Options, Unit

if TYPE_CHECKING:
    from shorts.package import Packer


def build(
    application: Application, options: Options, report: Callable[[str], None]
) -> dict[str, Artifact]:
    """Build every function; afterwards the build folder holds all artifacts and templates.

    The folder is made beside its place and moved there, so it is never half written.

    Args:
        application: what to build.
        options: how.
        report: told what is being done.

    Returns:
        The artifacts by their functions' full paths.

    Raises:
        ShortsError: a function cannot be built; the former build folder is as it was.
    """
    MEMORY.mkdir(parents=True, exist_ok=True)
    with (MEMORY / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds of one application take turns
        return _alone(application, options, report)


def _alone(
    application: Application, options: Options, report: Callable[[str], None]
) -> dict[str, Artifact]:
    build_dir = Path(application.build_dir)
    collected = units.collect(application)
    memory = MEMORY / f"artifacts-{sha256(os.fsencode(build_dir)).hexdigest()[:16]}.json"
    known = {} if options.upgrade else _known(memory, build_dir)
    missing = [
        unit
        for unit in collected
        if any(_key_of(known.get(function.full_path)) != unit.key for function in unit.functions)
    ]
    if not missing and _is_written(application, build_dir):
        return {function.full_path: known[function.full_path] for function in application.functions}
    stage = build_dir.with_name(f".{build_dir.name}.{os.getpid()}")
    _sweep(build_dir)
    try:
        from shorts import package

        fresh = [unit for unit in collected if not _built_before(unit, known)]
        packer = package.Packer(fresh, stage, options, report)
        way_out = "Make room, or name another folder with --build-dir."
        with writing(f"The build folder {build_dir}", way_out):
            artifacts = _stage(application, collected, known, stage, packer)
            _swap(stage, build_dir)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    kept = {name: msgspec.structs.replace(one, fresh=False) for name, one in artifacts.items()}
    atomic.write(memory, msgspec.json.encode(kept))
    return artifacts


def _known(memory: Path, build_dir: Path) -> dict[str, Artifact]:
    """The artifacts of the last build that still lie in the build folder untouched."""
    try:
        said = msgspec.json.decode(memory.read_bytes(), type=dict[str, Artifact])
    except (OSError, msgspec.DecodeError):
        return {}
    return {
        name: known
        for name, known in said.items()
        # What had warnings is made again: their cause may be mended.
        if not known.warnings and _is_untouched(build_dir, name, known)
    }


def _is_untouched(build_dir: Path, full_path: str, known: Artifact) -> bool:
    try:
        status = (build_dir / artifact(full_path)).stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (known.size, known.stamp)


def _built_before(unit: Unit, known: dict[str, Artifact]) -> bool:
    """Whether the last build's zip of one of a unit's functions can be taken again."""
    return any(_key_of(known.get(function.full_path)) == unit.key for function in unit.functions)


def _key_of(known: Artifact | None) -> str:
    return known.key if known else ""


def _is_written(application: Application, build_dir: Path) -> bool:
    """Whether the build folder holds just this application's templates and artifacts."""
    expected = {*application.templates, *(artifact(f.full_path) for f in application.functions)}
    found = {
        os.path.relpath(os.path.join(folder, name), build_dir)
        for folder, _, names in os.walk(build_dir)
        for name in names
    }
    return found == expected and all(
        (build_dir / name).read_bytes() == text.encode()
        for name, text in application.templates.items()
    )


def _stage(
    application: Application,
    collected: Iterable[Unit],
    known: dict[str, Artifact],
    stage: Path,
    packer: "Packer",
) -> dict[str, Artifact]:
    """Put everything that the build folder is to hold into another one."""
    from concurrent.futures import ThreadPoolExecutor

    from shorts import press

    for function in application.functions:
        (stage / artifact(function.full_path)).parent.mkdir(parents=True, exist_ok=True)
    for name, text in application.templates.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text(text, encoding="utf-8")
    built: dict[str, Artifact] = {}
    for unit in collected:
        for function in unit.functions:
            if _key_of(known.get(function.full_path)) == unit.key:
                name = artifact(function.full_path)
                _link(Path(application.build_dir, name), stage / name)
                built[function.full_path] = known[function.full_path]
    fresh = [unit for unit in collected if not _built_before(unit, known)]
    with ThreadPoolExecutor(press.cores()) as pool:
        for unit, made in zip(fresh, pool.map(packer.pack, fresh), strict=True):
            built[unit.functions[0].full_path] = made
    for unit in collected:
        first = next(f.full_path for f in unit.functions if f.full_path in built)
        for function in unit.functions:
            if function.full_path not in built:
                _link(stage / artifact(first), stage / artifact(function.full_path))
                built[function.full_path] = built[first]
    return {function.full_path: built[function.full_path] for function in application.functions}


def _link(existing: Path, new: Path) -> None:
    """The same file under another name, or a copy where the file system has no links."""
    try:
        new.hardlink_to(existing)
    except OSError:
        shutil.copy2(existing, new)


def _sweep(build_dir: Path) -> None:
    """Remove what killed builds have left beside the build folder."""
    for left in build_dir.parent.glob(f".{build_dir.name}.*"):
        if _is_left(left.name.removeprefix(f".{build_dir.name}.").partition(".")[0]):
            shutil.rmtree(left, ignore_errors=True)
    for left in (*MEMORY.glob(".*.*"), *MEMORY.glob("locks/.*.*")):
        if left.is_file() and _is_left(left.suffix[1:]):
            left.unlink(missing_ok=True)


def _is_left(pid: str) -> bool:
    """Whether a name ends in the number of a process that has ended, or in ours."""
    if not pid.isdecimal() or pid == str(os.getpid()):
        return pid.isdecimal()
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _swap(stage: Path, build_dir: Path) -> None:
    """Move the staged folder into its place, and what was there away."""
    former = stage.with_name(f"{stage.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if build_dir.exists():
        build_dir.rename(former)
    try:
        stage.rename(build_dir)
    except BaseException:
        if former.exists():
            former.rename(build_dir)
        raise
    shutil.rmtree(former, ignore_errors=True)
