"""What of a distribution is in a zip, and what brings back what is not."""

import csv
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from shorts.artifact import manifest
from shorts.system import interpreters
from shorts.targets import limits
from tests.conftest import Shorts, require, write_wheel

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")

FILES: dict[str, str | bytes] = {
    "pack/__init__.py": "",
    "pack/__init__.pyi": "",
    "pack/used.py": "X = 1\n",
    "pack/tests/__init__.py": "",
    "pack/tests/test_it.py": "X = 1\n",
    "pack-1.0.data/scripts/pack-tool": "#!python\nprint('run')\n",
}
SLIM = {"pack/__init__.py", "pack/used.py"}


def zipped(folder: Path) -> dict[str, bytes]:
    """The members of the built zip, without bytecode and the function's own files."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / "F.zip") as opened:
        return {
            name: opened.read(name)
            for name in opened.namelist()
            if not name.startswith("app") and "__pycache__" not in name
        }


def names(folder: Path) -> set[str]:
    """Their paths, without metadata."""
    ours = {"requirements.txt"}
    return {name for name in zipped(folder) if ".dist-info/" not in name} - ours


def says(folder: Path, settings: str) -> None:
    """Put settings of shorts into the template."""
    template = folder / "template.yaml"
    text = template.read_text().partition("    Metadata")[0]
    template.write_text(f"{text}    Metadata: {{Shorts: {{{settings}}}}}\n")


def build(shorts: Shorts, folder: Path, *options: str) -> str:
    """Build, and return what is said."""
    done = shorts(["build", *options], folder)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def packed(function: Path, wheels: Path) -> Path:
    """A function that imports a distribution with something of everything."""
    write_wheel(wheels, "pack", FILES)
    require(function, "pack")
    (function / "fn" / "app.py").write_text(
        "from pack import used\ndef handler(event, context):\n    return used.X\n"
    )
    return function


def test_what_is_left_out_is_named(packed: Path, shorts: Shorts) -> None:
    """In one line, which names the way out; all files with -v."""
    said = build(shorts, packed)
    assert names(packed) == SLIM
    assert (
        "note: left out: programs that nothing runs (pack); stubs next to their modules (pack); "
        "tests that nothing imports (pack). -v lists the files; `Slim: false` in "
        "`Metadata: Shorts` ships them\n"
    ) in said
    assert "left out" not in build(shorts, packed)
    said = build(shorts, packed, "-v")
    assert "left out of F: tests that nothing imports: pack: pack/tests/**\n" in said
    assert "left out of F: stubs next to their modules: pack: pack/__init__.pyi\n" in said


@pytest.mark.parametrize(
    ("glob", "back"),
    [
        ("bin/pack-tool", {"bin/pack-tool"}),
        ("pack/*.pyi", {"pack/__init__.pyi"}),
        ("pack/tests/**", {"pack/tests/__init__.py", "pack/tests/test_it.py"}),
        ("pack/tests/test_it.py", {"pack/tests/test_it.py"}),
        ("pack/used.py", set()),
    ],
)
def test_keep_brings_back(packed: Path, shorts: Shorts, glob: str, back: set[str]) -> None:
    """Keep needs no events; it names what ships in any case."""
    says(packed, f"Keep: ['{glob}']")
    assert "warning" not in build(shorts, packed)
    assert names(packed) == SLIM | back


def test_a_script_is_the_same_on_every_machine(packed: Path, shorts: Shorts) -> None:
    """A script is executable, and names no interpreter of this machine."""
    says(packed, "Keep: ['bin/**']")
    build(shorts, packed)
    assert zipped(packed)["bin/pack-tool"] == b"#!/usr/bin/env python3.13\nprint('run')\n"
    with zipfile.ZipFile(packed / ".aws-sam/build/F.zip") as opened:
        assert opened.getinfo("bin/pack-tool").external_attr >> 16 == 0o100755


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nrun = lambda: subprocess.run(['pack-tool'])\n",
        "import shutil\nfound = shutil.which('pack-tool')\n",
        "import os\nrun = lambda: os.system('/var/task/bin/pack-tool --help')\n",
        "import os\nrun = lambda: os.popen('cd /tmp && pack-tool').read()\n",
        "import os\nplace = '/'.join(['/var/task', 'bin', os.environ.get('TOOL', '')])\n",
    ],
)
def test_a_program_that_the_function_runs(packed: Path, shorts: Shorts, code: str) -> None:
    """A program ships where the function's own code names it to run it."""
    app = packed / "fn" / "app.py"
    app.write_text(code + app.read_text())
    build(shorts, packed)
    assert names(packed) == {*SLIM, "bin/pack-tool"}


TESTS = {"pack/tests/__init__.py", "pack/tests/test_it.py"}


