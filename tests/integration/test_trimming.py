"""Functions trimmed by their events, under the real emulator."""

import json
import shutil
import socket
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from shorts.artifact import plan
from shorts.sam.read import read_application
from shorts.system import process
from shorts.trim import record as evidence
from shorts.trim import trace
from tests.conftest import ROOT, Shorts, as_process, require, write_wheel

RECORDER = ROOT / "shorts" / "guest" / "recorder.py"


def asks(
    folder: Path,
    handler: str,
    events: Mapping[str, object],
    *,
    more: str = "",
    files: Mapping[str, str] | None = None,
) -> None:
    """Give the function a handler and events to be trimmed by.

    Args:
        folder: of the application.
        handler: the source of ``app.py``.
        events: documents by their names.
        more: lines of its metadata in addition to ``Events``.
        files: more of its own files.
    """
    (folder / "fn" / "app.py").write_text(handler)
    for path, text in (files or {}).items():
        (folder / "fn" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "fn" / path).write_text(text)
    (folder / "events").mkdir(exist_ok=True)
    for name, event in events.items():
        (folder / "events" / f"{name}.json").write_text(json.dumps(event))
    says(folder, f"Events: ['events/*.json']{', ' if more else ''}{more}")


def says(folder: Path, settings: str) -> None:
    """Put settings of shorts into the template."""
    template = folder / "template.yaml"
    text = template.read_text()
    if "Metadata" in text:
        text = text[: text.index("    Metadata")]
    template.write_text(f"{text}    Metadata: {{Shorts: {{{settings}}}}}\n")


def names(folder: Path) -> set[str]:
    """What lies in the built zip, dist-info aside."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / "F.zip") as zipped:
        return {name for name in zipped.namelist() if ".dist-info/" not in name}


OWN = {"app.py", "__pycache__/app.cpython-313.pyc", "requirements.txt"}
LIB = {
    "lib/__init__.py": "from lib import core\n",
    "lib/core.py": "def answer(event):\n    return {'got': event}\n",
    "lib/lazy.py": "",
    "lib/dead.py": "",
    "lib/plugin.py": "NAME = 'plugin'\n",
    "lib/data.txt": "data",
    "lib/unused.txt": "unused",
}
HANDLER = """\
import importlib
import lib

def handler(event, context):
    if event.get("lazy"):
        from lib import lazy
    if event.get("raise"):
        raise KeyError("no such key")
    if event.get("plugin"):
        return importlib.import_module("lib." + event["plugin"]).NAME
    return lib.core.answer(event)
"""


def test_ships_what_the_events_show(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Imported modules as bytecode, reached ones as sources, and nothing that is neither."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(
        function, HANDLER, {"plain": {"a": 1}, "plugin": {"plugin": "plugin"}, "bad": {"raise": 1}}
    )
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert names(function) == OWN | {
        "lib/__init__.pyc",
        "lib/core.pyc",
        "lib/plugin.pyc",
        "lib/lazy.py",
        "lib/data.txt",
        "lib/unused.txt",
    }
    for event, answer in (({"a": 1}, {"got": {"a": 1}}), ({"lazy": 1}, {"got": {"lazy": 1}})):
        done = shorts(["local", "invoke", "-e", "-"], function, stdin=json.dumps(event))
        assert json.loads(done.stdout) == answer


def test_an_unchanged_function_is_not_run_again(
    function: Path, wheels: Path, shorts: Shorts
) -> None:
    """Neither when nothing was removed, nor when the build folder was; an edit runs it."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, HANDLER, {"plain": {}})
    assert "Tracing F on 1 event" in shorts(["build"], function).stderr
    built = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    assert "Tracing" not in shorts(["build"], function).stderr
    shutil.rmtree(function / ".aws-sam" / "build")
    done = shorts(["build"], function)
    assert "Tracing" not in done.stderr
    assert (function / ".aws-sam" / "build" / "F.zip").read_bytes() == built
    (function / "events" / "plain.json").write_text('{"b": 2}')
    assert "Tracing and verifying F on 1 event" in shorts(["build"], function).stderr
    assert len(list((function / ".aws-sam" / "shorts" / "proofs").iterdir())) == 2


