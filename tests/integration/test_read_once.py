"""Each requirements file is read once: what is in it travels in a record."""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from shorts.system import process
from tests.conftest import require, write_wheel

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")

# Runs the command, counts what it opens by its name, and the modules it has imported.
COUNT = """
import collections, json, os, sys
opened = collections.Counter()
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        opened[os.path.basename(os.fspath(arguments[0]))] += 1
sys.addaudithook(hook)
from shorts.cli import command
status = command.main(["build"])
print(json.dumps([status, opened, sorted(sys.modules)]))
"""


def counted(folder: Path) -> tuple[Counter[str], set[str]]:
    """What a build in a folder opens, and the modules it imports."""
    said = process.run([sys.executable, "-c", COUNT], cwd=folder)
    status, opened, modules = json.loads(said.splitlines()[-1])
    assert status == 0
    return Counter(opened), {*modules}


@pytest.fixture
def application(function: Path, wheels: Path) -> Path:
    """An application with included files, constraints and a lock."""
    write_wheel(wheels, "one", {"one.py": ""})
    require(function, "-r ../more.txt", "-c ../limits.txt")
    (function / "more.txt").write_text("one\n")
    (function / "limits.txt").write_text("one<2\n")
    return function


@pytest.mark.parametrize("locked", [False, True])
def test_each_file_is_read_once(application: Path, locked: bool) -> None:
    """A build reads each file once, and once more at its end, to see that none has changed.

    The requirements.txt of a function is part of its code, too, which is read once.
    """
    names = ["requirements.txt", "more.txt", "limits.txt"]
    code = Counter({"requirements.txt": 1})
    if locked:
        process.run([sys.executable, "-m", "shorts", "lock"], cwd=application)
        names.append("requirements.lock")
    cold, _ = counted(application)
    assert {name: cold[name] for name in names} == Counter(dict.fromkeys(names, 2)) + code
    unchanged, modules = counted(application)
    assert {name: unchanged[name] for name in names} == Counter(dict.fromkeys(names, 1)) + code
    heavy = {"packaging", "samcli", "urllib.request", "email", "shlex", "ssl", "subprocess"}
    assert not heavy & modules
