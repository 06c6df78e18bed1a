"""`shorts check` and `shorts why` on small applications, with wheels made by hand."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from shorts.requirements import lock, manifest
from shorts.slices.store import Store
from tests.conftest import ROOT, Shorts, require, write_wheel

Checked = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def checked(shorts: Shorts, function: Path) -> Checked:
    """Check the small application: the exit status and what is said of F, without its indent."""

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = shorts(["check", *arguments], function)
        assert done.stdout, done.stderr
        return done.returncode, [line.strip() for line in done.stdout.splitlines()]

    return run


@pytest.fixture
def why(shorts: Shorts, function: Path) -> Callable[[str], str]:
    """The chain to a name."""

    def run(name: str) -> str:
        done = shorts(["why", "F", name], function)
        return done.stdout.strip() or done.stderr.strip()

    return run


def code(function: Path, **modules: str) -> None:
    """Write modules of the function's own, ``a_in_b`` as ``a/b.py``."""
    for name, text in modules.items():
        path = function / "fn" / f"{name.replace('_in_', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


NOTHING = (0, ["F  nothing to fix"])


def test_the_application_itself_has_nothing_to_mend(shorts: Shorts, application: Path) -> None:
    """Echo and Plot import what they require, and require what they import."""
    done = shorts(["check"], application)
    assert done.stdout.splitlines() == [
        "EchoFunction  nothing to fix",
        "PlotFunction  nothing to fix",
    ]
    assert done.returncode == 0


def test_modules_are_of_the_distributions_that_ship_them(
    checked: Checked, function: Path, wheels: Path
) -> None:
    """Which distribution a module is of is its wheel's to say, whatever its name."""
    write_wheel(wheels, "Pillow", {"PIL/__init__.py": "", "PIL/Image.py": ""})
    write_wheel(wheels, "python_dateutil", {"dateutil/__init__.py": ""})
    write_wheel(wheels, "PyYAML", {"yaml/__init__.py": "", "_yaml/__init__.py": ""})
    write_wheel(wheels, "google_cloud_storage", {"google/cloud/storage/__init__.py": ""})
    write_wheel(wheels, "google_cloud_core", {"google/cloud/core.py": ""})
    write_wheel(wheels, "six", {"six.py": ""})
    code(
        function,
        app="from PIL import Image\nimport dateutil\nimport yaml, six.moves.urllib\n"
        "from google.cloud import storage\nimport json, os.path\n",
    )
    names = ["Pillow", "Python.Dateutil", "pyyaml", "google-cloud-storage"]
    require(function, *names, "google-cloud-core", "six")
    runtime = [line for line in checked()[1] if " in the runtime too: " not in line]
    assert runtime == ["F", "fn/requirements.txt:7: warning: nothing imports google-cloud-core"]
    code(function, app=(function / "fn" / "app.py").read_text() + "from google.cloud import gone\n")
    assert checked()[0] == 1
    place = "fn/app.py:6: error: imports google.cloud.gone, which no requirement provides"
    assert place in checked()[1]


def test_says_which_imports_are_missing(checked: Checked, function: Path) -> None:
    """A missing import is an error at its line, whatever form it has, and the status is 1."""
    code(
        function,
        app="import yaml.nodes\nfrom . import here\nimport helpers, distutils.core\n"
        "def handler(event, context):\n    import late\n    __import__('literal')\n"
        "# shorts: import named.so, json\n",
        helpers_in___init__="from .gone import x\nimport tests.data\n",
    )
    status, lines = checked()
    assert status == 1
    assert lines == [
        "F",
        "fn/app.py:1: error: imports yaml.nodes, which no requirement provides",
        "fn/app.py:3: error: imports distutils.core, which no requirement provides; it is out of "
        "the standard library since Python 3.12",
        "fn/app.py:5: error: imports late, which no requirement provides",
        "fn/app.py:6: error: imports literal, which no requirement provides",
        "fn/app.py:7: error: imports named.so, which no requirement provides",
        "fn/helpers/__init__.py:1: error: imports helpers.gone, which is not in its code",
        "fn/helpers/__init__.py:2: error: imports tests.data, which no requirement provides",
    ]


