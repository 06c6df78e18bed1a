"""Hostile templates, events, answers and words of a command line: refused by name, or borne."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.artifact import trim_rules
from shorts.emulator import invoke
from shorts.errors import ShortsError
from shorts.system import project_state
from shorts.trim import responses, trace
from tests.conftest import Shorts

DEEP = b"[" * 20_000 + b"]" * 20_000
BOMB = "M:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def sparse(path: Path, size: int) -> None:
    path.touch()
    os.truncate(path, size)


def edited(function: Path, old: str, new: str) -> None:
    template = function / "template.yaml"
    template.write_text(template.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (BOMB.encode(), "its aliases stand for more than 1,000,000 values"),
        (b"M: &a {b: *a}\n", "found unconstructable recursive node"),
        (b"M: " + DEEP, "SAM cannot read template.yaml: RecursionError"),
        (b"M: " + b"[" * 150 + b"]" * 150, "values are nested more than 100 deep"),
        (b"M: !!python/object/apply:os.system [x]\n", "could not determine a constructor"),
        (b"M: {a: &x 1, b: &x 2}\n", "found duplicate anchor"),
        (b"# \xff\n", "can't decode byte 0xff"),
        (b"# \0\n", "special characters are not allowed"),
        (b'M: "\\0"\n', "holds a NUL"),
        (b'M: "\\ud800"\n', "is not Unicode text"),
        (b'"\\ud800": 1\n', "is not Unicode text"),
    ],
    ids=lambda one: str(one[:12]),
)
def test_a_document_that_cannot_be_used_is_refused(
    function: Path, shorts: Shorts, more: bytes, why: str
) -> None:
    """A template is looked at once as YAML gives it, before anything is made of it."""
    template = function / "template.yaml"
    template.write_bytes(template.read_bytes() + more)
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is a pipe or a device"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a pipe or a device"),
        (Path.mkdir, "Is a directory"),
        (lambda path: sparse(path, 10**8), "it holds 100.0 MB"),
        (lambda path: path.write_bytes(b"\xff\xfeR\0e\0"), "can't decode byte 0xff"),
        (lambda path: path.write_bytes(b'{"Resources": ' + DEEP), "RecursionError"),
    ],
    ids=["pipe", "zeros", "folder", "100 MB", "UTF-16", "deep"],
)
def test_a_template_is_looked_at_before_it_is_read(
    function: Path, shorts: Shorts, make: Callable[[Path], object], why: str
) -> None:
    """Neither a pipe is waited for, nor is more read than anybody writes."""
    (function / "template.yaml").unlink()
    make(function / "template.yaml")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "template" in done.stderr
    assert why in done.stderr


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("samconfig.toml", os.mkfifo),
        ("samconfig.toml", lambda path: path.write_bytes(b"\xff")),
        ("samconfig.toml", lambda path: path.write_bytes(b"a = " + DEEP)),
        ("samconfig.toml", lambda path: path.write_bytes(b"version = 0.1\n[default]\nbuild = 1\n")),
        ("samconfig.yaml", lambda path: path.write_bytes(b"[1]")),
        ("samconfig.yaml", lambda path: path.write_bytes(b"\xff")),
    ],
)
def test_a_configuration_that_cannot_be_read_is_refused(
    function: Path, shorts: Shorts, name: str, make: Callable[[Path], object]
) -> None:
    """SAM falls over some of them; that is said in a line."""
    make(function / name)
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_pipe_where_sam_would_look_is_not_waited_for(function: Path, shorts: Shorts) -> None:
    """What is remembered depends on files that are not there yet, too."""
    os.mkfifo(function / "template.yml")
    assert shorts(["build"], function).returncode == 0
    assert shorts(["build"], function).returncode == 0


@pytest.mark.parametrize("value", ["[a]", "{a: 1}", "1", "true"])
@pytest.mark.parametrize("name", ["Runtime: python3.13", "CodeUri: fn"])
def test_what_is_not_text_is_refused(function: Path, shorts: Shorts, name: str, value: str) -> None:
    """A list, a mapping, a number or a boolean is not a name or a path."""
    edited(function, name, f"{name.partition(':')[0]}: {value}")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize("value", ["[a]", "{a: 1}", "1", "true"])
def test_a_handler_that_is_not_text_is_left_open(
    function: Path, shorts: Shorts, value: str
) -> None:
    """SAM's build reads no handler; any module may be what it names."""
    edited(function, "Handler: app.handler", f"Handler: {value}")
    assert shorts(["build"], function).returncode == 0


