"""Requirements in all their forms, built for real from wheels and sources made by hand."""

import base64
import functools
import http.server
import io
import re
import shutil
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.requirements import lock, lock_file, manifest
from shorts.requirements.lock_file import Pin
from shorts.slices import make as slices
from shorts.slices.recipe import Recipe
from shorts.slices.store import Slice, Store
from shorts.system import interpreters, process, uv
from shorts.targets.target import Target
from tests.conftest import Done, Shorts, require, write_wheel
from tests.unit.targets.test_elf import library

PROJECT = '[project]\nname = "fn"\nversion = "1"\nrequires-python = ">=3.11"\n'


pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")


@pytest.fixture
def index(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of wheels as the only index that uv knows, whatever the requirements say."""
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    return wheels


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the URL that it is served at."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    make = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), make) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# The runtime with a Python that is there for certain, and another if there is one.
MINE = Target.of(f"python3.{sys.version_info[1]}", "x86_64")
OTHERS = [Target.of(f"python3.{minor}", "arm64") for minor in (12, 13, 14, 10)]
WAYS_OUT = (
    "pin a version that has one, build it from source with `--allow-sdist {name}`, or use "
    "`sam build --use-container`."
)


def ask(function: Path, text: str) -> None:
    """Write a function's requirements.txt as it is."""
    (function / "fn" / "requirements.txt").write_bytes(text.encode())


def built(done: Done, function: Path) -> set[str]:
    """The distributions in the zip that a build should have made, with their versions."""
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".dist-info") for top in tops if top.endswith(".dist-info")}


def content(function: Path, path: str) -> str:
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        return archive.read(path).decode()


def failed(done: Done) -> str:
    """The message of a build that failed as it should: short, and no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    message = done.stderr[done.stderr.index("shorts: ") :].strip()
    assert len(message.splitlines()) <= 3, message
    assert "Traceback" not in done.stderr
    return message


def simple(folder: Path, name: str, *versions: str, metadata: str = "", text: str = "") -> Path:
    """Wheels of one module; the last one's path."""
    files = {f"{name}.py": text or "X = 1\n"}
    made = [
        write_wheel(folder, name, files, version=version, metadata=metadata) for version in versions
    ]
    return made[-1]


def publish(*wheels: Path) -> None:
    """Write the page of an index next to the wheels of a distribution."""
    links = (
        f'<a href="{wheel.name}#sha256={sha256(wheel.read_bytes()).hexdigest()}">{wheel.name}</a>'
        for wheel in wheels
    )
    (wheels[0].parent / "index.html").write_text("\n".join(links))


def hashed(wheel: Path) -> str:
    return f"--hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}"


BACKEND = """
import os, sys, zipfile

def build_wheel(out, config_settings=None, metadata_directory=None):
    info, name = "{name}-1.0.dist-info", "{name}-1.0-{tag}.whl"
    minor = "%d.%d" % sys.version_info[:2]
    with zipfile.ZipFile(os.path.join(out, name), "w") as wheel:
        wheel.writestr("{name}.py", "MINOR = '%s'\\n" % minor)
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: {tag}\\n")
        rows = ["{name}.py", info + "/METADATA", info + "/WHEEL", info + "/RECORD"]
        wheel.writestr(info + "/RECORD", "".join(row + ",,\\n" for row in rows))
    return name
"""


def write_sdist(
    folder: Path, name: str, *, tag: str = "py3-none-any", backend: str = BACKEND
) -> Path:
    """A source distribution that builds without anything else, by a backend of its own."""
    settings = 'requires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    members = {
        "pyproject.toml": f"[build-system]\n{settings}",
        "backend.py": backend.replace("{name}", name).replace("{tag}", tag),
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
    }
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, text in members.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{member}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("# one\n\n   # two\n", set()),
        ("one\n", {"one-2.0"}),
        ("one<2\n", {"one-1.0"}),
        ("One == 1.0   # why\n", {"one-1.0"}),
        ("one \\\n  <2 \\\n  ,>=1\n", {"one-1.0"}),
        ("one<2\r\n# note\r\ntwo\r\n", {"one-1.0", "two-1.0"}),
        ("one ; python_version >= '3.13'\ntwo; python_version < '3.13'\n", {"one-2.0"}),
        ("one ; sys_platform == 'win32'\n", set()),
        ("one ; platform_machine == 'x86_64'\n", {"one-2.0"}),
        ("two[more]\n", {"two-1.0", "one-2.0"}),
        ("two [more] ~= 1.0\n-c limits.txt\n", {"two-1.0", "one-1.0"}),
        ("-r more.txt\ntwo\n", {"two-1.0", "one-1.0"}),
        ("--requirement=more.txt\n-r more.txt\n", {"one-1.0"}),
        ("one\n--constraint limits.txt\n", {"one-1.0"}),
        ("-c limits.txt\n", set()),
        ("--prefer-binary\n--only-binary :all:\none\n", {"one-2.0"}),
    ],
)
def test_forms(function: Path, wheels: Path, shorts: Shorts, text: str, expected: set[str]) -> None:
    """What pip reads in a requirements file is what is installed for the target."""
    simple(wheels, "one", "1.0", "2.0")
    simple(
        wheels, "two", "1.0", metadata="Provides-Extra: more\nRequires-Dist: one; extra=='more'\n"
    )
    (function / "fn" / "limits.txt").write_text("one<2\n")
    (function / "fn" / "more.txt").write_text("-c limits.txt\none\n")
    ask(function, f"--no-index\n--find-links ../wheels\n{text}")
    assert built(shorts(["build"], function), function) == expected


