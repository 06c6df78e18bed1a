"""Real processes, small ones."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.system import process
from shorts.system.process import ProcessFailed

PYTHON = [sys.executable, "-I", "-c"]


def test_returns_what_was_written() -> None:
    """A command's standard output comes back as it is, and standard error does not."""
    script = "import sys; print('é\\n'); print('no', file=sys.stderr)"
    assert process.run([*PYTHON, script], env={"PYTHONUTF8": "1"}) == "é\n\n"


def test_hands_over_input_and_folder(tmp_path: Path) -> None:
    """A command reads what it is given, in the folder it is given."""
    script = "import os, sys; print(os.getcwd(), sys.stdin.read())"
    assert process.run([*PYTHON, script], stdin="words", cwd=tmp_path) == f"{tmp_path} words\n"


def test_input_ends_where_none_is_given() -> None:
    """A command that is given no input finds its end at once, and reads none of this process's."""
    ours, (reading, writing) = os.dup(0), os.pipe()
    os.write(writing, b"ours")
    os.close(writing)
    os.dup2(reading, 0)
    try:
        assert process.run([*PYTHON, "import sys; print(repr(sys.stdin.read()))"]) == "''\n"
    finally:
        os.dup2(ours, 0)
        os.close(ours)
        os.close(reading)


def test_large_output_does_not_block() -> None:
    """Megabytes on both streams are read while the command runs."""
    script = "import sys; sys.stderr.write('e' * 2**21); sys.stdout.write('o' * 2**21)"
    assert len(process.run([*PYTHON, script])) == 2**21


def test_a_failure_carries_command_status_and_words() -> None:
    """A status other than 0 is an error with the command, the status and the tool's own words."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", "echo 'two words' >&2; exit 3"])
    assert str(caught.value) == "sh -c 'echo '\"'\"'two words'\"'\"' >&2; exit 3'\n" + (
        "ended with status 3: two words"
    )
    assert (caught.value.status, caught.value.output) == (3, "two words")
    assert isinstance(caught.value, ShortsError)


def test_a_failure_may_be_explained_on_standard_output() -> None:
    """Where standard error is empty, standard output is what the tool said."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", "echo why; exit 1"])
    assert caught.value.output == "why"


def test_a_failure_carries_both_streams() -> None:
    """A warning on standard error does not hide what standard output says."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", "echo why; echo warning >&2; exit 1"])
    assert sorted(caught.value.output.split()) == ["warning", "why"]


def test_a_silent_failure_says_so() -> None:
    """A command that fails without a word is said to have."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", "exit 7"])
    assert str(caught.value) == "sh -c 'exit 7'\nended with status 7: it printed nothing"


def test_a_signal_is_named() -> None:
    """A command that a signal ended says which."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", "kill -TERM $$"])
    assert str(caught.value) == "sh -c 'kill -TERM $$'\nwas ended by signal 15: it printed nothing"
    assert caught.value.status == -signal.SIGTERM


def test_what_is_no_text_is_shown_all_the_same() -> None:
    """Bytes in another encoding do not hide a failure."""
    with pytest.raises(ProcessFailed) as caught:
        process.run(["sh", "-c", r"printf 'caf\351' >&2; exit 1"])
    assert caught.value.output == "caf�"


def test_a_command_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    """What cannot be started fails like what ends badly, with the system's words."""
    gone = str(tmp_path / "gone")
    with pytest.raises(ProcessFailed, match="No such file or directory") as caught:
        process.run([gone, "--version"])
    assert str(caught.value).startswith(f"{gone} --version\n")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(ProcessFailed, match="No such file or directory"):
        process.start([gone], env={})


def test_a_file_that_may_not_run_is_a_failure(tmp_path: Path) -> None:
    """A file without the right to run fails with the system's words."""
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    with pytest.raises(ProcessFailed, match="Permission denied"):
        process.run([str(tmp_path / "tool")])


@pytest.mark.parametrize(
    "name", ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "VIRTUAL_ENV"]
)
def test_our_python_does_not_leak(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What changes a Python's imports or bytecode is not handed on, unless it is given."""
    monkeypatch.setenv(name, "/ours")
    assert name not in process.environment()
    assert process.run(["sh", "-c", f'echo "${name}"']) == "\n"
    assert process.run(["sh", "-c", f'echo "${name}"'], env={name: "/given"}) == "/given\n"


@pytest.mark.parametrize(
    "name", ["PYTHONSAFEPATH", "PYTHONNODEBUGRANGES", "PYTHONPLATLIBDIR", "PYTHONINTMAXSTRDIGITS"]
)
def test_no_setting_of_our_python_leaks(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A child finds its own modules and makes the same bytecode, whatever is set for this one."""
    monkeypatch.setenv(name, "1")
    assert name not in process.environment()


def test_the_rest_of_the_environment_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies, credentials and the user's settings reach the tools; what is given wins."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("UV_INDEX_URL", "theirs")
    environment = process.environment({"UV_INDEX_URL": "ours"})
    assert (environment["HTTPS_PROXY"], environment["UV_INDEX_URL"]) == ("http://proxy", "ours")
    assert os.environ["UV_INDEX_URL"] == "theirs"


def test_starts_with_exactly_the_given_environment(tmp_path: Path) -> None:
    """A started process has the variables it was given and no other."""
    with process.start(["/usr/bin/env"], env={"ONLY": "this"}, cwd=tmp_path) as child:
        out, error = child.communicate(timeout=10)
    assert (out, error, child.returncode) == (b"ONLY=this\n", b"", 0)


def test_starts_in_a_group_of_its_own() -> None:
    """A started process leads its own group, so that it can be ended with its children."""
    with process.start(["sleep", "30"], env=process.environment()) as child:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
        os.killpg(child.pid, signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL


def test_finds_the_tool_beside_our_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tool that was installed with shorts wins over one on PATH."""
    for folder in ("ours", "path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "uv").write_text("#!/bin/sh\n")
        (tmp_path / folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "ours/python"))
    assert process.tool("uv") == str(tmp_path / "ours/uv")
    (tmp_path / "ours/uv").unlink()
    assert process.tool("uv") == str(tmp_path / "path/uv")


@pytest.mark.parametrize(("name", "wheel"), [("uv", "uv"), ("sam", "aws-sam-cli")])
def test_says_how_to_get_a_tool(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, wheel: str
) -> None:
    """A tool that is nowhere is named, with what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ShortsError) as caught:
        process.tool(name)
    assert str(caught.value) == f"{name} is not installed.\nInstall it with: pip install {wheel}"


def test_becomes_another_command() -> None:
    """What was printed before comes first, and the command's status is ours."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from shorts.system import process; "
        "print('before'); process.replace(['/bin/sh', '-c', 'echo after; exit 4'])"
    )
    root = str(Path(process.__file__).parents[1])
    with process.start([*PYTHON, script, root], env=process.environment()) as child:
        out, _ = child.communicate(timeout=20)
    assert (out, child.returncode) == (b"before\nafter\n", 4)


def test_hands_over_no_key_that_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What signs for the remote stays in this process, unless a caller gives it."""
    monkeypatch.setenv("SHORTS_REMOTE_SIGNING_KEY", "secret")
    monkeypatch.setenv("SHORTS_REMOTE_KEYS", "public")
    script = "import os; print(sorted(name for name in os.environ if name.startswith('SHORTS_R')))"
    assert process.run([*PYTHON, script]) == "['SHORTS_REMOTE_KEYS']\n"
