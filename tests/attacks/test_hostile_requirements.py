"""Hostile requirements, projects and locks: each is refused by name, or means what it says."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.requirements import flat, lock_file, manifest, requirements_txt, toml
from shorts.slices.store import Store
from shorts.system import uv
from shorts.targets.target import Target
from tests.conftest import Shorts

DEEP = "(" * 20_000 + "python_version>'3'" + ")" * 20_000
TARGET = Target(runtime="python3.13", architecture="x86_64")
HASH = f" --hash=sha256:{'0' * 64}"
PROJECT = '[project]\nname="x"\nversion="1"\n'
LOCK = 'lock-version="1.0"\ncreated-by="x"\n[[packages]]\nname={0}\nversion={1}\n{3}wheels=[{{\
name="a-1-py3-none-any.whl", url="https://localhost/a-1-py3-none-any.whl", hashes={{{2}}}}}]\n'


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 10_000_000_000)


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe": (os.mkfifo, "it is a pipe or a device, not a regular file"),
    "zeros": (lambda path: path.symlink_to("/dev/zero"), "it is a pipe or a device"),
    "a folder": (Path.mkdir, "Is a directory"),
    "10 GB": (sparse, "it holds 10,000.0 MB, and at most 8.4 MB are read"),
}


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ShortsError) as caught:
        act()
    return str(caught.value)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("option", ["-r", "-c"])
def test_an_included_file_is_looked_at_before_it_is_read(
    function: Path, shorts: Shorts, option: str, odd: str
) -> None:
    """Neither a pipe is waited for, nor are zeros without end read."""
    make, why = ODD[odd]
    make(function / "odd.txt")
    (function / "fn" / "requirements.txt").write_text(f"{option} ../odd.txt\n")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert f"odd.txt cannot be read: {why}" in done.stderr


@pytest.mark.parametrize("odd", ["a pipe", "zeros", "10 GB"])
def test_a_wheel_is_looked_at_before_it_is_read(function: Path, shorts: Shorts, odd: str) -> None:
    """A requirement's path that is named as a wheel is one only if it is a regular file."""
    ODD[odd][0](function / "x-1.0-py3-none-any.whl")
    (function / "fn" / "requirements.txt").write_text("../x-1.0-py3-none-any.whl\n")
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "cannot be read: it " in done.stderr


def test_includes_in_a_circle_are_read_once(tmp_path: Path) -> None:
    """A file that includes itself, by any way, ends; so does one that doubles at every step."""
    (tmp_path / "requirements.txt").write_text("-r requirements.txt\n-r 0.txt\n-r 0.txt\na\n")
    for number in range(40):
        after = f"{number + 1}.txt"
        (tmp_path / f"{number}.txt").write_text(f"-r {after}\n-r ./{after}\n-r {after}\n")
    (tmp_path / "40.txt").write_text("-r requirements.txt\nb\n")
    found = manifest.load(tmp_path / "requirements.txt")
    assert len(found.files) == 42
    assert flat.flattened(found, {}, {}).requirements.split() == ["b", "a"]


def test_a_long_chain_of_includes_is_followed(tmp_path: Path) -> None:
    """Two thousand files, each of which includes the next, do not recurse."""
    for number in range(2_000):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n")
    (tmp_path / "2000.txt").write_text("a\n")
    found = manifest.load(tmp_path / "0.txt")
    assert flat.flattened(found, {}, {}).requirements == "a"


@pytest.mark.parametrize("content", [b"a\xff\n", b"a\0b\n", b"\xff\xfea\0\0\xd8"])
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """Requirements are UTF-8, or UTF-16 with its mark, without NUL."""
    path = tmp_path / "requirements.txt"
    path.write_bytes(content)
    assert "requirements.txt is not UTF-8 text: " in refusal(lambda: manifest.load(path))


