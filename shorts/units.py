"""What is built together: functions whose zip is the same, and what that zip depends on."""

from hashlib import sha256
from pathlib import Path

import msgspec

from shorts import RULES, requirements
from shorts.application import Application, Function
from shorts.errors import ShortsError
from shorts.source import Tree, read
from shorts.target import Target

# A zip that Lambda takes without S3, in bytes.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UPLOAD_LIMIT = 50 * 1024 * 1024


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A built zip.

    Attributes:
        key: of everything that it depends on.
        size: of the zip, in bytes.
        unzipped: of its content, in bytes.
        files: how many it holds.
        stamp: its time of modification in ns; with its size, how its being untouched is known.
        warnings: what the build had to leave undone.
        fresh: whether this build made it.
    """

    key: str
    size: int
    unzipped: int
    files: int
    stamp: int
    warnings: list[str]
    fresh: bool = False


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """Functions that are the same build: one zip serves them all.

    Attributes:
        functions: at least one.
        target: theirs.
        tree: their code.
        manifest: their requirements; None where they have none.
        requirements: a digest of what those say; units with the same one install the same.
        key: of all that their zip depends on.
    """

    functions: list[Function]
    target: Target
    tree: Tree
    manifest: Path | None
    requirements: str
    key: str


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What `build` is told beside the application.

    Attributes:
        upgrade: resolve requirements that have no lock again.
        sdists: normalized names of distributions that may be built from their sources.
    """

    upgrade: bool = False
    sdists: frozenset[str] = frozenset()


def collect(application: Application) -> list[Unit]:
    """The functions by what their zips depend on, each code folder read once.

    Raises:
        ShortsError: a function is none that shorts builds, or its folder cannot be read.
    """
    trees: dict[str, Tree] = {}
    units: dict[str, Unit] = {}
    for function in application.functions:
        _check_is_ours(function)
        target = Target.of(function.runtime, function.architecture)
        if function.code_uri not in trees:
            trees[function.code_uri] = read(Path(function.code_uri))
        tree = trees[function.code_uri]
        named = application.manifest
        folder = Path(function.code_uri)
        manifest = Path(named) if named else requirements.manifest_of(folder)
        said = _digest_of_requirements(manifest)
        together = (function.code_uri, target, function.build_method)
        name = sha256(msgspec.json.encode(together)).hexdigest()
        functions = [*units[name].functions, function] if name in units else [function]
        handlers = sorted({function.handler for function in functions})
        depends = (RULES, target, tree.digest, said, handlers)
        units[name] = Unit(
            functions=functions,
            target=target,
            tree=tree,
            manifest=manifest,
            requirements=said,
            key=sha256(msgspec.json.encode(depends)).hexdigest(),
        )
    return list(units.values())


def _check_is_ours(function: Function) -> None:
    python = function.runtime.startswith("python")
    ours = not function.build_method or function.build_method.startswith("python")
    if function.package_type != "Zip" or not python or not ours:
        raise ShortsError(
            f"{function.full_path} is no Python function in a zip that shorts builds.\n"
            f"Leave it out with --exclude {function.name}, and build it with `sam build`."
        )


def _digest_of_requirements(manifest: Path | None) -> str:
    """A digest of the requirements, the projects they name, and the lock, as they stand."""
    if manifest is None:
        return ""
    if not manifest.is_file():
        raise ShortsError(f"{manifest}, which --manifest names, does not exist.")
    digest = sha256(requirements.digest(manifest).encode())
    for named in requirements.locals_of(manifest):
        from shorts import local

        digest.update(local.digest(named.path).encode())
    locked = manifest.with_name(requirements.LOCK_NAME)
    if locked.is_file():
        digest.update(locked.read_bytes())
    return digest.hexdigest()