@pytest.mark.parametrize(
    "value", ["!Ref Unknown", "'{{resolve:ssm:/x:1}}'", "!GetAtt F.Arn", "3.0"]
)
@pytest.mark.parametrize("name", ["Timeout", "MemorySize"])
def test_a_number_that_only_the_cloud_knows_is_left_open(
    function: Path, shorts: Shorts, name: str, value: str
) -> None:
    """A build needs neither, and SAM's succeeds."""
    edited(function, "Timeout: 2", f"{name}: {value}")
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", ["[1]", "true", "-1", "1.5", ".inf", "1e99"])
def test_what_is_not_a_number_stops_no_build(function: Path, shorts: Shorts, value: str) -> None:
    """A build needs no number of seconds, and SAM's succeeds."""
    edited(function, "Timeout: 2", f"Timeout: {value}")
    assert shorts(["build"], function).returncode == 0


@pytest.mark.parametrize("name", ["../../x", "a/b", "-x", "a b", "\\e[2J", ".", ""])
def test_a_logical_id_is_a_name(function: Path, shorts: Shorts, name: str) -> None:
    """It becomes a file's name and a word of a command line; CloudFormation allows no other."""
    edited(function, "Transform: AWS::Serverless-2016-10-31", "")
    edited(function, "  F:", f'  "{name}":')
    edited(function, "AWS::Serverless::Function", "AWS::Lambda::Function")
    edited(function, "CodeUri", "Code")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "logical id" in done.stderr.lower()
    assert sorted(path.name for path in function.iterdir()) == [".aws-sam", "fn", "template.yaml"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("/etc/*", "it is not relative to the template's folder"),
        ("/**/*.json", "it is not relative"),
        ("../**/*.json", "it searches all of "),
        ("../../../../**", "it searches all of "),
        ("*/../../*", "`..` follows a wildcard"),
        ("**/a/**/b/**/x", "it has `**` more than twice"),
        ("a**b", "Invalid pattern"),
        ("", "Unacceptable pattern"),
    ],
)
def test_events_lie_below_a_folder(function: Path, shorts: Shorts, pattern: str, why: str) -> None:
    """A pattern that would walk through the machine, or is none, is refused by name."""
    edited(
        function,
        "    Properties",
        f"    Metadata: {{Shorts: {{Events: ['{pattern}']}}}}\n    Properties",
    )
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "cannot be used: " in done.stderr
    assert why in done.stderr


def test_events_may_lie_in_a_folder_aside(function: Path, shorts: Shorts) -> None:
    """One that is not above the template's is looked through."""
    (function / "app").mkdir()
    (function / "events" / "deep").mkdir(parents=True)
    (function / "events" / "deep" / "one.txt").write_text("{")
    (function / "template.yaml").rename(function / "app" / "template.yaml")
    (function / "fn").rename(function / "app" / "fn")
    template = function / "app" / "template.yaml"
    said = "    Metadata: {Shorts: {Events: [../events/**/*.txt]}}\n    Properties"
    template.write_text(template.read_text().replace("    Properties", said))
    done = shorts(["build"], function / "app")
    assert "one.txt is not JSON" in done.stderr


@pytest.mark.parametrize("option", ["-e", "--env-vars"])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is a pipe or a device"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a pipe or a device"),
        (lambda path: sparse(path, 10**10), "it holds 10,000.0 MB"),
        (lambda path: path.write_bytes(b'{"a": {"a": "\xff"}}'), "codec can't decode"),
        (lambda path: path.write_bytes(DEEP), ": "),
        (lambda path: path.write_bytes(b'{"F": {"A": "\\ud800"}}'), ": "),
        (lambda path: path.write_bytes(b""), "truncated"),
    ],
    ids=["pipe", "zeros", "10 GB", "bytes", "deep", "surrogate", "empty"],
)
def test_a_file_for_an_invocation_is_looked_at(
    function: Path, shorts: Shorts, make: Callable[[Path], object], why: str, option: str
) -> None:
    """Events and variables are files of JSON that fit into memory."""
    make(function / "odd.json")
    done = shorts(["local", "invoke", "F", option, "odd.json"], function)
    assert done.returncode == 1
    assert "odd.json" in done.stderr
    assert why in done.stderr


def test_a_variable_holds_no_nul(tmp_path: Path) -> None:
    """The system takes none."""
    (tmp_path / "vars.json").write_text('{"F": {"A": "x\\u0000"}}')
    with pytest.raises(ShortsError, match="'A' holds a NUL"):
        invoke.overrides(str(tmp_path / "vars.json"))