def test_a_variable_that_is_not_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment puts into a requirement is UTF-8 as well."""
    monkeypatch.setenv("BAD", "\udcff")
    path = tmp_path / "requirements.txt"
    path.write_text("${BAD}\n")
    assert "The variable BAD is not UTF-8" in refusal(lambda: manifest.load(path))


@pytest.mark.parametrize(
    "line",
    [
        "/" * 20_000 + " x",
        "a/" * 10_000 + " ]",
        "a/" * 10_000 + "[x",
        "a @ " + "b/" * 10_000 + " x",
        "-e " + "a/" * 10_000 + "[",
        "a" * 20_000,
        "a" * 20_000 + " @",
        "a[" + "x" * 20_000,
        ".whl" * 5_000 + "=",
        "-r " + "=" * 20_000,
        "-e '" + "a/" * 10_000,
        "a[x] @ git+https://" + "a@" * 10_000 + "#" + "&egg" * 5_000,
    ],
    ids=lambda line: line[:6],
)
def test_a_line_takes_as_long_as_it_is_long(tmp_path: Path, line: str) -> None:
    """No expression tries anything twice: 20,000 letters took 16 seconds once."""
    began = time.process_time()
    for _ in range(3):
        requirements_txt._PATH.fullmatch(line)
        requirements_txt._EDITABLE.fullmatch(line)
        requirements_txt._QUOTED.fullmatch(line)
        requirements_txt._REPOSITORY.fullmatch(line)
        requirements_txt._OPTION.fullmatch(line)
        requirements_txt.split_hashes(line)
        with contextlib.suppress(ShortsError):
            requirements_txt.parse(line, tmp_path / "requirements.txt")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "printed",
    [
        "a" * 100_000,
        "a==b" * 25_000,
        "a>b" * 25_000,
        "\n" * 100_000,
        "\n " * 50_000,
        "hint: Wheels are required for " * 5_000,
    ],
    ids=lambda printed: repr(printed[:6]),
)
def test_what_uv_printed_is_read_in_one_go(printed: str) -> None:
    """A build may print anything, and as much as it likes."""
    began = time.process_time()
    uv.message(printed)
    uv.lacking(uv.Unsolvable(printed))
    assert time.process_time() - began < 5


def test_uvs_words_are_what_they_were() -> None:
    """A cause is joined to what it is the cause of, and names come with their versions."""
    assert uv.message("error: it failed\n\n  cause: no\n  wheel") == "it failed: no wheel"
    said = "Because foo==1.0 has no wheels and `a-b` has no usable wheels, x>=1 have no wheels"
    assert uv.lacking(uv.Unsolvable(said)) == {"foo": {"1.0"}, "x": {""}}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("./gone", "names ./gone, which does not exist"),
        ("file:///%00", "which does not exist"),
        ("./" + "a" * 20_000, "which does not exist"),
        ("-e ~nouser", "names ~nouser, which does not exist"),
        ("-e -x", "names -x, which does not exist"),
    ],
    ids=lambda text: text[:12],
)
def test_a_path_that_is_not_a_project_is_refused(tmp_path: Path, line: str, why: str) -> None:
    """Whatever is written, the file system is asked for nothing that it cannot answer."""
    assert why in refusal(lambda: requirements_txt.parse(line, tmp_path / "requirements.txt"))


@pytest.mark.parametrize("line", ["/", "..", "-e ../empty"])
def test_a_folder_that_is_not_a_project_is_not_read(
    function: Path, shorts: Shorts, line: str
) -> None:
    """Before all of a folder is read, something has to show that it is a project's."""
    (function / "empty").mkdir()
    (function / "fn" / "requirements.txt").write_text(f"{line}\n".replace("..\n", "../\n"))
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert "cannot be built: it has neither a pyproject.toml nor a setup.py" in done.stderr