def clean(folder: Path, tmp_path: Path, shorts: Shorts) -> bytes:
    """The zip as it is built where nothing is known of it."""
    other = tmp_path / "clean"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(".aws-sam"))
    done = shorts(["build"], other, SHORTS_CACHE_DIR=str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    return (other / ".aws-sam" / "build" / "F.zip").read_bytes()


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (HANDLER + "# edited\n", ["Tracing and verifying F on 2 events"]),
        # What ships is another thing than before: it is not among what the one run had.
        (
            HANDLER.replace(
                "import importlib\n", "import importlib\nimportlib.import_module('lib.plugin')\n"
            ),
            [
                "Tracing and verifying F on 2 events",
                "Tracing F on 2 events",
                "Verifying F on 2 events",
            ],
        ),
        # Both answer that there is none, and it is no proof.
        (
            HANDLER.replace("def handler", "def other") + "globals()\n",
            ["Tracing and verifying F on 2 events", "Tracing F on 2 events"],
        ),
    ],
    ids=["the same ships", "another thing ships", "no handler"],
)
def test_both_runs_at_once(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path, handler: str, said: list[str]
) -> None:
    """After an edit; where that proves nothing they go one by one. The zip is the same always."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, HANDLER, {"plain": {"a": 1}, "bad": {"raise": 1}})
    assert shorts(["build"], function).returncode == 0
    asks(function, handler, {})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if " F on " in line] == said
    assert ("F is not trimmed" in done.stderr) is ("def other" in handler)
    built = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    assert built == clean(function, tmp_path, shorts)


def test_what_shipped_for_another_target_is_no_guess(function: Path, shorts: Shorts) -> None:
    """A function's first build for a target runs its events one by one, an edit after it does not.

    Targets that are built by turns keep their own.
    """
    handler, template = "def handler(event, context): ...\n", function / "template.yaml"
    text = template.read_text()
    for runtime, edit, said in (
        ("python3.13", "", ["Tracing F on 1 event", "Verifying F on 1 event"]),
        ("python3.11", "", ["Tracing F on 1 event", "Verifying F on 1 event"]),
        ("python3.13", "# edited\n", ["Tracing and verifying F on 1 event"]),
    ):
        template.write_text(text.replace("python3.13", runtime))
        asks(function, handler + edit, {"a": {}})
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if " F on " in line] == said


def test_runs_that_meet_are_not_believed(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """What both want and one alone can have makes their answers differ; then each runs alone."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = """\
import importlib, os, socket, time

def handler(event, context):
    with socket.socket() as mine:
        try:
            mine.bind(("127.0.0.1", event["port"]))
        except OSError:
            return "taken"
        time.sleep(1)
        return importlib.import_module("lib.plugin").NAME
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asks(function, handler, {"a": {"port": port}})
    assert shorts(["build"], function).returncode == 0
    asks(function, handler + "# edited\n", {})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "Tracing and verifying F on 1 event\nTracing F on 1 event" in done.stderr
    built = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    assert "lib/plugin.pyc" in names(function)
    assert built == clean(function, tmp_path, shorts)