def test_an_import_may_be_optional_or_never_run(checked: Checked, function: Path) -> None:
    """What the code does without is a note, and what never runs on Lambda is nothing."""
    code(
        function,
        app="import sys\ntry:\n    import orjson\nexcept ImportError:\n    orjson = None\n"
        "try:\n    import tomllib\nexcept ModuleNotFoundError:\n    import tomli\n"
        "if sys.platform == 'win32':\n    import winreg\n",
    )
    assert checked() == (
        0,
        [
            "F",
            "fn/app.py:3: note: imports orjson, which no requirement provides; the code goes on "
            "without it",
        ],
    )
    code(function, app="try:\n    import orjson\nexcept ImportError:\n    import ujson\n")
    assert checked()[0] == 1
    assert checked()[1][2:] == ["fn/app.py:4: error: imports ujson, which no requirement provides"]


def test_code_that_the_handler_does_not_reach_lacks_nothing(
    checked: Checked, function: Path, wheels: Path
) -> None:
    """What only such code imports is a note, of the module and of the requirement."""
    write_wheel(wheels, "later", {"later.py": ""})
    code(function, script="import missing\nimport later\n")
    require(function, "later")
    assert checked() == (
        0,
        [
            "F",
            "fn/requirements.txt:3: note: only fn/script.py:2 imports later, which the "
            "handler does not reach",
            "fn/script.py:1: note: imports missing, which no requirement provides; the handler "
            "does not reach this module",
        ],
    )


def test_requirements_that_nothing_imports(checked: Checked, function: Path, wheels: Path) -> None:
    """Unused ones are told apart from those that something takes by other ways."""
    write_wheel(wheels, "used", {"used.py": "def f():\n    import optional\n"})
    write_wheel(wheels, "optional", {"optional.py": ""})
    write_wheel(wheels, "unused", {"unused.py": ""})
    write_wheel(wheels, "driver", {
        "driver.py": "", "driver-1.0.dist-info/entry_points.txt": "[some.drivers]\na = driver\n",
    })  # fmt: skip
    write_wheel(wheels, "command", {
        "command.py": "", "command-1.0.dist-info/entry_points.txt": "[console_scripts]\na=b:c",
    })  # fmt: skip
    write_wheel(wheels, "only_data", {"data/values.csv": "1"})
    write_wheel(wheels, "pytest", {"pytest.py": ""})
    write_wheel(wheels, "tzdata", {"tzdata/__init__.py": ""})
    code(function, app="import used\n", test_app="import pytest\n")
    names = ["used", "optional", "unused", "driver", "command", "only-data", "pytest", "tzdata"]
    require(function, *names)
    assert checked() == (
        0,
        [
            "F",
            "fn/requirements.txt:4: note: optional is imported only by used (used.py:2)",
            "fn/requirements.txt:5: warning: nothing imports unused",
            "fn/requirements.txt:6: note: nothing imports driver, but it is a plug-in for "
            "some.drivers",
            "fn/requirements.txt:7: warning: nothing imports command",
            "fn/requirements.txt:8: note: only-data ships no module, so nothing can import it",
            "fn/requirements.txt:9: warning: pytest is a tool for tests, which the function never "
            "runs",
            "fn/requirements.txt:10: note: nothing imports tzdata, but zoneinfo reads it by its "
            "name",
        ],
    )


def test_what_a_used_distribution_requires_is_needed(
    checked: Checked, function: Path, wheels: Path
) -> None:
    """A file that lists the whole closure keeps it, though no import statement leads there."""
    write_wheel(wheels, "used", {"used.py": ""}, metadata="Requires-Dist: quiet\n")
    write_wheel(wheels, "quiet", {"quiet.py": ""}, metadata="Requires-Dist: deep\n")
    write_wheel(wheels, "deep", {"deep.py": ""})
    code(function, app="import used\n")
    require(function, "used", "quiet", "deep")
    assert checked("--fix") == (
        0,
        [
            "F",
            "fn/requirements.txt:4: note: nothing imports quiet, but used requires it",
            "fn/requirements.txt:5: note: nothing imports deep, but quiet requires it",
        ],
    )


