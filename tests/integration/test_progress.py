"""Progress of a command: a bar on a terminal, plain lines elsewhere."""

import os
import pty
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.conftest import Shorts, as_process, require, write_wheel

TEXT = "def handler(event, context):\n    return {}\n"


def requires(function: Path) -> None:
    """Give a function a requirement."""
    write_wheel(function / "wheels", "thing", {"thing.py": b"WORD = 1\n"})
    require(function, "thing")


def on_terminal(arguments: list[str], folder: Path, **variables: str) -> str:
    """Return what shorts writes to a terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        environment = {**os.environ, "TERM": "xterm", **variables}
        os.execve(sys.executable, [sys.executable, "-m", "shorts", *arguments], environment)
    said = b""
    try:
        while read := os.read(terminal, 65536):
            said += read
    except OSError:  # the other end is closed
        pass
    except BaseException:
        os.kill(child, signal.SIGTERM)
        raise
    finally:
        os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0, said.decode()
    return said.decode()


@pytest.mark.usefixtures("own_store")
def test_a_bar_on_a_terminal(function: Path) -> None:
    """Steps are in a line that is overwritten, with seconds, and at last is gone."""
    requires(function)
    said = on_terminal(["build"], function)
    for step in ("Reading the template", "Packing thing=="):
        assert step in said
    assert re.search("0:00:0[1-9]", said)
    before, _, after = said.rpartition("\x1b[?25h")  # the cursor is shown again
    assert before
    assert "Packing" not in after
    assert "Built in" in after


def test_without_colour(function: Path) -> None:
    """NO_COLOR and --color never leave colours out; --color always brings them anywhere."""
    coloured = "\x1b[36mnote:\x1b[0m"
    flag = ["build", "--use-container"]
    assert coloured in on_terminal(flag, function)
    assert coloured not in on_terminal(flag, function, NO_COLOR="1")
    assert coloured not in on_terminal([*flag, "--color", "never"], function)
    done = as_process(["-m", "shorts", *flag, "--color", "always"], function)
    assert coloured in done.stderr


def test_plain_lines_elsewhere(function: Path, shorts: Shorts) -> None:
    """Without a terminal each step is one line, and no character controls anything."""
    requires(function)
    done = shorts(["build", "--upgrade"], function)
    lines = done.stderr.splitlines()
    assert sum(line.startswith("Resolving requirements.txt for ") for line in lines) == 1
    assert "\x1b" not in done.stderr + done.stdout
    assert "\r" not in done.stderr


def test_quiet(function: Path, shorts: Shorts) -> None:
    """--quiet prints neither steps nor notes nor the summary; warnings and errors stay."""
    requires(function)
    (function / "fn" / "id_rsa").write_text("KEY")
    done = shorts(["build", "--quiet", "--use-container"], function)
    assert (done.returncode, done.stdout) == (0, "")
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    assert "id_rsa" in done.stderr
    (function / "fn" / "requirements.txt").write_text("nowhere==1\n")
    assert "shorts: " in shorts(["build", "-q"], function).stderr


def test_the_summary(function: Path, shorts: Shorts) -> None:
    """At its end a build says why it built, how sizes changed, and what comes next."""
    first = shorts(["build"], function).stdout
    assert "built: new\n" in first
    assert first.splitlines()[-1] == "Next: shorts local invoke F, or shorts deploy --guided"
    (function / "fn" / "app.py").write_text(TEXT + f"# {os.urandom(1024).hex()}\n")
    assert re.search(r"built: code  \(\+[12]\.[0-9] KB\)\n", shorts(["build"], function).stdout)
    assert "Next" not in shorts(["build"], function).stdout
    done = shorts(["build", "-b", "elsewhere"], function)
    after = "Next: shorts local invoke F -t elsewhere/template.yaml, or shorts deploy --guided"
    assert done.stdout.splitlines()[-1] == f"{after} -t elsewhere/template.yaml"
