"""Small applications, each built by `sam build` and by `shorts build`, and compared.

They lie in ``tests/apps``, a folder for each thing that they show. ``app.json`` says how one is
built, what has to be made first that no repository can hold, and where the two builds differ on
purpose.
"""

import csv
import functools
import hashlib
import logging
import os
import shutil
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from samcli.lib.utils.resources import METADATA_WITH_LOCAL_PATHS, RESOURCES_WITH_LOCAL_PATHS
from samcli.yamlhelper import yaml_parse

from shorts.artifact import plan
from shorts.emulator.emulator import Emulator, unpacked
from shorts.emulator.invoke import environment
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.sam.read import read_invocation
from shorts.system import interpreters
from shorts.targets.target import Target
from tests import sam
from tests.conftest import ROOT, Done, Shorts, write_wheel

APPS = ROOT / "tests" / "apps"
MINORS = ("3.13", "3.12", "3.11", "3.10")
# What an installer writes and no program reads; shorts leaves it out of every distribution.
INSTALLERS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
# The properties that may name something on this machine, as SAM knows them.
PATHS = frozenset(
    name.rpartition(".")[2]
    for kinds in (RESOURCES_WITH_LOCAL_PATHS, METADATA_WITH_LOCAL_PATHS)
    for names in kinds.values()
    for name in names
)