def test_a_function_that_lists_nothing_lacks_what_no_lock_has(
    checked: Checked, function: Path, wheels: Path, shorts: Shorts
) -> None:
    """What is taken of the project's lock is neither unused nor undeclared."""
    write_wheel(wheels, "used", {"used.py": ""}, metadata="Requires-Dist: other\n")
    write_wheel(wheels, "other", {"other.py": ""})
    write_wheel(wheels, "unused", {"unused.py": ""})
    path = function / "requirements.txt"
    path.write_text("--no-index\n--find-links wheels\nused\nunused\n")
    lock.write(manifest.load(path), Store.default())
    code(function, app="import used, other\n")
    assert checked() == NOTHING
    code(function, app="import used\nimport gone\n")
    assert checked()[0] == 1
    said = "fn/app.py:2: error: imports gone, which no requirement provides"
    assert checked()[1] == ["F", said]


@pytest.fixture
def chance(function: Path, wheels: Path) -> Path:
    """An application that imports what is there by chance, and requires what it does not import."""
    write_wheel(
        wheels, "pandas", {"pandas/__init__.py": "import dateutil\n", "pandas/x.csv": ""},
        metadata="Requires-Dist: python-dateutil\nRequires-Dist: extra ; extra == 'x'\n"
        "Requires-Dist: quiet\n",
    )  # fmt: skip
    write_wheel(wheels, "python_dateutil", {"dateutil/__init__.py": ""}, version="2.9.0.post0")
    write_wheel(wheels, "quiet", {"quiet/__init__.py": "", "quiet/deep.py": ""})
    write_wheel(wheels, "extra", {"extra/__init__.py": ""})
    write_wheel(wheels, "unused", {"unused.py": ""})
    code(function, app="import helper\n", helper="import pandas\nfrom dateutil import tz\n")
    require(function, "pandas==1.0  # frames", "# chance", "unused==1.0")
    return function


def test_what_is_there_by_chance(checked: Checked, chance: Path) -> None:
    """A distribution that is used, but only there because another requires it, is named."""
    assert checked() == (
        0,
        [
            "F",
            "fn/helper.py:2: warning: imports dateutil of python-dateutil, which is there only "
            "because pandas requires it",
            "fn/requirements.txt:5: warning: nothing imports unused",
        ],
    )


def test_fix_mends_the_requirements(checked: Checked, chance: Path, shorts: Shorts) -> None:
    """What is unused goes, what is there by chance gets its line; a second time all is well."""
    manifest = chance / "fn" / "requirements.txt"
    manifest.chmod(0o640)
    assert shorts(["lock"], chance).returncode == 0
    found = checked()[1]
    assert checked("--fix") == (
        0,
        [
            *found,
            "fn/requirements.txt",
            "- unused==1.0",
            "+ python-dateutil==2.9.0.post0",
            "Run `shorts lock` where there is a lock.",
        ],
    )
    head = "--no-index\n--find-links ../wheels\n"
    mended = f"{head}pandas==1.0  # frames\n# chance\npython-dateutil==2.9.0.post0\n"
    assert manifest.read_text() == mended
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640
    stale = "does not match the requirements next to it."
    runtime = "is in the runtime too"
    lines = checked("--fix")[1][1:]
    assert lines[0].startswith(f"fn/requirements.lock: warning: {stale}")
    assert runtime in lines[1] and len(lines) == 2
    assert manifest.read_text() == mended
    assert shorts(["lock"], chance).returncode == 0
    assert runtime in checked()[1][1] and len(checked()[1]) == 2