@pytest.mark.parametrize("name", ["--config-file=x", "-x", "--no-cache"])
def test_a_path_that_looks_like_an_option_is_a_path(
    function: Path, shorts: Shorts, name: str
) -> None:
    """A project's folder reaches uv by its absolute path: what runs is its own build."""
    project = function / name
    project.mkdir()
    (project / "pyproject.toml").write_text(
        f'{PROJECT}[build-system]\nrequires=[]\nbuild-backend="backend"\nbackend-path=["."]\n'
    )
    ran = function / "ran"
    (project / "backend.py").write_text(f"raise SystemExit(open({str(ran)!r}, 'w').close())\n")
    (function / "fn" / "requirements.txt").write_text(f"../{name}\n")
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert f"{name} cannot be built" in done.stderr
    assert ran.exists()


@pytest.mark.parametrize(
    "line", ["--config-file=x", "--python /bin/false", "--no-cache", "--allow-insecure-host x"]
)
def test_a_line_gives_uv_no_option(function: Path, shorts: Shorts, line: str) -> None:
    """Requirements reach uv by its standard input, where its options mean nothing."""
    (function / "fn" / "requirements.txt").write_text(f"--no-index\n{line}\na\n")
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert "requirements.txt: Unexpected '-'" in done.stderr


@pytest.mark.parametrize("name", ["--no-cache", "-x", "", "a b", "../x", "\n"])
def test_a_name_that_may_be_built_is_a_name(function: Path, shorts: Shorts, name: str) -> None:
    """What `--allow-sdist` is given goes to uv as a word of its command line."""
    done = shorts(["build", "--allow-sdist", name], function)
    assert done.returncode == 2
    assert "--allow-sdist: " in done.stderr


@pytest.mark.parametrize("name", ["-x-1.0-py3-none-any.whl", "a;b-1-py3-none-any.whl", "x.whl"])
def test_a_wheel_has_a_wheels_name(tmp_path: Path, name: str) -> None:
    """Its name and version are taken from there, and stand in requirements afterwards."""
    from shorts.requirements import local_projects

    (tmp_path / name).touch()
    store = Store(tmp_path / "store")
    assert "is not named like a wheel" in refusal(
        lambda: local_projects.wheel(tmp_path / name, store)
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{PROJECT}x={'[' * 20_000}{']' * 20_000}",
        f"{PROJECT}[{'.'.join('a' * 20_000)}]",
        f"{PROJECT}{'.'.join('a' * 20_000)}=1",
        f"x = {{{'.'.join('a' * 20_000)} = 1}}",
    ],
)
def test_a_project_that_is_nested_too_deep_is_refused(tmp_path: Path, text: str) -> None:
    """Neither the parser's stack decides nor its patience: a key takes the square of its parts."""
    (tmp_path / "pyproject.toml").write_text(text)
    assert "pyproject.toml is not valid TOML: " in refusal(lambda: manifest.find(tmp_path))


def test_common_toml_is_read() -> None:
    """Versions, addresses and long lines have many dots, and none of them is a key."""
    wheels = ", ".join(f'"a{number}==1.2.3.4"' for number in range(500))
    text = f'[tool.a.b-c."d.e"]\nx.y.z = [{wheels}]\nu = "{"." * 500}"\n# {"." * 500}\n'
    assert len(toml.loads(text)["tool"]["a"]["b-c"]["d.e"]["x"]["y"]["z"]) == 500


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "requirements.lock"])
def test_markers_that_are_nested_too_deep_are_refused(
    function: Path, shorts: Shorts, name: str
) -> None:
    """No parser falls over them, ours or uv's."""
    line = f"a==1 ; {DEEP}"
    text = f'{PROJECT}dependencies=["{line}"]\n' if name == "pyproject.toml" else f"{line}{HASH}\n"
    if name == "requirements.lock":
        (function / "fn" / "requirements.txt").write_text("a\n")
    (function / "fn" / name).write_text(text)
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert "has more than 200 parentheses" in done.stderr