def test_without_requirements(function: Path, shorts: Shorts) -> None:
    """A function without requirements is its own code alone."""
    assert built(shorts(["build"], function), function) == set()


@pytest.mark.parametrize("option", ["--index-url {}", "-i {}", "--extra-index-url={}"])
def test_lines_that_name_an_index(
    function: Path, served: tuple[Path, str], shorts: Shorts, option: str
) -> None:
    """The index that a requirements file names is asked at resolution and at installation."""
    folder, url = served
    publish(simple(folder / "simple" / "only-here", "only_here", "1.0"))
    ask(function, f"{option.format(f'{url}/simple')}\nonly-here\n")
    assert built(shorts(["build"], function), function) == {"only_here-1.0"}
    shutil.rmtree(function / ".aws-sam")
    assert shorts(["lock"], function).returncode == 0
    assert built(shorts(["build"], function), function) == {"only_here-1.0"}


def test_a_url_of_a_wheel(function: Path, served: tuple[Path, str], shorts: Shorts) -> None:
    """A wheel may be named by its URL, locked or not."""
    folder, url = served
    simple(folder, "model", "3.7")
    ask(function, f"model @ {url}/model-3.7-py3-none-any.whl\n")
    assert built(shorts(["build"], function), function) == {"model-3.7"}
    assert shorts(["lock"], function).returncode == 0
    assert f"model @ {url}/model-3.7" in (function / "fn" / "requirements.lock").read_text()
    (function / "fn" / "new.py").write_text("")
    assert built(shorts(["build"], function), function) == {"model-3.7"}


def test_a_url_of_a_source(function: Path, served: tuple[Path, str], shorts: Shorts) -> None:
    """A URL of an archive is refused, with what may stand in its place."""
    folder, url = served
    write_sdist(folder, "old")
    ask(function, f"old @ {url}/old-1.0.tar.gz\n")
    message = failed(shorts(["build"], function))
    assert f"{function}/fn/requirements.txt: " in message
    assert "\nshorts installs wheels only, from an index or a URL" in message


def test_a_line_that_is_none(function: Path, shorts: Shorts) -> None:
    """A line that makes no sense is shown with the file that it stands in."""
    ask(function, "just text\n")
    message = failed(shorts(["build"], function))
    assert message.startswith("shorts: fn/requirements.txt:")
    assert "just text" in message


def test_folders_with_wheels_of_the_same_name(tmp_path: Path) -> None:
    """The same words in two folders, each with wheels next to it, are two resolutions."""
    found = []
    for version in ("1.0", "2.0"):
        folder = tmp_path / version
        simple(folder / "wheels", "one", version)
        (folder / "requirements.txt").write_text("--no-index\n-f ./wheels\none\n")
        found += lock.pins(
            manifest.load(folder / "requirements.txt"),
            MINE,
            Store.default(),
            kept=tmp_path / "kept",
        )
    assert [str(pin) for pin in found] == ["one==1.0", "one==2.0"]


def test_a_lock_for_given_targets(function: Path, wheels: Path) -> None:
    """A lock is made for the targets it is asked for, once each, the older Python first."""
    write_wheel(wheels, "one", {"one.py": ""}, version="1.0")
    write_wheel(wheels, "one", {"one.py": ""}, version="2.0", tag="py310-none-any")
    require(function, "one")
    named = (("python3.13", "arm64"), ("python3.8", "x86_64"), ("python3.10", "arm64"))
    targets = [Target.of(*names) for names in named]
    path = function / "fn" / "requirements.txt"
    held = lock.write(manifest.load(path), Store.default(), targets=[*targets, *targets])
    assert held == [targets[1], targets[2], targets[0]]
    text = (function / "fn" / "requirements.lock").read_text()
    assert re.findall("# holds for (.+)", text) == [str(target) for target in held]
    for target, version in zip(targets, ("2.0", "1.0", "2.0"), strict=True):
        assert [pin.version for pin in lock_file.parse(text, target, path)] == [version]