@pytest.mark.parametrize(
    ("code", "back"),
    [
        ("import pack, pkgutil\nN = [*pkgutil.walk_packages(pack.__path__)]\n", TESTS),
        ("import runpy\nrun = lambda: runpy.run_module('pack.tests.test_it')\n", TESTS),
        ("import importlib\nN = [importlib.import_module(n) for n in ('pack.tests',)]\n", TESTS),
        (
            "import pack, pathlib\nN = [*pathlib.Path(pack.__file__).parent.rglob('*')]\n",
            {*TESTS, "pack/__init__.pyi"},
        ),
        (
            "from importlib import resources\nN = [*resources.files('pack').iterdir()]\n",
            {*TESTS, "pack/__init__.pyi"},
        ),
        (
            "import pack, os\nN = os.path.join(pack.__path__[0], '__init__.pyi')\n",
            {"pack/__init__.pyi"},
        ),
        ("import pack, pathlib\nN = [*pathlib.Path(__file__).parent.glob('x/*')]\n", set()),
        ("import pkgutil\nN = [*pkgutil.iter_modules(['/opt'])]\nimport json\n", TESTS),
    ],
)
def test_what_the_function_reads(packed: Path, shorts: Shorts, code: str, back: set[str]) -> None:
    """Files ship where the function's own code finds them in a distribution that it names."""
    app = packed / "fn" / "app.py"
    app.write_text(code + app.read_text())
    build(shorts, packed)
    assert names(packed) == SLIM | back


def test_a_program_that_another_distribution_runs(
    packed: Path, wheels: Path, shorts: Shorts
) -> None:
    """A program ships where another distribution names it to run it."""
    code = "import subprocess\nrun = lambda: subprocess.run(['pack-tool'])\n"
    write_wheel(wheels, "other", {"other.py": code})
    require(packed, "pack", "other")
    build(shorts, packed)
    assert names(packed) == {*SLIM, "bin/pack-tool", "other.py"}


def test_nothing_is_left_out_where_slim_is_false(packed: Path, shorts: Shorts) -> None:
    """A distribution ships as it was installed, byte for byte, with bytecode."""
    (packed / "wheels").rename(packed / "before")
    metadata = "Summary: x\n\nLong description.\n"
    write_wheel(packed / "wheels", "pack", FILES, metadata=metadata)
    says(packed, "Slim: false")
    assert "left out" not in build(shorts, packed)
    assert names(packed) == {*FILES, "bin/pack-tool"} - {"pack-1.0.data/scripts/pack-tool"}
    found = zipped(packed)
    assert found["pack-1.0.dist-info/METADATA"].endswith(b"\n\nLong description.\n")
    assert "pack-1.0.dist-info/INSTALLER" in found
    with zipfile.ZipFile(packed / ".aws-sam/build/F.zip") as opened:
        assert "pack/__pycache__/used.cpython-313.pyc" in opened.namelist()


def test_slim_false_runs_no_events(packed: Path, shorts: Shorts) -> None:
    """Events trim nothing then, and that is said."""
    (packed / "event.json").write_text("{}")
    says(packed, "Slim: false, Events: [event.json]")
    said = build(shorts, packed)
    assert "warning: F has `Slim: false`, so its sample events trim nothing.\n" in said
    assert "pack/tests/test_it.py" in names(packed)


def listed(folder: Path) -> list[str]:
    """The paths in the RECORD of pack."""
    record = zipped(folder)["pack-1.0.dist-info/RECORD"].decode()
    return [row[0] for row in csv.reader(record.splitlines())]


@pytest.mark.parametrize(
    "settings",
    ["Slim: true", "Slim: false", "Keep: ['bin/**']", "Drop: [pack/used.py]", "Events: [e.json]"],
)
def test_a_record_lists_what_is_in_the_zip(packed: Path, shorts: Shorts, settings: str) -> None:
    """Each path of a RECORD is there, and each file of its distribution but bytecode is listed."""
    (packed / "e.json").write_text("{}")
    (packed / "fn" / "app.py").write_text("import pack\ndef handler(event, context):\n    pass\n")
    says(packed, settings)
    build(shorts, packed)
    there = {name for name in zipped(packed) if name != "requirements.txt"}
    assert sorted(listed(packed)) == listed(packed)
    assert {*listed(packed)} == there