def test_a_pipe_of_the_shells_is_read() -> None:
    """`-e <(command)` names a descriptor that the process has: it is read to its end."""
    reading, writing = os.pipe()
    os.write(writing, b'{"a": 1}')
    os.close(writing)
    assert invoke.event(f"/dev/fd/{reading}") == b'{"a": 1}'
    os.close(reading)


@pytest.mark.parametrize("arguments", [["-b", "x\udcff"], ["F\udcff"], ["--config-env", "\udc80"]])
def test_words_that_are_not_text_are_refused(
    function: Path, shorts: Shorts, arguments: list[str]
) -> None:
    """A word of bytes that are not UTF-8 could stand in no template and no manifest."""
    done = shorts(["build", *arguments], function)
    assert done.returncode == 2
    assert done.stderr.endswith("is not UTF-8 text.\n")


def test_a_folder_that_is_not_text_is_named(function: Path, shorts: Shorts) -> None:
    """So could its own path not."""
    folder = function.rename(function.with_name("small\udcff"))
    done = shorts(["build"], folder)
    assert done.returncode == 1
    assert "has a name that is not UTF-8 text" in done.stderr


@pytest.mark.parametrize("depth", [900, 3_000, 100_000])
@pytest.mark.parametrize("form", ["list", "object", "headers"])
def test_an_answer_may_be_nested_at_will(depth: int, form: str) -> None:
    """What cannot be taken apart is compared as a whole."""
    inner, outer = ("[", "]") if form == "list" else ('{"a":', "}")
    body = (inner * depth + "1" + outer * depth).encode()
    if form == "headers":
        body = b'{"headers": ' + body + b"}"
    other = body.replace(b"1", b"2")
    assert responses.differences(responses.read(body, ""), responses.read(body, "")) == []
    assert responses.differences(responses.read(body, ""), responses.read(other, ""))


@given(st.binary(max_size=40) | st.text(max_size=10).map(lambda text: f'"{text}"'.encode()))
def test_an_answer_may_be_any_bytes(body: bytes) -> None:
    """Each is the same as itself, and may be told from another."""
    assert responses.difference(responses.read(body, ""), responses.read(body, "")) == ""


def test_what_the_function_writes_into_the_log_is_passed_over(tmp_path: Path) -> None:
    """A program may write to any descriptor, the recorder's too."""
    log = tmp_path / "log"
    lines = [b"load\t/task/a.py", b"", b"load", b"\xff\\x", b"time\tx", b"time\t1\ta\t\tx\ty"]
    lines += [b"what\tx", b"open\t/a\t/b", b"time\t1\tapp\t\t0.5\t0.7", b"open\t\\ud800", b"cut"]
    log.write_bytes(b"\n".join(lines))
    said = [*trace._entries(log)]
    assert said == [
        ["load", "/task/a.py"],
        ["time", "1", "app", "", "0.5", "0.7"],
        ["open", "\ud800"],
    ]


def test_what_cannot_be_remembered_is_found_out_again(tmp_path: Path) -> None:
    """A text that is not Unicode, or a place that cannot be written, is not a failure."""
    project_state.keep(tmp_path / "a.json", ["\ud800"])
    project_state.keep(tmp_path / "a.json" / "\0" / "b.json", [1])
    assert project_state.recall(tmp_path / "a.json", list[str]) is None


@given(st.binary(max_size=60))
def test_memory_of_any_bytes_is_none(content: bytes) -> None:
    """A file vouches for itself, for its name and for all of its bytes."""
    place = Path(os.environ["SHORTS_CACHE_DIR"]).with_name("remembered.json")
    project_state.keep(place, [1, 2])
    kept = place.read_bytes()
    assert project_state.recall(place, list[int]) == [1, 2]
    for damaged in (content, kept + content[:1], kept[: len(content)], content + kept):
        if damaged != kept:
            place.write_bytes(damaged)
            assert project_state.recall(place, list[int]) is None
    place.write_bytes(kept)
    assert project_state.recall(place, list[str]) is None
    assert project_state.recall(place.rename(place.with_name("other.json")), list[int]) is None


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 30 + "*b", "a" * 255),
        ("**/*/" * 20 + "x", "a/" * 500 + "y"),
        ("**/a/" * 20 + "b", "a/" * 500 + "c"),
        ("**/*a*a*a*a*b/" * 10 + "x", ("a" * 200 + "/") * 20),
    ],
)
def test_a_glob_tries_nothing_twice(glob: str, path: str) -> None:
    """What is to be kept is looked for in a time that its own length decides."""
    began = time.process_time()
    assert not trim_rules.matches([glob], [path])
    assert time.process_time() - began < 5