class Build(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to build an app.

    Attributes:
        arguments: of both commands.
        folder: where both are run.
        template: the built template, as it is seen from there.
        environment: variables for both; ``{app}`` is the app's folder.
        answering: a command that must succeed, such as one that asks Docker's engine.
        shorts: arguments of `shorts build` alone.
        answers: whether the functions are run, or which; those for other machines are not.
        refused: words that both say when they refuse the app; without any, both build it.
        taken: why SAM builds the app all the same, where shorts alone refuses it.
        alone: why SAM is not asked at all.
        more: why files are in our artifacts alone, by patterns of ``artifact/path``.
        less: why files are in SAM's artifacts alone.
    """

    arguments: list[str] = []
    folder: str = "."
    template: str = ".aws-sam/build/template.yaml"
    environment: dict[str, str] = {}
    answering: list[str] = []
    shorts: list[str] = []
    answers: bool | list[str] = True
    refused: list[str] = []
    taken: str = ""
    alone: str = ""
    more: dict[str, str] = {}
    less: dict[str, str] = {}


class App(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ``app.json``.

    Attributes:
        shows: what the app is there for.
        builds: each with its name; without any, the app is built once with no arguments.
        needs: programs without which it is skipped.
        files: texts of files that no repository holds, by path.
            ``{greet-1.0}`` in them is the SHA-256 of that wheel, ``{app}`` the app's folder.
        links: targets of symbolic links, by path.
        executable: files that are made executable.
        wheels: the files of each wheel in the folder ``wheels``, by its name and version.
        zips: folders that are zipped, by the zip's path.
    """

    shows: str
    builds: dict[str, Build] = {}
    needs: list[str] = []
    files: dict[str, str] = {}
    links: dict[str, str] = {}
    executable: list[str] = []
    wheels: dict[str, dict[str, str]] = {}
    zips: dict[str, str] = {}


class Case(NamedTuple):
    """One build of one app."""

    app: str
    build: str

    def __str__(self) -> str:
        return f"{self.app}-{self.build}" if self.build else self.app

    @property
    def said(self) -> App:
        return read_app(self.app)

    @property
    def how(self) -> Build:
        return self.said.builds.get(self.build, Build())


class Pair(NamedTuple):
    """An app that was built by SAM and by shorts, each in its own copy."""

    case: Case
    stock: Path
    ours: Path
    sam: Done
    shorts: Done

    @property
    def templates(self) -> tuple[Path, Path]:
        return self.stock / self.case.how.template, self.ours / self.case.how.template


def read_app(name: str) -> App:
    return msgspec.json.decode((APPS / name / "app.json").read_bytes(), type=App)


def every_case() -> list[Case]:
    names = [path.parent.relative_to(APPS).as_posix() for path in sorted(APPS.rglob("app.json"))]
    return [Case(name, build) for name in names for build in (read_app(name).builds or [""])]


GOOD = [case for case in every_case() if not case.how.refused]
BAD = [case for case in every_case() if case.how.refused]


def prepare(name: str, to: Path) -> Path:
    """A copy of an app, with what it says has to be made."""
    app = read_app(name)
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(APPS / name, to, ignore=shutil.ignore_patterns("app.json", "__pycache__"))
    digests = {}
    for wheel, files in app.wheels.items():
        distribution, _, version = wheel.partition("-")
        made = write_wheel(to / "wheels", distribution, files, version=version)
        digests[wheel] = hashlib.sha256(made.read_bytes()).hexdigest()
    for path, text in app.files.items():
        for name, value in {**digests, "app": str(to)}.items():
            text = text.replace(f"{{{name}}}", value)
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(text.encode())
    for path, target in app.links.items():
        (to / path).symlink_to(target)
    for path in app.executable:
        (to / path).chmod(0o755)
    for path, folder in app.zips.items():
        with zipfile.ZipFile(to / path, "w") as archive:
            for file in sorted((to / folder).rglob("*")):
                archive.write(file, file.relative_to(to / folder))
    return to


def sams_path() -> str:
    """PATH with an interpreter of each runtime, for SAM looks for them there, and with uv."""
    found = [interpreters.find(minor) for minor in MINORS]
    assert found[0] is not None, f"sam build needs it: {interpreters.how_to_get(MINORS[0])}"
    folders = [str(python.parent) for python in found if python]
    return os.pathsep.join([*folders, str(Path(sys.executable).parent), os.environ["PATH"]])


def variables(case: Case, app: Path) -> dict[str, str]:
    return {name: text.format(app=app) for name, text in case.how.environment.items()}


def build_by_sam(case: Case, app: Path, environment: Mapping[str, str]) -> Done:
    done = sam.run(
        ["build", *case.how.arguments],
        app / case.how.folder,
        {**environment, **variables(case, app)},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def what_is_missing(case: Case) -> str | None:
    """Why a build cannot be tried on this machine, if it cannot."""
    for program in (*case.said.needs, *case.how.answering[:1]):
        if shutil.which(program) is None:
            return f"this machine has no {program}"
    asked = case.how.answering
    if asked and subprocess.run(asked, capture_output=True, check=False).returncode:
        return f"`{' '.join(asked)}` fails"
    return None


def cases_of(session: pytest.Session) -> list[Case]:
    """The builds that the tests of this run ask for, each once, in their order."""
    asked = [
        item.callspec.params.get("case")
        for item in session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    return [case for case in dict.fromkeys(asked) if isinstance(case, Case)]


@pytest.fixture(scope="session")
def build(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shorts: Shorts
) -> Iterator[Callable[[Case], Pair]]:
    """Build an app by both, once for all tests; SAM begins with the next ones meanwhile."""
    root = tmp_path_factory.mktemp("apps")
    before = {**os.environ}
    common = {**before, "PATH": sams_path()}
    built: dict[Case, Pair] = {}

    def by_sam(case: Case) -> tuple[Path, Done]:
        app = prepare(case.app, root / str(case) / "stock" / "app")
        if case.how.alone:
            return app, Done(1, "", case.how.alone)
        return app, build_by_sam(case, app, common)

    def by_shorts(case: Case) -> tuple[Path, Done]:
        app = prepare(case.app, root / str(case) / "ours" / "app")
        arguments = ["build", *case.how.arguments, *case.how.shorts]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(logging.root, "handlers", [])  # what libraries log is to be seen
            mine = {"PATH": common["PATH"], **variables(case, app)}
            done = shorts(arguments, app / case.how.folder, **mine)
        for name in os.environ.keys() - before.keys():
            del os.environ[name]  # a flag that samcli has left there
        return app, done

    missing = {case: why for case in cases_of(request.session) if (why := what_is_missing(case))}
    with ThreadPoolExecutor(2) as pool:
        begun: dict[Case, Future[tuple[Path, Done]]] = {
            case: pool.submit(by_sam, case)
            for case in cases_of(request.session)
            if case not in missing
        }

        def pair(case: Case) -> Pair:
            if case in missing:
                pytest.skip(missing[case])
            if case not in built:
                ours, mine = by_shorts(case)
                stock, theirs = begun[case].result()
                folder = case.how.folder
                built[case] = Pair(case, stock / folder, ours / folder, theirs, mine)
            return built[case]

        yield pair
        pool.shutdown(cancel_futures=True)


def both_built(pair: Pair) -> Pair:
    for done in (pair.sam, pair.shorts):
        assert done.returncode == 0, last_words(done)
    return pair


def last_words(done: Done) -> str:
    return "\n".join(done.stderr.splitlines()[-8:])


class Leaf(NamedTuple):
    """A value that is in the same place of two templates."""

    where: str
    theirs: Any
    ours: Any


@functools.cache
def load(template: Path) -> Any:
    return yaml_parse(template.read_text(encoding="utf-8"))


def leaves(theirs: Any, ours: Any, where: str = "") -> Iterator[Leaf]:
    """The values of two documents by their places; what one has not is None."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in dict.fromkeys([*theirs, *ours]):
            yield from leaves(theirs.get(key), ours.get(key), f"{where}/{key}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from leaves(one, other, f"{where}/{number}")
    else:
        yield Leaf(where, theirs, ours)


def is_zip_of(leaf: Leaf, stock: Path, ours: Path) -> bool:
    """Whether ours names the zip of what theirs names as a folder."""
    return (
        isinstance(leaf.theirs, str)
        and leaf.ours == f"{leaf.theirs}.zip"
        and (stock.parent / leaf.theirs).is_dir()
        and (ours.parent / leaf.ours).is_file()
    )


def is_local(text: object, template: Path) -> bool:
    """Whether a value names something that lies on this machine."""
    return isinstance(text, str) and (template.parent / text).exists()


def is_path(leaf: Leaf) -> bool:
    """Whether a value may name something on this machine, and is not a logical id."""
    return leaf.where.rpartition("/")[2] in PATHS


def stacks(stock: Path, ours: Path) -> Iterator[tuple[Path, Path]]:
    """A template and those nested in it, of both builds."""
    yield stock, ours
    for name, resource in load(stock).get("Resources", {}).items():
        properties = resource.get("Properties") or {} if isinstance(resource, dict) else {}
        for key in ("Location", "TemplateURL"):
            if is_local(properties.get(key), stock) and (stock.parent / properties[key]).is_file():
                nested = ours.parent / load(ours)["Resources"][name]["Properties"][key]
                yield from stacks(stock.parent / properties[key], nested)


def all_leaves(pair: Pair) -> Iterator[tuple[Leaf, Path, Path]]:
    """The values in all templates of a build, with the templates they are in."""
    for stock, ours in stacks(*pair.templates):
        for leaf in leaves(load(stock), load(ours)):
            yield leaf, stock, ours


def artifacts(pair: Pair) -> dict[str, tuple[Path, Path]]:
    """What both have built, by its path below the build folder: SAM's and ours."""
    top = pair.templates[0].parent
    found = {}
    for leaf, stock, ours in all_leaves(pair):
        theirs = stock.parent / str(leaf.theirs)
        if is_path(leaf) and theirs.is_dir() and top in theirs.resolve().parents:
            name = theirs.resolve().relative_to(top).as_posix()
            found[name] = (theirs, ours.parent / str(leaf.ours))
    return found


class File(NamedTuple):
    """A file in an artifact."""

    content: bytes
    executable: bool


def read_artifact(path: Path) -> dict[str, File]:
    """An artifact's files, whether it is a folder or a zip."""
    if path.is_dir():
        return {
            file.relative_to(path).as_posix(): File(
                file.read_bytes(), bool(file.stat().st_mode & stat.S_IXUSR)
            )
            for file in path.rglob("*")
            if file.is_file()
        }
    with zipfile.ZipFile(path) as archive:
        return {
            entry.filename: File(
                archive.read(entry), bool(entry.external_attr >> 16 & stat.S_IXUSR)
            )
            for entry in archive.infolist()
            if not entry.is_dir()
        }


def modules(files: Mapping[str, File]) -> set[str]:
    """The dotted names of what Python can import."""
    names = set()
    for path in files:
        folder, _, name = path.rpartition("/")
        if name.endswith((".py", ".so")):
            stem = name.partition(".")[0]
            names.add("/".join(filter(None, (folder, stem))).replace("/", "."))
    return names


def is_installers(path: str) -> bool:
    """Whether a file of a distribution is one that no program reads."""
    parts = path.removeprefix("python/").split("/")
    if parts[0].endswith(".dist-info"):
        return parts[-1] in INSTALLERS
    return parts[0] in ("bin", ".lock")


def without(paths: set[str], artifact: str, reasons: Mapping[str, str], met: set[str]) -> set[str]:
    """The paths that no reason is given for; which reasons were met is noted."""
    left = set()
    for path in paths:
        patterns = [one for one in reasons if fnmatchcase(f"{artifact}/{path}", one)]
        met.update(patterns)
        if not patterns:
            left.add(path)
    return left


def test_every_app_is_here() -> None:
    """Each folder of apps says what it shows, and is built."""
    folders = {path.name for path in APPS.iterdir() if path.is_dir()}
    assert {case.app.partition("/")[0] for case in (*GOOD, *BAD)} == folders
    assert all(case.said.shows for case in (*GOOD, *BAD))


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_templates(build: Callable[[Case], Pair], case: Case) -> None:
    """The built templates are SAM's but for `.zip`, and what they name is there."""
    pair = both_built(build(case))
    differing, missing = [], []
    for leaf, stock, ours in all_leaves(pair):
        theirs = leaf.theirs
        if isinstance(theirs, str):  # SAM makes the path of a Docker context whole
            theirs = theirs.replace(str(pair.stock), str(pair.ours))
        if theirs != leaf.ours and not is_zip_of(leaf, stock, ours):
            differing.append(f"{stock.parent.name}{leaf}")
        if is_path(leaf) and is_local(leaf.theirs, stock) and not is_local(leaf.ours, ours):
            missing.append(f"{stock.parent.name}{leaf}")
    assert differing == []
    assert missing == []


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_build_folder(build: Callable[[Case], Pair], case: Case) -> None:
    """The build folder holds what SAM's holds, and next to each zip what it was made of."""
    pair = both_built(build(case))
    for stock, ours in stacks(*pair.templates):
        theirs = {path.name for path in stock.parent.iterdir()}
        mine = {path.name for path in ours.parent.iterdir()}
        zips = {name.removesuffix(".zip") for name in mine if name.endswith(".zip")}
        sidecars = {name for full_path in zips for name in plan.sidecar_names(full_path)}
        assert sidecars <= mine
        assert {name.removesuffix(".zip") for name in mine - sidecars} == theirs


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_artifacts(build: Callable[[Case], Pair], case: Case) -> None:
    """What can be imported is the same, and so are all other files, but for known differences."""
    pair = both_built(build(case))
    how = pair.case.how
    met: set[str] = set()
    for name, (folder, made) in artifacts(pair).items():
        theirs, mine = read_artifact(folder), read_artifact(made)
        lost = {path for path in theirs.keys() - mine.keys() if not is_installers(path)}
        lost = {path for path in lost if "__pycache__" not in path}
        new = {path for path in mine.keys() - theirs.keys() if "__pycache__" not in path}
        assert without(lost, name, how.less, met) == set()
        assert without(new, name, how.more, met) == set()
        if not lost | new:
            assert modules(mine) == modules(theirs)
        for path in theirs.keys() & mine.keys():
            if path.endswith(".dist-info/RECORD"):  # ours lists what is in the zip, without hashes
                assert recorded(mine[path].content) <= recorded(theirs[path].content)
            else:
                assert mine[path] == theirs[path], path
    assert met == {*how.more, *how.less}, "a difference that there is no more"


def recorded(content: bytes) -> set[str]:
    """Return the paths in a ``RECORD``."""
    return {row[0] for row in csv.reader(content.decode().splitlines())}


def runnable(pair: Pair, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Function]:
    """The functions of a built template that this machine can run and that have an artifact."""
    monkeypatch.chdir(folder)
    with warnings.catch_warnings(action="ignore"):  # samcli's own
        read = read_invocation(["-t", pair.case.how.template])
    found = []
    for function in read.functions:
        inline = not function.code_uri
        if function.package_type != "Zip" or inline or not is_runnable(function):
            continue
        wanted = pair.case.how.answers
        if not isinstance(wanted, list) or function.full_path in wanted:
            found.append(function)
    return found


def is_runnable(function: Function) -> bool:
    try:
        target = Target.of(function.runtime, function.architecture)
    except ShortsError:
        return False
    return target.machine == os.uname().machine and interpreters.find(target.minor) is not None


def answer(function: Function, event: bytes) -> bytes:
    task = unpacked(Path(function.code_uri))
    with Emulator(function, task, environment(function, {})) as emulator:
        reply = emulator.invoke(event)
    assert not reply.failure, f"{function.full_path}: {reply.failure}"
    return reply.body


@pytest.mark.parametrize("case", [case for case in GOOD if case.how.answers], ids=str)
def test_answers(
    build: Callable[[Case], Pair], case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every handler answers an event with the same bytes from both artifacts."""
    pair = both_built(build(case))
    sample = APPS / case.app / "event.json"
    event = sample.read_bytes() if sample.is_file() else b"{}"
    for name, value in variables(case, pair.ours).items():
        monkeypatch.setenv(name, value)
    theirs, ours = (
        {
            function.full_path: answer(function, event)
            for function in runnable(pair, folder, monkeypatch)
        }
        for folder in (pair.stock, pair.ours)
    )
    assert ours == theirs
    assert ours


@pytest.mark.parametrize("case", BAD, ids=str)
def test_refusals(build: Callable[[Case], Pair], case: Case) -> None:
    """What SAM refuses is refused, and the message names what SAM's names."""
    pair = build(case)
    assert pair.shorts.returncode != 0
    assert "Traceback" not in pair.shorts.stderr, last_words(pair.shorts)
    for word in case.how.refused:
        assert word in pair.shorts.stderr, last_words(pair.shorts)
    if case.how.taken:
        assert pair.sam.returncode == 0, last_words(pair.sam)
    elif not case.how.alone:
        assert pair.sam.returncode == pair.shorts.returncode, last_words(pair.sam)
        for word in case.how.refused:
            assert word in pair.sam.stderr + pair.sam.stdout, last_words(pair.sam)


def test_an_unchanged_function_is_not_published_anew(tmp_path: Path, shorts: Shorts) -> None:
    """SAM publishes a version when the zip's digest is new; dates and folders do not change it."""
    contents = []
    for folder, date in (("one", 1_000_000_000), ("other", 1_700_000_000)):
        app = prepare("alias", tmp_path / folder)
        for path in (*app.rglob("*"), app):
            os.utime(path, (date, date))
        for _ in range(2):
            assert shorts(["build"], app).returncode == 0
            built = app / ".aws-sam" / "build"
            contents.append({path.name: path.read_bytes() for path in built.iterdir()})
            shutil.rmtree(built)
    assert contents.count(contents[0]) == 4
    assert contents[0].keys() == {"F.zip", *plan.sidecar_names("F"), "template.yaml"}