def test_what_is_late_beside_another_runs_again_alone(
    function: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """No event is lost as evidence because the other run was in its way."""
    handler = """\
import fcntl, time

def handler(event, context):
    with open(event["lock"], "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(1.4)
"""
    asks(function, handler, {"a": {"lock": str(tmp_path / "lock")}})
    assert shorts(["build"], function).returncode == 0
    asks(function, handler + "# edited\n", {})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "Tracing and verifying F on 1 event\nTracing F on 1 event" in done.stderr
    assert "proves nothing" not in done.stderr


def test_what_a_run_writes_to_its_files_stays_there(
    function: Path, wheels: Path, shorts: Shorts, store: Path
) -> None:
    """The next run, of this build or of another, has the files of the distribution."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = """\
import os, lib

def handler(event, context):
    with open(os.path.join(os.path.dirname(lib.__file__), "data.txt"), "r+") as file:
        assert file.read() == "data"
        file.write("more")
"""
    for number in range(3):
        asks(function, handler + "# edited\n" * number, {"a": {}})
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
    assert [*store.glob("slices/lib-*/files/lib/data.txt")]
    proofs = list((function / ".aws-sam" / "shorts" / "proofs").iterdir())
    assert len(proofs) == 3
    for proof in proofs:
        assert json.loads(proof.read_bytes().partition(b"\n")[2])["events"] == {"events/a.json": ""}


def test_the_same_bytes_wherever_it_is_built(function: Path, wheels: Path, tmp_path: Path) -> None:
    """Another folder, another store, another hash seed, another process: the same zip."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, HANDLER, {"plain": {"a": 1}, "plugin": {"plugin": "plugin"}})
    other = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(function, other)
    built = []
    for number, folder in enumerate((function, other)):
        store = {"SHORTS_CACHE_DIR": str(tmp_path / f"store{number}")} if number else {}
        done = as_process(["-m", "shorts", "build"], folder, PYTHONHASHSEED=str(number), **store)
        assert done.returncode == 0, done.stderr
        built.append((folder / ".aws-sam" / "build" / "F.zip").read_bytes())
    assert built[0] == built[1]


def test_a_missing_file_fails_the_build(function: Path, wheels: Path, shorts: Shorts) -> None:
    """The last good build stays, and the message names the event and the file."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = (
        "import os\nimport lib\n\ndef handler(event, context):\n"
        "    return open(os.path.join(os.path.dirname(lib.__file__), 'data.txt')).read()\n"
    )
    asks(function, handler, {"a": {}, "b": {}})
    assert shorts(["build"], function).returncode == 0
    built = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    asks(function, handler, {}, more="Drop: ['lib/*.txt']")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "events/a.json fails on the trimmed F: FileNotFoundError: " in done.stderr
    assert "The first file missing is lib/data.txt.\nDrop names it" in done.stderr
    assert (function / ".aws-sam" / "build" / "F.zip").read_bytes() == built
    assert not list((function / ".aws-sam").glob(".build*"))
    asks(function, handler, {}, more="Drop: ['lib/*.txt'], Keep: [lib/data.txt]")
    assert shorts(["build"], function).returncode == 0
    assert {"lib/data.txt", "lib/unused.txt"} & names(function) == {"lib/data.txt"}


def test_a_dropped_module_is_named(function: Path, wheels: Path, shorts: Shorts) -> None:
    """It is not opened, for the importer finds it missing."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, HANDLER, {"p": {"plugin": "plugin"}}, more="Drop: [lib/plugin.py]")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'lib.plugin'" in done.stderr
    assert "The first file missing is lib/plugin.py." in done.stderr


def test_another_answer_fails_the_build(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Even where nothing is raised; the place in the answer is named."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = (
        "import os, lib\n\ndef handler(event, context):\n"
        "    there = os.path.exists(os.path.join(os.path.dirname(lib.__file__), 'data.txt'))\n"
        "    return {'statusCode': 200, 'body': '{\"there\": %d}' % there}\n"
    )
    asks(function, handler, {"a": {}}, more="Drop: [lib/data.txt]")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "events/a.json gets another answer from the trimmed F, at $.body" in done.stderr
    assert ".there" in done.stderr


def test_what_differs_every_time_is_no_difference(function: Path, shorts: Shorts) -> None:
    """Request ids, times, random numbers, dates in headers, and the folder it runs in."""
    handler = (
        "import random, time, email.utils\n\ndef handler(event, context):\n"
        "    return {'statusCode': 200, 'headers': {'Date': email.utils.formatdate(usegmt=True)},\n"
        '        \'body\': \'{"id": "%s", "at": %r, "n": %r, "file": "%s"}\' % (\n'
        "            context.aws_request_id, time.time(), random.random(), __file__)}\n"
    )
    asks(function, handler, {"a": {}})
    for edit in ("", "# edited\n"):
        asks(function, handler + edit, {})
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr
        assert "Tracing F" in done.stderr  # at once they would prove nothing


def test_an_event_that_times_out_proves_nothing(function: Path, shorts: Shorts) -> None:
    """It is named, and the others count."""
    handler = (
        "import time\n\ndef handler(event, context):\n"
        "    if event.get('slow'):\n        time.sleep(60)\n    return 1\n"
    )
    asks(function, handler, {"a": {}, "slow": {"slow": 1}, "z": {}})
    for edit in ("", "# edited\n"):
        asks(function, handler + edit, {})
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        assert "Tracing F" in done.stderr  # at once it would prove as little
        assert (
            "warning: events/slow.json proves nothing for F: Task timed out after 2.00 seconds"
            in done.stderr
        )


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        ("import nowhere\nhandler = print\n", "No module named 'nowhere'"),
        ("handler = print\nraise ValueError('at init')\n", "ValueError: at init"),
        ("globals()['other'] = print\n", "Handler 'handler' missing on module 'app'"),
        ("import os\nos._exit(3)\nhandler = print\n", "Runtime.ExitError"),
    ],
)
def test_one_that_does_not_start_is_not_trimmed(
    function: Path, wheels: Path, shorts: Shorts, handler: str, why: str
) -> None:
    """What fails before its handler is called shows nothing of what it needs."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, handler, {"a": {}})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "warning: F is not trimmed, because its events prove nothing here: " in done.stderr
    assert why in done.stderr
    assert "lib/dead.py" in names(function)


def test_one_for_another_machine_is_not_trimmed(function: Path, shorts: Shorts) -> None:
    """Nothing here can run it; it is built all the same."""
    asks(function, "def handler(event, context): ...\n", {"a": {}}, files={"unused.py": ""})
    template = (function / "template.yaml").read_text()
    (function / "template.yaml").write_text(
        template.replace("Timeout: 2", "Timeout: 2, Architectures: [arm64]")
    )
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "warning: F is not trimmed" in done.stderr
    assert "F is for aarch64" in done.stderr
    assert "unused.py" in names(function)


def test_drop_needs_no_events(function: Path, shorts: Shorts) -> None:
    """Drop leaves out what it names, with its bytecode, and nothing else goes."""
    for name in ("unused.py", "other.py", "data.bin"):
        (function / "fn" / name).write_text("")
    says(function, "Drop: [unused.py, '*.bin', nowhere], Keep: [gone/**]")
    code = "import other, unused\ndef handler(event, context):\n    pass\n"
    (function / "fn" / "app.py").write_text(code)
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "warning: Drop: nowhere of F matches nothing in its zip" in done.stderr
    assert "warning: Keep: gone/** of F matches nothing in its zip\n" in done.stderr
    assert {name for name in names(function) if "app" not in name} == {
        "other.py",
        "__pycache__/other.cpython-313.pyc",
    }
    again = shorts(["build"], function)
    assert "unchanged" in again.stdout  # a warning that stays is not a reason to build again
    assert "warning: Drop: nowhere of F matches nothing in its zip" in again.stderr
    assert shorts(["size", "F"], function).returncode == 0


def test_globs_that_match_nothing_are_named(function: Path, wheels: Path, shorts: Shorts) -> None:
    """With the way out where a folder was meant; the build goes on."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, HANDLER, {"a": {}}, more="Keep: [nowhere/**], Drop: [lib]")
    done = shorts(["build"], function)
    assert done.returncode == 0
    assert "warning: Keep: nowhere/** of F matches nothing in its zip\n" in done.stderr
    assert (
        "warning: Drop: lib of F matches nothing in its zip; for a folder write lib/**"
        in done.stderr
    )


def test_an_event_that_is_no_json_is_refused(function: Path, shorts: Shorts) -> None:
    """Lambda would not take it either."""
    asks(function, "def handler(event, context): ...\n", {})
    (function / "events" / "bad.json").write_text("{")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "bad.json is not JSON" in done.stderr


def test_children_and_threads_are_recorded(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Forked ones, other interpreters started from the handler, spawned ones, and threads."""
    write_wheel(
        wheels,
        "lib",
        {
            **{f"lib/{name}.py": f"N = '{name}'\n" for name in ("a", "b", "c", "d", "e")},
            "lib/__init__.py": "",
            "lib/unused.py": "",
        },
    )
    require(function, "lib")
    handler = """\
import importlib, multiprocessing, os, subprocess, sys, threading

def load(letter):
    importlib.import_module("lib." + letter)

def handler(event, context):
    fork = multiprocessing.get_context("fork").Process(target=load, args=("a",))
    spawn = multiprocessing.get_context("spawn").Process(target=load, args=("b",))
    for child in (fork, spawn, thread := threading.Thread(target=load, args=("c",))):
        child.start()
        child.join()
    name = "lib." + "d"
    ran = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True)
    script = os.path.join(os.path.dirname(importlib.import_module("lib").__file__), "e.py")
    other = subprocess.run([sys.executable, script])
    return [fork.exitcode, spawn.exitcode, ran.returncode, other.returncode]
"""
    asks(function, handler, {"a": {}})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert names(function) - OWN == {
        "lib/__init__.pyc",
        "lib/a.pyc",
        "lib/b.pyc",
        "lib/c.pyc",
        "lib/d.pyc",
        "lib/e.py",
    }
    done = shorts(["local", "invoke"], function)
    assert json.loads(done.stdout) == [0, 0, 0, 0], done.stderr


def test_sources_that_are_read_stay(function: Path, wheels: Path, shorts: Shorts) -> None:
    """``inspect`` reads one; a traceback's lines come from another."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = (
        "import inspect\nimport lib\n\ndef handler(event, context):\n"
        "    return inspect.getsource(lib.core)\n"
    )
    asks(function, handler, {"a": {}})
    assert shorts(["build"], function).returncode == 0
    assert {"lib/core.py", "lib/__pycache__/core.cpython-313.pyc"} <= names(function)
    assert "lib/__init__.py" not in names(function)


def test_what_a_former_run_left_in_the_temporary_folder_hides_nothing(
    function: Path, wheels: Path, shorts: Shorts
) -> None:
    """Each run has one of its own."""
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    handler = (
        "import os, shutil, tempfile\nimport lib\n\ndef handler(event, context):\n"
        "    copy = os.path.join(tempfile.gettempdir(), 'copy.txt')\n"
        "    if not os.path.exists(copy):\n"
        "        shutil.copy(os.path.join(os.path.dirname(lib.__file__), 'data.txt'), copy)\n"
        "    return open(copy).read()\n"
    )
    asks(function, handler, {"a": {}}, more="Drop: [lib/data.txt]")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "The first file missing is lib/data.txt." in done.stderr


def test_layers_are_those_that_are_built(function: Path, wheels: Path, shorts: Shorts) -> None:
    """An event runs with them, and a change of one has the events run again."""
    layer = function / "layer"
    layer.mkdir()
    (layer / "run.sh").write_text("#!/bin/sh\n")
    (layer / "run.sh").chmod(0o755)
    (layer / "shared.py").write_text(
        "import importlib, pathlib, subprocess\n\n"
        "subprocess.run([pathlib.Path(__file__).with_name('run.sh')], check=True)\n"
        "lib = importlib.import_module('lib')\n"
    )
    write_wheel(wheels, "lib", LIB)
    require(function, "lib")
    asks(function, "def handler(event, context):\n    import shared\n    return 1\n", {"a": {}})
    template = (function / "template.yaml").read_text()
    layered = template.replace("Timeout: 2", "Timeout: 2, Layers: [!Ref L]")
    (function / "template.yaml").write_text(
        layered + "  L:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.13]}\n"
        "    Metadata: {BuildMethod: python3.13}\n"
    )
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert {"lib/__init__.pyc", "lib/core.pyc"} <= names(function)
    assert "Tracing" not in shorts(["build"], function).stderr
    (layer / "shared.py").write_text("import importlib\n\nimportlib.import_module('lib.dead')\n")
    assert "Tracing F" in shorts(["build"], function).stderr
    assert "lib/dead.pyc" in names(function)


def test_modules_that_stand_in_the_way_are_noted(
    function: Path, wheels: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A syntax error keeps its package; a module may hide one of the standard library."""
    broken = {**LIB, "lib/core.py": "def answer(:\n", "lib/__init__.py": "", "lib2.py": ""}
    write_wheel(wheels, "lib", broken)
    require(function, "lib")
    handler = (
        "import colorsys\n\ndef handler(event, context):\n"
        "    try:\n        import lib.core\n    except SyntaxError:\n        return colorsys.MINE\n"
    )
    asks(function, handler, {"a": {}}, files={"colorsys.py": "MINE = 1\n"})
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert {"lib/core.py", "lib/dead.py", "lib/plugin.py", "colorsys.py"} <= names(function)
    assert "lib2.py" not in names(function)
    assert "note: colorsys.py hides the standard library's colorsys" in done.stderr.splitlines()
    assert "note: lib/core.py counts as importing all of its package: " in done.stderr
    monkeypatch.chdir(function)
    (unit,) = plan.collect(read_application([]))
    record = evidence.record(unit)
    assert record is not None
    assert [note.partition(":")[0] for note in record.notes] == [
        "lib/core.py counts as importing all of its package",
        "colorsys.py hides the standard library's colorsys",
    ]
    assert {part.path for part in record.left_out} >= {"lib2.py", "lib/__init__.py"}
    assert {part.path for part in record.untouched} >= {"lib/data.txt", "lib/unused.txt"}
    assert [one.name for one in record.imports if not one.importer] == ["app"]


SCRIPT = """\
import sys
scope = {}
exec(compile(open(RECORDER).read(), RECORDER, "exec"), scope)
for _ in range(2):  # as site does
    scope["start"](LOG, [ROOT])
sys.path.insert(0, ROOT)
import importlib, os, threading, traceback
import pkg.mod
try:
    import pkg.fails
except ValueError:
    print(traceback.format_exc().count("File"))
try:
    importlib.import_module("pkg.nowhere")
except ImportError as error:
    print(error.name, error)
open(os.path.join(ROOT, "dir", "..", "data.txt")).close()
open(os.path.join(ROOT, "tab\\tüber")).close()
os.chdir(ROOT)
open(b"pkg/mod.py").close()
thread = threading.Thread(target=importlib.import_module, args=("pkg.late",))
thread.start()
thread.join()
if os.fork() == 0:
    os.closerange(3, 1024)
    import pkg.child
    os.open("data.txt", os.O_RDONLY)
    os._exit(0)
os.wait()
print(os.path.exists("/proc/self/fd/900"), sys.modules.get("recorder"))
"""


def test_every_python_is_recorded(python: Path, tmp_path: Path) -> None:
    """Opened files, imported modules and failures; tracebacks stay as they are without."""
    root, log = tmp_path / "root", tmp_path / "log"
    (root / "pkg").mkdir(parents=True)
    (root / "dir").mkdir()
    for name in ("__init__", "mod", "late", "child"):
        (root / "pkg" / f"{name}.py").write_text("import json\n" if name == "mod" else "")
    (root / "pkg" / "fails.py").write_text("raise ValueError('no')\n")
    for name in ("data.txt", "tab\tüber"):
        (root / name).write_text("")
    named = f"RECORDER, LOG, ROOT = {str(RECORDER)!r}, {str(log)!r}, {str(root)!r}\n"
    done = process.run([str(python), "-B", "-c", named + SCRIPT])
    assert done.splitlines() == ["2", "pkg.nowhere No module named 'pkg.nowhere'", "True None"]
    said = list(trace._entries(log))
    loaded = [text for kind, text, *_ in said if kind == "load" and text.endswith(".py")]
    assert loaded == [
        f"{root}/pkg/{name}.py" for name in ("__init__", "mod", "fails", "late", "child")
    ]
    opened = [text for kind, text, *_ in said if kind == "open"]
    paths = ("pkg/fails.py", "data.txt", "tab\tüber", "pkg/mod.py")  # a traceback shows its line
    assert opened == [f"{root}/{name}" for name in paths]
    assert ["failed", "pkg.fails"] in said
    assert ["failed", "pkg.nowhere"] in said
    times = {name: (importer, own, whole) for kind, *fields in said if kind == "time"
             for _, name, importer, own, whole in [fields]}  # fmt: skip
    assert times["pkg"][0] == times["pkg.mod"][0] == ""
    assert times["json"][0] == "pkg.mod"
    assert float(times["pkg.mod"][1]) <= float(times["pkg.mod"][2])