def test_the_metadata_answers(packed: Path, shorts: Shorts) -> None:
    """A program that asks for its distributions and their files gets them."""
    build(shorts, packed)
    python = interpreters.find("3.13")
    assert python is not None, interpreters.how_to_get("3.13")
    code = (
        "import sys\nsys.path.insert(0, sys.argv[1])\nfrom importlib import metadata\n"
        "print(max(map(str, metadata.files('pack'))), metadata.packages_distributions()['pack'])\n"
    )
    with zipfile.ZipFile(packed / ".aws-sam/build/F.zip") as opened:
        opened.extractall(packed / "task")
    command = [str(python), "-I", "-c", code, str(packed / "task")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "pack/used.py ['pack']\n", done.stderr


def test_a_users_own_project_is_whole(function: Path, shorts: Shorts) -> None:
    """Nothing of a project of one's own goes for what it is called."""
    files: Mapping[str, str] = {
        "lib/__init__.py": "",
        "lib/__init__.pyi": "",
        "lib/tests/__init__.py": "",
        "lib/test/data.h": "",
        "lib/templates/main.c": "",
        "lib/include/board.hpp": "",
        "lib/archive.a": "",
    }
    project = function / "project"
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    (project / "pyproject.toml").write_text(
        "[project]\nname = 'lib'\nversion = '1'\n"
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[tool.hatch.build.targets.wheel]\npackages = ['lib']\n"
    )
    (function / "fn" / "requirements.txt").write_text("../project\n")
    build(shorts, function)
    assert {*files} <= names(function)


def test_bytecode_gives_way(
    function: Path, wheels: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all of it fits, the farthest from the handler goes, the largest first."""
    body = "X = [" + "1, " * 100 + "]\n"
    write_wheel(
        wheels,
        "pack",
        {
            "pack/__init__.py": "from pack import near\n",
            "pack/near.py": f"from pack import far, farther\n{body}",
            "pack/far.py": body,
            "pack/farther.py": body * 3,
            "pack/unused.py": body,
        },
    )
    require(function, "pack")
    (function / "fn" / "app.py").write_text("import pack\ndef handler(event, context):\n    pass\n")
    build(shorts, function)
    place = function / ".aws-sam/build/F.zip"
    with zipfile.ZipFile(place) as opened:
        sizes = {member.filename: member.file_size for member in opened.infolist()}
    monkeypatch.setattr(limits, "UNZIPPED", sum(sizes.values()) - 1)
    (function / "fn" / "more.txt").write_text("")
    said = build(shorts, function)
    assert (
        "bytecode, so 1 modules ship without: those farthest from the handler, the largest first."
    ) in said
    with zipfile.ZipFile(place) as opened:
        assert sizes.keys() - {*opened.namelist()} == {"pack/__pycache__/farther.cpython-313.pyc"}
    gone = manifest.decode((function / ".aws-sam/build/F.manifest.json").read_bytes()).left_out
    assert [(one.of, one.files) for one in gone if one.rule == "bytecode over Lambda's limit"] == [
        ("pack", 1)
    ]
    assert "unchanged" in shorts(["build"], function).stdout
    sources = sum(size for name, size in sizes.items() if "__pycache__" not in name)
    monkeypatch.setattr(limits, "UNZIPPED", sources - 1)
    (function / "fn" / "more.txt").write_text("2")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "F is 0.0 MB unzipped; Lambda takes 0.0 MB." in done.stderr


@pytest.mark.parametrize("kind", ["ready-made", "built"])
def test_bytecode_gives_way_to_layers(
    function: Path, wheels: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What a function's layers leave is what its bytecode may take, as long as it is so."""
    write_wheel(wheels, "pack", {"pack.py": "X = [" + "1, " * 1000 + "]\n"})
    require(function, "pack")
    (function / "fn" / "app.py").write_text("import pack\ndef handler(event, context):\n    pass\n")
    text = (function / "template.yaml").read_text()
    method = "    Metadata: {BuildMethod: python3.13}\n" if kind == "built" else ""
    (function / "template.yaml").write_text(
        text.replace("Timeout: 2", "Layers: [!Ref L]")
        + f"  L:\n    Type: AWS::Serverless::LayerVersion\n{method}"
        "    Properties: {ContentUri: layer}\n"
    )
    data = function / "layer" / "data"
    data.parent.mkdir()
    data.write_bytes(bytes(100_000))
    assert "modules ship without" not in build(shorts, function)
    place, compiled = function / ".aws-sam/build/F.zip", "__pycache__/pack.cpython-313.pyc"
    with zipfile.ZipFile(place) as opened:
        size = sum(member.file_size for member in opened.infolist())
        assert compiled in opened.namelist()
    monkeypatch.setattr(limits, "UNZIPPED", size + 100_000)
    data.write_bytes(bytes(100_001))
    said = build(shorts, function)
    assert "unzipped with its layers and all its bytecode, so 1 modules ship without" in said
    with zipfile.ZipFile(place) as opened:
        assert compiled not in opened.namelist()
    assert "unchanged" in shorts(["build"], function).stdout
    data.write_bytes(bytes(100_000))
    assert "modules ship without" not in build(shorts, function)
    with zipfile.ZipFile(place) as opened:
        assert compiled in opened.namelist()
    data.write_bytes(bytes(99_000 + size))
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "F is 0.1 MB unzipped with its layers; Lambda takes 0.1 MB." in done.stderr