def test_fix_leaves_what_it_may_not_write(checked: Checked, chance: Path, shorts: Shorts) -> None:
    """A read-only file is refused before anything is written."""
    manifest = chance / "fn" / "requirements.txt"
    before = manifest.read_bytes()
    manifest.chmod(0o444)
    done = shorts(["check", "--fix"], chance)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "shorts: fn/requirements.txt is read-only, so nothing was changed.",
        "Make it writable: chmod u+w fn/requirements.txt",
    ]
    assert manifest.read_bytes() == before


def test_fix_never_writes_a_project(
    checked: Checked, chance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to be fixed in ``pyproject.toml`` is said, and left to its owner."""
    monkeypatch.setenv("UV_FIND_LINKS", str(chance / "wheels"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    (chance / "fn" / "requirements.txt").unlink()
    project = chance / "fn" / "pyproject.toml"
    text = '[project]\nname = "p"\nversion = "1"\ndependencies = [\n  "pandas",\n  "unused",\n]\n'
    project.write_text(text)
    status, lines = checked("--fix")
    assert status == 0
    assert "fn/pyproject.toml:6: warning: nothing imports unused" in lines
    assert lines[-3:] == [
        "fn/pyproject.toml",
        "shorts does not edit fn/pyproject.toml: remove unused",
        "shorts does not edit fn/pyproject.toml: add python-dateutil",
    ]
    assert project.read_text() == text


def test_fix_removes_a_line_from_the_file_it_stands_in(checked: Checked, chance: Path) -> None:
    """An included file loses its own line; the new one goes into the function's."""
    manifest, more = chance / "fn" / "requirements.txt", chance / "fn" / "more.txt"
    more.write_bytes(b"\xef\xbb\xbfpandas>=1\r\nunused\r\n")
    manifest.write_text("--no-index\n--find-links ../wheels\n-r more.txt\n")
    assert checked("--fix")[0] == 0
    assert more.read_bytes() == b"\xef\xbb\xbfpandas>=1\r\n"
    assert manifest.read_text().endswith("-r more.txt\npython-dateutil==2.9.0.post0\n")


def test_a_line_that_another_function_needs_stays(
    shorts: Shorts, function: Path, wheels: Path
) -> None:
    """Functions that read one file are looked at together, though one alone is asked for."""
    write_wheel(wheels, "first", {"first.py": ""})
    write_wheel(wheels, "second", {"second.py": ""})
    write_wheel(wheels, "third", {"third.py": ""})
    code(function, app="import first\n", other="import second\n")
    template = function / "template.yaml"
    shared = template.read_text().partition("  F:\n")[2]
    template.write_text(template.read_text() + "  G:\n" + shared.replace("app.", "other."))
    require(function, "first", "second", "third")
    done = shorts(["check", "F", "--fix"], function)
    assert done.stdout.splitlines() == [
        "F",
        "  fn/requirements.txt:4: note: only G needs second, by the same file",
        "  fn/requirements.txt:5: warning: nothing imports third",
        "fn/requirements.txt",
        "- third",
        "Run `shorts lock` where there is a lock.",
    ]


def test_a_stale_lock_is_a_finding(
    checked: Checked, function: Path, wheels: Path, shorts: Shorts
) -> None:
    """A lock of other requirements is said to be so, and what differs; nothing fails by it."""
    write_wheel(wheels, "lib", {"lib.py": ""})
    code(function, app="import lib, new\n")
    require(function, "lib==1.0")
    assert shorts(["lock"], function).returncode == 0
    require(function, "lib>=2", "new")
    assert checked() == (
        0,
        [
            "F",
            "fn/app.py:1: warning: imports new, which no requirement provides; the lock lacks "
            "new, which may have it",
            "fn/requirements.lock: warning: does not match the requirements next to it. "
            "Run `shorts lock` to update it.",
            "fn/requirements.txt:3: warning: the lock has lib 1.0, which is not >=2",
            "fn/requirements.txt:4: warning: the lock has no new",
        ],
    )


def test_a_lock_of_another_tool_is_compared(
    checked: Checked, function: Path, wheels: Path, shorts: Shorts
) -> None:
    """A lock without our stamp is asked for each version."""
    write_wheel(wheels, "lib", {"lib.py": ""})
    code(function, app="import lib\n")
    require(function, "lib==1.0")
    assert shorts(["lock"], function).returncode == 0
    locked = function / "fn" / "requirements.lock"
    locked.write_text(
        "".join(line for line in locked.read_text().splitlines(True) if not line.startswith("#"))
    )
    assert checked() == NOTHING
    require(function, "lib!=1.0")
    said = "fn/requirements.txt:3: warning: the lock has lib 1.0, which is not !=1.0"
    assert checked() == (0, ["F", said])


def test_what_the_runtime_has_is_noted(
    checked: Checked, function: Path, wheels: Path, why: Callable[[str], str]
) -> None:
    """boto3 is never missing and never removed; what either choice means is said."""
    code(function, app="import boto3\n")
    assert checked() == (
        0,
        [
            "F",
            "fn/app.py:1: note: imports boto3 of the runtime, in the version that AWS has there; "
            "to choose one, require what ships boto3",
        ],
    )
    assert why("boto3") == "app.py:1 → boto3  (of the runtime)"
    write_wheel(wheels, "boto3", {"boto3/__init__.py": ""}, version="1.40.0")
    require(function, "boto3")
    code(function, app="")
    _, lines = checked("--fix")
    assert lines[1].startswith(
        "fn/requirements.txt:3: note: boto3 is in the runtime too: with this line, version 1.40.0 "
        "runs and takes "
    )
    assert len(lines) == 2


def test_layers_provide_modules(checked: Checked, function: Path) -> None:
    """A built layer and a ready one have modules; one that is not here may have any."""
    code(function, app="import built, ready\nfrom deep import x\n")
    for path in ("one/built.py", "two/python/ready.py",
                 "two/python/lib/python3.13/site-packages/deep/__init__.py"):  # fmt: skip
        (function / path).parent.mkdir(parents=True, exist_ok=True)
        (function / path).write_text("")
    template = function / "template.yaml"
    plain = template.read_text()

    def with_layers(layers: str) -> None:
        template.write_text(
            plain.replace("Timeout: 2", f"Timeout: 2, Layers: [{layers}]")
            + "  One:\n    Type: AWS::Serverless::LayerVersion\n"
            "    Metadata: {BuildMethod: python3.13}\n    Properties: {ContentUri: one}\n"
            "  Two:\n    Type: AWS::Serverless::LayerVersion\n"
            "    Properties: {ContentUri: two}\n"
        )

    with_layers("!Ref One, !Ref Two")
    assert checked() == NOTHING
    with_layers("!Ref One")
    assert checked()[0] == 1
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:x:1"
    with_layers(f"!Ref One, '{arn}'")
    said = f"which no requirement provides; the layer {arn} may have it, but is not here"
    assert checked() == (
        0,
        [
            "F",
            f"fn/app.py:1: warning: imports ready, {said}",
            f"fn/app.py:2: warning: imports deep, {said}",
        ],
    )


def test_strange_modules_are_named(checked: Checked, function: Path, wheels: Path) -> None:
    """A module that is not Python, and one with a standard name, are no errors."""
    write_wheel(wheels, "lib", {"lib.py": ""})
    require(function, "lib")
    code(function, app="import bad, json\n", bad="x = = 1\n", json="")
    assert checked("--fix") == (
        0,
        [
            "F",
            "fn/bad.py: warning: cannot be read by Python 3.13: invalid syntax (bad.py, line 1); "
            "it counts as importing everything of its package",
            "fn/json.py: warning: has the name of the standard library's json: which one is "
            "imported depends on which was first",
            "fn/requirements.txt:3: warning: nothing that can be read imports lib",
        ],
    )


def test_the_handler_itself_may_be_missing(checked: Checked, function: Path) -> None:
    """A handler in a module that is not there is an error at the folder."""
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("app.handler", "gone.handler"))
    said = "fn: error: the handler gone.handler names a module that does not exist"
    assert checked() == (1, ["F", said])