class TestHashes:
    def test_those_of_everything(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """Requirements with the hashes of everything are installed."""
        one, two = simple(wheels, "one", "1.0"), simple(wheels, "two", "1.0")
        require(function, f"one==1.0 \\\n    {hashed(one)}", f"two==1.0 {hashed(two)}")
        assert built(shorts(["build"], function), function) == {"one-1.0", "two-1.0"}

    def test_another_one(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """A wheel that has none of the hashes in the requirements is not installed."""
        simple(wheels, "one", "1.0")
        require(function, f"one==1.0 --hash=sha256:{'0' * 64}")
        message = failed(shorts(["build"], function))
        assert f"Hash mismatch for `one==1.0` Expected: sha256:{'0' * 64}" in message

    def test_those_of_some(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """As for pip, hashes of some requirements are hashes of all."""
        one = simple(wheels, "one", "1.0", metadata="Requires-Dist: two\n")
        simple(wheels, "two", "1.0")
        require(function, f"one==1.0 {hashed(one)}")
        message = failed(shorts(["build"], function))
        assert "requirements.txt gives hashes, but none of two==1.0." in message
        require(function, "--require-hashes", "two")
        assert "gives hashes, but none of two==1.0." in failed(shorts(["build"], function))

    def test_those_of_constraints(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """Hashes in a file of constraints count for what they name, and ask for no others."""
        one = simple(wheels, "one", "1.0")
        simple(wheels, "two", "1.0")
        limits = function / "fn" / "limits.txt"
        require(function, "one", "two", "-c limits.txt")
        limits.write_text(f"one==1.0 {hashed(one)}\n")
        assert built(shorts(["build"], function), function) == {"one-1.0", "two-1.0"}
        limits.write_text(f"one==1.0 --hash=sha256:{'0' * 64}\n")
        assert "Hash mismatch for `one==1.0`" in failed(shorts(["build"], function))

    def test_that_of_a_local_wheel(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """A wheel named by its path may have a hash, which then has to be its own."""
        one = simple(wheels, "one", "1.0")
        require(function, f"wheels/{one.name} {hashed(one)}")
        assert built(shorts(["build"], function), function) == {"one-1.0"}
        require(function, f"wheels/{one.name} --hash=sha256:{'0' * 64}")
        assert "has none of the hashes that" in failed(shorts(["build"], function))


def project(folder: Path, *, text: str = "X = 1\n", more: str = "") -> Path:
    """A project of this machine that builds without anything else."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lib.py").write_text(text)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "lib"\nversion = "0.1"\n{more}'
    )
    (folder / "backend.py").write_text(
        """
import os, tomllib, zipfile
def build_wheel(out, config_settings=None, metadata_directory=None):
    table = tomllib.load(open("pyproject.toml", "rb"))["project"]
    metadata = ["Metadata-Version: 2.1", "Name: lib", "Version: 0.1"]
    metadata += ["Requires-Dist: " + one for one in table.get("dependencies", ())]
    for extra, names in table.get("optional-dependencies", {}).items():
        metadata.append("Provides-Extra: " + extra)
        metadata += ["Requires-Dist: %s; extra == '%s'" % (name, extra) for name in names]
    info, name = "lib-0.1.dist-info", "lib-0.1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(out, name), "w") as wheel:
        wheel.write("lib.py")
        wheel.writestr(info + "/METADATA", "\\n".join(metadata) + "\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        rows = ["lib.py", info + "/METADATA", info + "/WHEEL", info + "/RECORD"]
        wheel.writestr(info + "/RECORD", "".join(row + ",,\\n" for row in rows))
    return name
"""
    )
    return folder


class TestLocal:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("./lib", {"lib-0.1"}),
            ("lib/", {"lib-0.1"}),
            ("../lib", {"lib-0.1"}),
            ("-e ./lib", {"lib-0.1"}),
            ("--editable=../lib", {"lib-0.1"}),
            ("-e lib", {"lib-0.1"}),
            ("file:./lib", {"lib-0.1"}),
            ("file://{root}/lib", {"lib-0.1"}),
            ("{root}/lib", {"lib-0.1"}),
            ("lib @ file://{root}/lib", {"lib-0.1"}),
            ("lib[more] @ ./lib", {"lib-0.1", "one-1.0"}),
            ("./lib[more]", {"lib-0.1", "one-1.0"}),
            ("-e ./lib[more]", {"lib-0.1", "one-1.0"}),
            ("./lib ; python_version < '3.13'", set()),
            ("./lib ; python_version < '3.13'\n./lib ; python_version >= '3.13'", {"lib-0.1"}),
            ("wheels/one-1.0-py3-none-any.whl", {"one-1.0"}),
            ("../wheels/one-1.0-py3-none-any.whl", {"one-1.0"}),
        ],
    )
    def test_ways_to_name_it(
        self, function: Path, wheels: Path, shorts: Shorts, line: str, expected: set[str]
    ) -> None:
        """A project or wheel is named by its path from the working folder or from the file."""
        simple(wheels, "one", "1.0")
        project(function / "lib", more='optional-dependencies = {more = ["one"]}\n')
        require(function, line.format(root=function))
        assert built(shorts(["build"], function), function) == expected

    def test_its_own_requirements(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """What a project requires is installed with it, and follows it without --upgrade."""
        simple(wheels, "one", "1.0")
        project(function / "lib", more='dependencies = ["one"]\n')
        require(function, "./lib")
        assert built(shorts(["build"], function), function) == {"lib-0.1", "one-1.0"}
        project(function / "lib")
        assert built(shorts(["build"], function), function) == {"lib-0.1"}

    def test_an_edit_is_built(self, function: Path, wheels: Path, shorts: Shorts) -> None:
        """A change in a project's tree is in the next zip, locked or not."""
        project(function / "lib")
        require(function, "./lib")
        for number, command in enumerate((["build"], ["lock"], ["build"])):
            project(function / "lib", text=f"X = {number}\n")
            assert shorts(command, function).returncode == 0
        assert content(function, "lib.py") == "X = 2\n"
        assert "unchanged" in shorts(["build"], function).stdout

    def test_the_project_is_left_as_it_is(
        self, function: Path, wheels: Path, shorts: Shorts
    ) -> None:
        """Building a project leaves no traces in it."""
        folder = project(function / "lib")
        before = sorted(folder.rglob("*"))
        require(function, "-e ./lib")
        assert shorts(["build"], function).returncode == 0
        assert sorted(folder.rglob("*")) == before

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("./nowhere", "names ./nowhere, which does not exist."),
            ("./empty", "empty cannot be built"),
            ("./odd.whl", "odd.whl is not named like a wheel"),
            ("./one-1.0-cp312-cp312-win_amd64.whl", "for python3.13 on x86_64"),
        ],
    )
    def test_what_is_none(
        self, function: Path, wheels: Path, shorts: Shorts, line: str, said: str
    ) -> None:
        """A path with nothing to build, or with a wheel for something else, is named."""
        (function / "empty").mkdir()
        (function / "odd.whl").write_text("")
        write_wheel(function, "one", {"one.py": ""}, tag="cp312-cp312-win_amd64")
        require(function, line)
        assert said in failed(shorts(["build"], function))


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    return process.run(["git", "-C", str(folder), *who, *arguments]).strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository: its first commit has a tag, a project at the top and one below."""
    folder = project(tmp_path / "origin", text="X = 1\n", more='dependencies = ["one"]\n')
    project(folder / "below" / "it", text="X = 'below'\n")
    git(folder, "init", "-q")
    commit(folder)
    git(folder, "tag", "v1")
    git(folder, "branch", "side/way")
    (folder / "lib.py").write_text("X = 2\n")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "all")


class TestRepositories:
    @pytest.mark.parametrize(
        ("line", "said", "extra"),
        [
            ("lib @ git+{url}", "X = 2\n", {"one-1.0"}),
            ("lib @ git+{url}@main", "X = 2\n", {"one-1.0"}),
            ("lib@git+{url}@v1", "X = 1\n", {"one-1.0"}),
            ("git+{url}@side/way", "X = 1\n", {"one-1.0"}),
            ("lib @ git+{url}@{commit}", "X = 1\n", {"one-1.0"}),
            ("lib @ git+{url}@{short} ; os_name == 'posix'", "X = 1\n", {"one-1.0"}),
            ("-e git+{url}@v1#egg=lib", "X = 1\n", {"one-1.0"}),
            ("--editable=git+{url}#egg=lib&subdirectory=below/it", "X = 'below'\n", set()),
            ("lib @ git+{url}@v1#subdirectory=below/it", "X = 'below'\n", set()),
            ("lib @ git+{url}@refs/heads/side/way", "X = 1\n", {"one-1.0"}),
        ],
    )
    def test_ways_to_name_it(
        self,
        function: Path,
        wheels: Path,
        repository: Path,
        shorts: Shorts,
        line: str,
        said: str,
        extra: set[str],
    ) -> None:
        """A branch, a tag, a commit or a part of one is built, with what it requires."""
        simple(wheels, "one", "1.0")
        first = git(repository, "rev-parse", "v1")
        require(
            function,
            line.format(url=repository.as_uri(), commit=first, short=first[:9]),
        )
        assert built(shorts(["build"], function), function) == {"lib-0.1", *extra}
        assert content(function, "lib.py") == said

    def test_a_branch_stays_at_its_commit(
        self,
        function: Path,
        wheels: Path,
        repository: Path,
        shorts: Shorts,
        own_store: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The commit is remembered until an upgrade, and pinned in a lock by the URL as written."""
        simple(wheels, "one", "1.0")
        monkeypatch.setenv("WHERE", str(repository))
        require(function, "lib @ git+file://${WHERE}@main")
        texts = []
        for number, options in enumerate(([], [], ["--upgrade"]), start=3):
            assert built(shorts(["build", *options], function), function)
            texts.append(content(function, "lib.py"))
            (repository / "lib.py").write_text(f"X = {number}\n")
            commit(repository)
            (function / "fn" / "app.py").write_text(f"X = {number}\nhandler = print\n")
        assert texts == ["X = 2\n", "X = 2\n", "X = 4\n"]
        assert shorts(["lock"], function).returncode == 0
        lock = (function / "fn" / "requirements.lock").read_text()
        head = git(repository, "rev-parse", "HEAD")
        assert f"\nlib @ git+file://${{WHERE}}@{head}\n" in lock
        (repository / "lib.py").write_text("X = 'later'\n")
        commit(repository)
        shutil.rmtree(own_store)
        assert built(shorts(["build"], function), function) == {"lib-0.1", "one-1.0"}
        assert content(function, "lib.py") == "X = 5\n"

    def test_it_is_not_read_again(
        self, function: Path, wheels: Path, repository: Path, shorts: Shorts
    ) -> None:
        """Without a change, a build needs neither git nor the repository."""
        simple(wheels, "one", "1.0")
        require(function, f"lib @ git+{repository.as_uri()}@v1")
        assert built(shorts(["build"], function), function)
        shutil.rmtree(repository)
        assert "unchanged" in shorts(["build"], function).stdout
        (function / "fn" / "app.py").write_text("Y = 1\nhandler = print\n")
        assert built(shorts(["build"], function), function) == {"lib-0.1", "one-1.0"}

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("lib @ git+{url}@gone", "origin@gone cannot be fetched: fatal: "),
            ("lib @ git+{url}-gone", "origin-gone cannot be fetched: fatal: "),
            ("lib @ git+{url}@--upload-pack=x", "cannot be fetched: fatal: "),
            ("lib @ git+{url}#subdirectory=gone", "has neither a pyproject.toml nor a setup.py"),
            ("lib @ git+{url}#subdirectory=../..", "has neither a pyproject.toml nor a setup.py"),
        ],
    )
    def test_what_is_not_there(
        self, function: Path, wheels: Path, repository: Path, shorts: Shorts, line: str, said: str
    ) -> None:
        """A repository, a ref or a folder that does not exist is named."""
        require(function, line.format(url=repository.as_uri()))
        assert said in failed(shorts(["build"], function))


def describe(function: Path, text: str) -> Path:
    """Write a function's pyproject.toml; its path."""
    path = function / "fn" / "pyproject.toml"
    path.write_text(text)
    return path


def pylock(function: Path, *packages: str, head: str = 'lock-version = "1.0"\n') -> None:
    """Write the pylock.toml next to a function's pyproject.toml."""
    text = "".join(f"[[packages]]\n{package}\n" for package in packages)
    (function / "fn" / "pylock.toml").write_text(f'{head}created-by = "hand"\n{text}')


def locked(wheel: Path, *more: str) -> str:
    """A wheel as a pylock.toml has it."""
    name, version, *_ = wheel.name.split("-")
    digest = sha256(wheel.read_bytes()).hexdigest()
    file = f'{{url = "https://e.org/{wheel.name}", hashes = {{sha256 = "{digest}"}}}}'
    return "\n".join([f'name = "{name}"', f'version = "{version}"', f"wheels = [{file}]", *more])


class TestProject:
    def test_its_dependencies(self, function: Path, index: Path, shorts: Shorts) -> None:
        """A project's own dependencies are installed, without its extras and groups."""
        for name in ("one", "two", "three"):
            simple(index, name, "1.0", "2.0")
        describe(
            function,
            f'{PROJECT}dependencies = ["one<2", "two ; python_version < \'3.13\'"]\n'
            "[project.optional-dependencies]\nmore = ['three']\n"
            "[dependency-groups]\ndev = ['three']\n",
        )
        assert built(shorts(["build"], function), function) == {"one-1.0"}

    def test_one_of_poetrys(self, function: Path, index: Path, shorts: Shorts) -> None:
        """Poetry's own table next to the project's, as Poetry 2 writes them, changes nothing."""
        simple(index, "one", "1.0")
        describe(
            function,
            f'{PROJECT}dependencies = ["one (>=1.0,<2.0)"]\n[tool.poetry]\npackage-mode = false\n'
            "[tool.poetry.dependencies]\npython = '^3.13'\n"
            "[tool.poetry.group.dev.dependencies]\ntwo = '*'\n",
        )
        assert built(shorts(["build"], function), function) == {"one-1.0"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('dynamic = ["dependencies"]\n', "leaves its dependencies to its build."),
            ("", "leaves its dependencies to its build."),
            ('dependencies = ["one"]\n', "takes one from a source other than an index."),
        ],
    )
    def test_what_poetry_alone_knows(
        self, function: Path, index: Path, shorts: Shorts, text: str, said: str
    ) -> None:
        """Dependencies that only Poetry's own table tells are never left out in silence."""
        tool = '[tool.poetry.dependencies]\none = {path = "../one"}\n'
        describe(function, PROJECT + text + tool)
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        assert "warning: F has no requirements: " in done.stderr
        assert said in done.stderr

    def test_uvs_lock(
        self,
        function: Path,
        served: tuple[Path, str],
        shorts: Shorts,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A uv.lock is used before a pylock.toml, and without the groups uv installs by default."""
        folder, url = served
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{url}/simple")
        for name in ("one", "two", "three"):
            publish(simple(folder / "simple" / name, name, "1.0"))
        path = describe(
            function,
            f'{PROJECT}dependencies = ["one"]\n[dependency-groups]\ndev = ["two"]\n'
            'docs = ["three"]\n[tool.uv]\ndefault-groups = ["dev", "docs"]\n',
        )
        uv.run(["lock", "--project", str(path.parent)])
        assert 'name = "three"' in path.with_name("uv.lock").read_text()
        pylock(function)
        assert built(shorts(["build"], function), function) == {"one-1.0"}

    def test_uvs_lock_of_what_is_elsewhere(
        self, function: Path, index: Path, shorts: Shorts
    ) -> None:
        """A project of this machine in a uv.lock is named, with the way to name it."""
        project(function / "lib")
        path = describe(
            function,
            f'{PROJECT}dependencies = ["lib"]\n[tool.uv.sources]\nlib = {{path = "../lib"}}\n',
        )
        uv.run(["lock", "--project", str(path.parent)])
        message = failed(shorts(["build"], function))
        assert "uv.lock: '../lib' is not an exact requirement: " in message
        assert "name a project's path or its git repository in a requirements.txt." in message

    def test_a_pylock(self, function: Path, index: Path, shorts: Shorts) -> None:
        """A pylock.toml says the versions for the target; a change of it is built."""
        old, new = simple(index, "one", "1.0"), simple(index, "one", "2.0")
        two = simple(index, "two", "1.0")
        describe(function, f'{PROJECT}dependencies = ["one", "two"]\n')
        for wheel in (old, new):
            pylock(
                function,
                locked(wheel),
                locked(two, "marker = \"python_version < '3.13'\""),
                'name = "fn"\ndirectory = {path = "."}',
            )
            assert built(shorts(["build"], function), function) == {wheel.stem[:7]}

    def test_a_pylock_of_uvs(self, function: Path, index: Path, shorts: Shorts) -> None:
        """What uv exports as a pylock.toml is read, and the lock of shorts comes before it."""
        simple(index, "one", "1.0")
        path = describe(function, f'{PROJECT}dependencies = ["one"]\n')
        asked = ["--format", "pylock.toml", "--output-file", str(path.with_name("pylock.toml"))]
        uv.run(["export", "--project", str(path.parent), "--no-index", *asked])
        path.with_name("uv.lock").unlink()
        simple(index, "one", "2.0")
        assert built(shorts(["build"], function), function) == {"one-1.0"}
        assert shorts(["lock"], function).returncode == 0
        assert built(shorts(["build"], function), function) == {"one-2.0"}

    def test_a_pylock_without_the_wheel(self, function: Path, index: Path, shorts: Shorts) -> None:
        """What a pylock.toml has only the source of is refused as in any lock, or built."""
        source = write_sdist(index, "old")
        describe(function, f'{PROJECT}dependencies = ["old"]\n')
        digest = sha256(source.read_bytes()).hexdigest()
        file = f'{{url = "https://e.org/old-1.0.tar.gz", hashes = {{sha256 = "{digest}"}}}}'
        pylock(function, f'name = "old"\nversion = "1.0"\nsdist = {file}')
        assert WAYS_OUT.format(name="old") in failed(shorts(["build"], function))
        made = install(function, MINE, "old", name="pyproject.toml")
        assert {*made} == {"old"}

    @pytest.mark.parametrize("text", ["[[packages", 'lock-version = "2.0"\ncreated-by = "x"\n'])
    def test_a_pylock_that_is_none(
        self, function: Path, index: Path, shorts: Shorts, text: str
    ) -> None:
        """A pylock.toml that cannot be read is refused, never passed over."""
        describe(function, f'{PROJECT}dependencies = ["one"]\n')
        (function / "fn" / "pylock.toml").write_text(text)
        assert f"{function}/fn/pylock.toml is not " in failed(shorts(["build"], function))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[project", "is not valid TOML: "),
            ("[project]\ndependencies = 'six'\n", "Expected `array | null`, got `str` - at "),
            ("[project]\ndependencies = [1]\n", "`$.project.dependencies[0]`"),
            ("project = 1\n", "does not describe a project: "),
        ],
    )
    def test_one_that_is_none(self, function: Path, shorts: Shorts, text: str, said: str) -> None:
        """A pyproject.toml that says nothing sensible is passed over, and named with the place."""
        describe(function, text)
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
        message = failed(shorts(["lock"], function))
        assert said in message
        assert "write a requirements.txt next to it" in message


def install(
    function: Path, target: Target, *sdists: str, name: str = "requirements.txt"
) -> dict[str, Slice]:
    """The Slices of a function's requirements, with some names allowed to be built from source."""
    store, asked = Store.default(), manifest.load(function / "fn" / name)
    allowed = frozenset(sdists)
    pins = lock.pins(asked, target, store, kept=function / "kept", sdists=allowed)
    recipes = [
        Recipe(
            pin=pin,
            target=target,
            python="3.13.5",
            sources=(f"--no-index --find-links {function / 'wheels'}",),
        )
        for pin in pins
    ]
    made = slices.ensure(store, recipes, interpreters.find(target.minor), lambda line: None)
    return {one.index.name: one for one in made.values()}


def member(one: Slice, path: str) -> str:
    with zipfile.ZipFile(io.BytesIO(one.data)) as archive:
        return archive.read(path).decode()


def refusal(function: Path, target: Target, *sdists: str) -> str:
    with pytest.raises(ShortsError) as caught:
        install(function, target, *sdists)
    assert len(str(caught.value).splitlines()) <= 3 and "Traceback" not in str(caught.value)
    return str(caught.value)


class TestSourceDistributions:
    @pytest.mark.parametrize("line", ["old", "old==1.0", "user", "old>0.5", "--no-binary old\nold"])
    def test_are_refused_at_resolution(
        self, function: Path, wheels: Path, shorts: Shorts, line: str
    ) -> None:
        """What has no wheel is named with the target and the three ways out."""
        write_sdist(wheels, "old")
        simple(wheels, "user", "1.0", metadata="Requires-Dist: old\n")
        require(function, line)
        message = failed(shorts(["build"], function))
        ways = WAYS_OUT.format(name="old")
        assert message.endswith(f"\nold 1.0 has no wheel for python3.13 on x86_64: {ways}")
        assert "--no-build" not in message

    def test_are_refused_at_installation(
        self, function: Path, wheels: Path, shorts: Shorts
    ) -> None:
        """What somebody's lock has as a source distribution alone is named in the same way."""
        source = write_sdist(wheels, "old")
        require(function, "old")
        simple(wheels, "one", "1.0")
        text = f"old==1.0 {hashed(source)}\none==1.0 {hashed(wheels / 'one-1.0-py3-none-any.whl')}"
        (function / "fn" / "requirements.lock").write_text(text)
        message = failed(shorts(["build"], function))
        ways = WAYS_OUT.format(name="old")
        assert message.endswith(f"\nold 1.0 has no wheel for python3.13 on x86_64: {ways}")

    def test_are_built_if_allowed(self, function: Path, wheels: Path) -> None:
        """A pure source distribution that is named is built, for whatever requires it."""
        write_sdist(wheels, "old")
        simple(wheels, "user", "1.0", metadata="Requires-Dist: old\n")
        require(function, "user")
        made = install(function, MINE, "old")
        assert member(made["old"], "old.py") == f"MINOR = '{MINE.minor}'\n"
        assert {*made} == {"old", "user"}

    @pytest.mark.parametrize("target", OTHERS, ids=str)
    def test_are_built_by_the_targets_python(
        self, function: Path, wheels: Path, target: Target
    ) -> None:
        """What another Python has built or said of it before is not taken for the target's."""
        if interpreters.find(target.minor) is None:
            pytest.skip(f"this machine has no Python {target.minor}")
        says = "Version: 1.0\\n"
        also = 'Requires-Dist: of_%d%d\\n" % sys.version_info[:2]'
        backend = BACKEND.replace(f'{says}")', f"{says}{also})")
        assert backend != BACKEND
        write_sdist(wheels, "old", backend=backend)
        for one in (MINE, target):
            simple(wheels, f"of_{one.minor.replace('.', '')}", "1.0")
        require(function, "old")
        for one in (MINE, target):
            made = install(function, one, "old")
            assert {*made} == {"old", f"of-{one.minor.replace('.', '')}"}
            assert member(made["old"], "old.py") == f"MINOR = '{one.minor}'\n"

    def test_count_in_a_lock(self, function: Path, wheels: Path) -> None:
        """A lock holds the hashes of source distributions; whoever uses it has to allow them."""
        write_sdist(wheels, "old")
        require(function, "old")
        required = manifest.load(function / "fn" / "requirements.txt")
        with pytest.raises(uv.Unsolvable, match="No solution found"):
            lock.write(required, Store.default(), targets=[MINE])
        held = lock.write(required, Store.default(), targets=[MINE], sdists=frozenset(["old"]))
        assert held == [MINE]
        assert "old 1.0 has no wheel for " in refusal(function, MINE)
        assert {*install(function, MINE, "old")} == {"old"}

    @pytest.mark.parametrize("locked", [True, False])
    def test_wheels_are_preferred(self, function: Path, wheels: Path, locked: bool) -> None:
        """What has a wheel for the target is not built, even where something else is."""
        write_sdist(wheels, "old")
        write_sdist(wheels, "one", backend="raise SystemExit('built')")
        simple(wheels, "one", "1.0")
        require(function, "old", "one")
        if locked:
            required = manifest.load(function / "fn" / "requirements.txt")
            allowed = frozenset(["old", "one"])
            lock.write(required, Store.default(), targets=[MINE], sdists=allowed)
        made = install(function, MINE, "old", "one", "other")
        assert member(made["one"], "one.py") == "X = 1\n"

    def test_a_wheel_for_one_platform_is_preferred_too(self, function: Path, wheels: Path) -> None:
        """A downloaded wheel may be for the target's platform; only what is built may not."""
        write_wheel(wheels, "one", {"one.py": ""}, tag="py3-none-manylinux_2_17_x86_64")
        write_sdist(wheels, "one", backend="raise SystemExit('built')")
        require(function, "one")
        assert {*install(function, MINE, "one")} == {"one"}

    @pytest.mark.parametrize("tag", ["py2.py3-none-any", "py3-none-any"])
    def test_of_pure_python(self, function: Path, wheels: Path, tag: str) -> None:
        """A wheel for any platform and any Python 3 may be built."""
        lines = "".join(f"Tag: {one}-none-any\\n" for one in tag.partition("-")[0].split("."))
        write_sdist(wheels, "old", tag=tag, backend=BACKEND.replace("Tag: {tag}\\n", lines))
        require(function, "old")
        assert {*install(function, MINE, "old")} == {"old"}

    @pytest.mark.parametrize("tag", ["cp{minor}-cp{minor}-linux_x86_64", "cp{minor}-none-any"])
    def test_of_compiled_code(self, function: Path, wheels: Path, tag: str) -> None:
        """What builds a wheel for this machine is taken: what it holds is checked by itself."""
        tag = tag.format(minor=MINE.minor.replace(".", ""))
        write_sdist(wheels, "old", tag=tag)
        require(function, "old")
        assert {*install(function, MINE, "old")} == {"old"}

    def test_of_compiled_code_for_another_machine(self, function: Path, wheels: Path) -> None:
        """What builds a wheel for another machine is refused, without what was tried already."""
        minor = MINE.minor.replace(".", "")
        write_sdist(wheels, "old", tag=f"cp{minor}-cp{minor}-linux_x86_64")
        require(function, "old")
        target = Target.of(MINE.runtime, "arm64")
        message = refusal(function, target, "old")
        assert message.startswith(f"old==1.0 is not available as a wheel for {target}, and cannot ")
        assert message.endswith(
            "\nPin a version that has a wheel, or use `sam build --use-container`."
        )

    @pytest.mark.parametrize(("glibc", "status"), [("2.17", 0), ("2.26", 0), ("2.39", 1)])
    def test_of_a_library(
        self, function: Path, wheels: Path, shorts: Shorts, glibc: str, status: int
    ) -> None:
        """A library that was built is taken where it loads on the target, and else named."""
        template = function / "template.yaml"
        template.write_text(template.read_text().replace("python3.13", MINE.runtime))
        versions = {b"libc.so.6": [f"GLIBC_{glibc}".encode()]}
        image = base64.b64encode(library(needed=[b"libc.so.6"], versions=versions)).decode()
        backend = BACKEND.replace("import os,", "import base64, os,")
        backend = backend.replace(
            '        rows = ["{name}.py"',
            f'        wheel.writestr("lib.so", base64.b64decode("{image}"))\n'
            '        rows = ["lib.so", "{name}.py"',
        )
        minor = MINE.minor.replace(".", "")
        write_sdist(wheels, "old", tag=f"cp{minor}-cp{minor}-linux_x86_64", backend=backend)
        require(function, "old")
        done = shorts(["build", "--allow-sdist", "old"], function)
        assert done.returncode == status, done.stderr
        if status:
            assert "lib.so of old 1.0 needs glibc 2.39" in done.stderr
            assert "--allow-sdist" not in done.stderr

    def test_that_fail(self, function: Path, wheels: Path) -> None:
        """A build that fails is told in its own last words."""
        backend = "def build_wheel(*given, **named):\n    raise RuntimeError('no luck')\n"
        write_sdist(wheels, "old", backend=backend)
        require(function, "old")
        message = refusal(function, MINE, "old")
        assert "Failed to build `old==1.0`" in message
        assert "RuntimeError: no luck" in message

    @pytest.mark.parametrize("locked", [True, False])
    def test_without_the_targets_python(
        self, function: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch, locked: bool
    ) -> None:
        """Without a Python of the target's version nothing is built; how to get it is said."""
        source = write_sdist(wheels, "old")
        require(function, "old")
        if locked:
            (function / "fn" / "requirements.lock").write_text(f"old==1.0 {hashed(source)}\n")
        monkeypatch.setattr(interpreters, "find", lambda minor: None)
        message = refusal(function, MINE, "old")
        assert f"needs Python {MINE.minor}" in message
        assert f"uv python install {MINE.minor}" in message

    @pytest.mark.parametrize("allow", [["--allow-sdist", "old"], ["--allow-sdist=Old"]])
    def test_are_built_by_the_command(
        self, function: Path, wheels: Path, shorts: Shorts, allow: list[str]
    ) -> None:
        """A build with the flag has what was built, and so has one with a lock made with it."""
        template = function / "template.yaml"
        template.write_text(template.read_text().replace("python3.13", MINE.runtime))
        write_sdist(wheels, "old")
        require(function, "old")
        assert built(shorts(["build", *allow], function), function) == {"old-1.0"}
        assert "old 1.0 has no wheel for " in failed(shorts(["build", "--upgrade"], function))
        assert shorts(["lock", *allow], function).returncode == 0
        assert built(shorts(["build", *allow], function), function) == {"old-1.0"}

    def test_that_are_not_there(self, function: Path, wheels: Path) -> None:
        """What has neither a wheel for the target nor a source is told so."""
        write_wheel(wheels, "old", {"old.py": ""}, tag="cp27-none-any")
        require(function, "old")
        said = f"There is neither a wheel for {MINE} nor a source distribution. Pin a version"
        assert said in refusal(function, MINE, "old")

    def test_of_something_else(self, function: Path, wheels: Path) -> None:
        """A name that helps nothing is shown next to the one that would."""
        write_sdist(wheels, "old")
        require(function, "old")
        message = refusal(function, MINE, "odl")
        assert "with `--allow-sdist old` (it was given for odl), or use" in message

    def test_are_part_of_the_key(self) -> None:
        """A Slice that may be built from source has a key of its own; all others keep theirs."""
        pin = Pin(name="a", version="1", hashes=("sha256:0",))
        built = Pin(name="a", version="1", hashes=("sha256:0",), sdist=True)
        keys = [Recipe(pin=one, target=MINE, python="3.13.5").key for one in (pin, built)]
        assert keys[0] != keys[1]


@pytest.mark.parametrize("specifier", [">=3.13.5", ">=3.13.1,<3.14"])
def test_a_patch_version_is_the_runtimes(
    function: Path, wheels: Path, shorts: Shorts, specifier: str
) -> None:
    """A runtime is not taken for its first patch version, in markers and in wheels."""
    simple(wheels, "one", "1.0")
    simple(wheels, "one", "2.0", metadata=f"Requires-Python: {specifier}\n")
    simple(wheels, "two", "1.0")
    marker = " and ".join(f"python_full_version{part}" for part in _quoted(specifier))
    require(function, "one", f"two ; {marker}")
    assert built(shorts(["build"], function), function) == {"one-2.0", "two-1.0"}
    assert shorts(["lock"], function).returncode == 0
    assert built(shorts(["build"], function), function) == {"one-2.0", "two-1.0"}


def _quoted(specifier: str) -> list[str]:
    return [re.sub(r"([<>=]+)(.+)", r"\1'\2'", part) for part in specifier.split(",")]


class TestGlibcBetweenThoseOfUv:
    """Amazon Linux 2 has glibc 2.26, for which uv knows no platform."""

    TARGET = Target.of("python3.11", "x86_64")

    @pytest.fixture
    def old(self, function: Path) -> Path:
        """A function of python3.11."""
        template = function / "template.yaml"
        template.write_text(template.read_text().replace("python3.13", "python3.11"))
        return function

    def wheel(self, wheels: Path, version: str, glibc: int, name: str = "one") -> Path:
        """A wheel for a version of glibc, which says so in its module."""
        tag = f"cp311-cp311-manylinux_2_{glibc}_x86_64"
        files = {f"{name}.py": f"GLIBC = {glibc}\n"}
        return write_wheel(wheels, name, files, version=version, tag=tag)

    @pytest.mark.parametrize("locked", [False, True])
    def test_the_newest_version_that_fits(
        self, old: Path, wheels: Path, shorts: Shorts, locked: bool
    ) -> None:
        """A version with wheels for a later glibc alone is passed over, and what it requires."""
        for version, glibc in (("1.0", 17), ("2.0", 24), ("2.1", 26), ("3.0", 27), ("3.1", 28)):
            self.wheel(wheels, version, glibc)
        self.wheel(wheels, "1.0", 24, "two")
        require(old, "one", "two")
        if locked:
            assert shorts(["lock"], old).returncode == 0
        assert built(shorts(["build"], old), old) == {"one-2.1", "two-1.0"}

    def test_of_two_wheels_the_one_that_fits(self, old: Path, wheels: Path, shorts: Shorts) -> None:
        """A lock has the hashes of all wheels, and the target's is installed."""
        hashes = [hashed(self.wheel(wheels, "1.0", glibc)) for glibc in (17, 24, 28)]
        require(old, "one")
        (old / "fn" / "requirements.lock").write_text(f"one==1.0 {' '.join(hashes)}\n")
        assert built(shorts(["build"], old), old) == {"one-1.0"}
        assert content(old, "one.py") == "GLIBC = 24\n"

    def test_none_that_fits(self, old: Path, wheels: Path, shorts: Shorts) -> None:
        """A pinned version without a wheel for the target is named with the target's glibc."""
        self.wheel(wheels, "3.0", 28)
        require(old, "one==3.0")
        message = failed(shorts(["build"], old))
        assert "one==3.0 has no usable wheels for glibc 2.26, which python3.11 has." in message
        assert "one 3.0 has no wheel for python3.11 on x86_64" in message

    def test_none_that_fits_but_a_source(self, old: Path, wheels: Path) -> None:
        """A source that may be built comes after every version with a wheel."""
        self.wheel(wheels, "1.0", 28)
        write_sdist(wheels, "one")
        require(old, "one")
        made = install(old, self.TARGET, "one")
        assert member(made["one"], "one.py") == "MINOR = '3.11'\n"