@pytest.mark.parametrize("marker", ["garbage", "python_version >", "'x' in extras"])
def test_a_marker_that_cannot_be_used_is_refused(
    function: Path, shorts: Shorts, marker: str
) -> None:
    """uv does not see the marker of a project that is named by its path, and it is refused too."""
    (function / "p").mkdir()
    (function / "p" / "pyproject.toml").write_text(PROJECT)
    (function / "fn" / "requirements.txt").write_text(f"../p ; {marker}\n")
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert "requirements.txt" in done.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("%%%", "is not an exact requirement"),
        ("a==1", "names no exact version with hashes"),
        (f"a{HASH}", "is not an exact requirement"),
        ("a==1 --hash=sha256:zz", "'sha256:zz' of 'a==1' is not a hash"),
        ("a==1 --hash=foo:00", "'foo:00' of 'a==1' is not a hash"),
        ("a==1 --hash=sha256:" + "G" * 64, "is not a hash"),
        (f"a==1{HASH}\na==2{HASH}", "has a==1 and a==2 for python3.13 on x86_64"),
        (f"../../x==1{HASH}", "is not an exact requirement"),
        (f"a===../../x{HASH}", "names no exact version"),
        (f"a @ file:///dev/zero{HASH}", "is not an exact requirement"),
        (
            f"a @ https://localhost/a-1%2f..%2f-py3-none-any.whl{HASH}",
            "is not an exact requirement",
        ),
        (f"{'a' * 300}==1{HASH}", "is too long for a distribution"),
    ],
    ids=lambda text: text[:20],
)
def test_a_lock_of_another_form_is_refused(tmp_path: Path, line: str, why: str) -> None:
    """No name, version or hash gets into a path or a command that is not one."""
    assert why in refusal(lambda: lock_file.parse(line, TARGET, tmp_path / "requirements.lock"))


def test_a_line_that_stands_twice_is_one_pin(tmp_path: Path) -> None:
    """Two lines that say the same contradict nothing."""
    (pin,) = lock_file.parse(f"a==1{HASH}\na==1{HASH}\n", TARGET, tmp_path)
    assert str(pin) == "a==1"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (('"../../x"', '"1"', 'sha256="0"', ""), "is not a lock file of PEP 751"),
        (('"a"', '"../x"', 'sha256="0"', ""), "is not a lock file of PEP 751"),
        (('"a"', '"1"', 'sha256="zz"', ""), "is not a hash"),
        (('"a"', '"1"', 'foo="zz"', ""), "lacks a sha256"),
        (('"a"', '"1"', 'sha256="0"', f'marker="{DEEP}"\n'), "is not a lock file of PEP 751"),
        (('"a"', '"1"', 'sha256="0"', f"x={'[' * 20_000}{']' * 20_000}\n"), "is not valid TOML"),
    ],
)
def test_a_pylock_of_another_form_is_refused(
    function: Path, shorts: Shorts, parts: tuple[str, ...], why: str
) -> None:
    """What another tool has written is not believed more than it can be."""
    (function / "fn" / "pyproject.toml").write_text(f'{PROJECT}dependencies=["a"]\n')
    (function / "fn" / "pylock.toml").write_text(LOCK.format(*parts))
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert f"pylock.toml{'' if why == 'is not a hash' else ' '}" in done.stderr
    assert why in done.stderr


@pytest.mark.parametrize(
    "text",
    [b"garbage [", b"\xff", b"x=" + b"[" * 200_000, b"version = 99\n", b""],
    ids=["garbage", "bytes", "deep", "version", "empty"],
)
def test_a_uv_lock_of_another_form_is_refused(function: Path, shorts: Shorts, text: bytes) -> None:
    """It is uv's to read; what uv says of it is passed on."""
    project = f'{PROJECT}requires-python=">=3.9"\ndependencies=["a"]\n'
    (function / "fn" / "pyproject.toml").write_text(project)
    (function / "fn" / "uv.lock").write_bytes(text)
    done = shorts(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1
    assert "pyproject.toml: " in done.stderr or "uv.lock is not UTF-8" in done.stderr