def test_says_all_as_json(shorts: Shorts, chance: Path) -> None:
    """One object holds the functions, the findings and the changes."""
    done = shorts(["check", "--json", "--fix"], chance)
    said = json.loads(done.stdout)
    assert {name: said[name] for name in ("functions", "skipped", "changes")} == {
        "functions": ["F"],
        "skipped": [],
        "changes": [
            {
                "path": "fn/requirements.txt",
                "removed": ["unused==1.0"],
                "added": ["python-dateutil==2.9.0.post0"],
                "left": [],
            }
        ],
    }
    assert said["findings"][1] == {
        "function": "F",
        "kind": "unused",
        "level": "warning",
        "name": "unused",
        "path": "fn/requirements.txt",
        "line": 5,
        "message": "nothing imports unused",
    }


def test_says_which_functions_there_are(shorts: Shorts, function: Path) -> None:
    """A name that no function has is refused with those that there are."""
    done = shorts(["check", "G"], function)
    assert (done.returncode, done.stderr) == (
        1,
        "shorts: G is not a function of the template; shorts builds: F.\n",
    )


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("pandas", "app.py:1 → helper.py:1 → pandas"),
        ("Python_DateUtil", "app.py:1 → helper.py:2 → dateutil"),
        ("dateutil", "app.py:1 → helper.py:2 → dateutil"),
        ("helper", "app.py:1 → helper"),
        ("helper.py", "app.py:1 → helper"),
        ("app", "app.py  (the handler)"),
        ("pandas/x.csv", "app.py:1 → helper.py:1 → pandas → pandas/x.csv"),
        ("pandas/__pycache__/__init__.cpython-313.pyc", "app.py:1 → helper.py:1 → pandas"),
        ("quiet", "requirements.txt → pandas → quiet  (no import leads to it)"),
        ("quiet.deep", "requirements.txt → pandas → quiet → quiet.deep  (no import leads to it)"),
        ("unused", "requirements.txt → unused  (no import leads to it)"),
        ("lonely", "lonely.py  (the function's own; no import leads to it)"),
        ("notes.txt", "notes.txt  (the function's own)"),
        (
            "pandsa",
            "shorts: F has no module, distribution or file 'pandsa'.\nDid you mean pandas?",
        ),
        ("zzz", "shorts: F has no module, distribution or file 'zzz'."),
    ],
)
def test_says_why_something_is_there(
    why: Callable[[str], str], chance: Path, name: str, chain: str
) -> None:
    """The shortest chain of imports is shown, else of requirements; else it is refused."""
    code(chance, lonely="")
    (chance / "fn" / "notes.txt").write_text("")
    assert why(name).splitlines()[-len(chain.splitlines()) :] == chain.splitlines()


def test_why_says_who_asks_by_an_extra(
    why: Callable[[str], str], chance: Path, function: Path
) -> None:
    """What only an extra asks for is found too."""
    require(function, "pandas[x]")
    assert why("extra").splitlines()[-1] == (
        "requirements.txt → pandas → extra  (no import leads to it)"
    )


def test_why_has_two_words(shorts: Shorts, function: Path) -> None:
    """The function and the name are both needed."""
    done = shorts(["why", "F"], function)
    assert (done.returncode, done.stderr) == (
        2,
        "shorts: Name a function and what to explain: `shorts why FUNCTION NAME`.\n",
    )


def test_why_of_the_application(shorts: Shorts) -> None:
    """The chain that the application's own readers look for."""
    done = shorts(["why", "PlotFunction", "python-dateutil"], ROOT)
    assert done.stdout.startswith("app.py:") and done.stdout.endswith(" → dateutil\n")
