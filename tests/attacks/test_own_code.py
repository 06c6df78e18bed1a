"""A function's own code that changes, or is replaced, while it is built; or is not code at all."""

import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shorts.artifact import plan
from shorts.errors import ShortsError
from shorts.system import source_tree
from tests.conftest import Shorts


def zipped(application: Path) -> dict[str, bytes]:
    """Return what the zip of F holds, without bytecode."""
    with zipfile.ZipFile(application / ".aws-sam" / "build" / "F.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".pyc" not in name}


def test_an_edit_during_a_build(
    function: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The zip holds what its key says, and the next build has the edit."""
    (function / "fn" / "lib.py").write_text("X = 1\n")
    collect = plan.collect

    def edited(*arguments: object, **named: object) -> list[plan.BuildUnit]:
        collected = collect(*arguments, **named)  # type: ignore[arg-type]
        (function / "fn" / "lib.py").write_text("X = 2\n")
        return collected

    with monkeypatch.context() as patch:
        patch.setattr(plan, "collect", edited)
        assert shorts(["build"], function).returncode == 0
    assert zipped(function)["lib.py"] == b"X = 1\n"
    done = shorts(["build"], function)
    assert "built" in done.stdout
    assert zipped(function)["lib.py"] == b"X = 2\n"
    assert "unchanged" in shorts(["build"], function).stdout


@pytest.mark.parametrize(
    ("edited", "text", "said"),
    [
        ("fn/requirements.txt", "--no-index\n../lib\n", "fn/requirements.txt changed while"),
        ("lib/lib/__init__.py", "X = 2\n", "fn/requirements.txt changed while"),
        ("events/one.json", "[", ""),
    ],
)
def test_an_edit_of_what_is_read_later(
    edited: str,
    text: str,
    said: str,
    function: Path,
    shorts: Shorts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Requirements and local projects that change meanwhile are named; events are read once."""
    files = {
        "fn/requirements.txt": "../lib\n",
        "lib/pyproject.toml": "[project]\nname = 'lib'\nversion = '1'\n",
        "lib/lib/__init__.py": "X = 1\n",
        "events/one.json": "{}",
        "fn/app.py": "import lib\ndef handler(event, context):\n    return [event, lib.X]\n",
    }
    for name, content in files.items():
        (function / name).parent.mkdir(parents=True, exist_ok=True)
        (function / name).write_text(content)
    template = (function / "template.yaml").read_text()
    metadata = "    Metadata: {Shorts: {Events: [events/*.json]}}\n    Properties"
    (function / "template.yaml").write_text(template.replace("    Properties", metadata))
    collect = plan.collect

    def editing(*arguments: object, **named: object) -> list[plan.BuildUnit]:
        collected = collect(*arguments, **named)  # type: ignore[arg-type]
        (function / edited).write_text(text)
        return collected

    with monkeypatch.context() as patch:
        patch.setattr(plan, "collect", editing)
        done = shorts(["build"], function)
    assert (done.returncode, said in done.stderr) == (1 if said else 0, True), done.stderr
    (function / edited).write_text(files[edited])
    assert shorts(["build"], function).returncode == 0
    assert zipped(function)["app.py"].decode() == files["fn/app.py"]


@pytest.fixture
def exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Callable[[Path], None]], str]:
    """Read a folder in which something is exchanged just before it is opened; what is said."""
    folder = tmp_path / "fn"
    (folder / "pkg").mkdir(parents=True)
    (folder / "app.py").write_text("")
    (folder / "pkg" / "data.txt").write_text("")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "data.txt").write_text("the user's")

    def read(name: str, replace: Callable[[Path], None]) -> str:
        looked = (
            source_tree._Walk._is_passed_over if name == "pkg" else source_tree._Walk._is_left_out
        )

        def exchanged(self: source_tree._Walk, entry: str | Path) -> bool:
            if Path(entry).name == name:
                path = folder / name
                path.rename(tmp_path / "gone")
                replace(path)
            return looked(self, entry)  # type: ignore[arg-type]

        monkeypatch.setattr(source_tree._Walk, looked.__name__, exchanged)
        try:
            return str([file.content for file in source_tree.read(folder).files])
        except ShortsError as error:
            return str(error).replace(str(tmp_path), "")

    return read


@pytest.mark.parametrize(
    ("name", "replace", "said"),
    [
        ("app.py", lambda path: path.symlink_to("../outside/data.txt"), "was replaced"),
        ("app.py", lambda path: os.mkfifo(path), "was replaced"),
        ("app.py", lambda path: path.mkdir(), "was replaced"),
        ("app.py", lambda path: None, "cannot be read: No such file"),
        ("pkg", lambda path: path.symlink_to("../outside"), "was replaced"),
        ("pkg", lambda path: path.write_text(""), "was replaced"),
        ("pkg", lambda path: None, "cannot be read: No such file"),
    ],
    ids=["link", "pipe", "folder", "gone", "folder-link", "folder-file", "folder-gone"],
)
def test_what_is_exchanged_while_it_is_read(
    name: str,
    replace: Callable[[Path], None],
    said: str,
    exchange: Callable[[str, Callable[[Path], None]], str],
) -> None:
    """It is named, nothing from outside is read, and nothing waits."""
    assert exchange(name, replace).startswith(f"/fn/{name} {said}")


def test_what_is_no_file_is_passed_over(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """Pipes, sockets and links to devices: nothing waits for them, and `-v` names them."""
    os.mkfifo(function / "fn" / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(function / "fn" / "socket"))
        done = shorts(["build", "-v"], function)
    assert done.returncode == 0, done.stderr
    assert "left out of fn: pipe.py, socket" in done.stderr
    assert list(zipped(function)) == ["app.py"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/dev/zero", "left out of fn: link"),
        (
            "/etc/passwd",
            "fn/link is a symbolic link out of the repository, to /etc/passwd",
        ),
        ("..", "fn/link is a symbolic link to a folder that contains it"),
    ],
)
def test_links_out_of_the_folder(function: Path, shorts: Shorts, target: str, said: str) -> None:
    """What is code is followed with a warning; a device is passed over, a circle refused."""
    (function / "fn" / "link").symlink_to(target)
    done = shorts(["build", "-v"], function)
    assert (done.returncode, said in done.stderr) == (int(target == ".."), True)


@pytest.mark.parametrize("where", ["fn", "layer", "lib"])
def test_a_file_of_ten_gigabytes(function: Path, shorts: Shorts, where: str) -> None:
    """A sparse file is refused by its size, before it is read."""
    (function / "layer").mkdir()
    (function / "lib").mkdir()
    (function / "lib" / "pyproject.toml").write_text("[project]\nname='lib'\nversion='1'\n")
    with (function / "template.yaml").open("a") as template:
        template.write("  L:\n    Type: AWS::Serverless::LayerVersion\n")
        template.write("    Properties: {ContentUri: layer}\n")
        template.write("    Metadata: {BuildMethod: python3.13}\n")
    if where == "lib":
        (function / "fn" / "requirements.txt").write_text("../lib\n")
    with (function / where / "large.bin").open("wb") as file:
        file.truncate(10 * 1024**3)
    done = shorts(["build"], function)
    assert done.returncode == 1
    assert f"{where} holds more than 1,074 MB, of which " in done.stderr
    assert f"{where}/large.bin is 10,737" in done.stderr


def test_folders_deeper_than_any_path(tmp_path: Path) -> None:
    """A path that Linux does not open is refused, however it came to be."""
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=at)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    with pytest.raises(ShortsError, match="is deeper than a path on Linux can be"):
        source_tree.read(tmp_path)


def test_many_levels_of_folders(tmp_path: Path) -> None:
    """Three hundred folders in each other are read."""
    folder = top = tmp_path / "fn"
    top.mkdir()
    for _ in range(300):
        folder = folder / "d"
        folder.mkdir()
    (folder / "deep.txt").write_text("deep")
    (file,) = source_tree.read(top).files
    assert (file.path, file.content) == (f"{'d/' * 300}deep.txt", b"deep")


def test_names_that_differ_by_case_or_form(function: Path, shorts: Shorts) -> None:
    """Linux tells them apart, and so does the zip."""
    names = {"a.txt", "A.txt", "\u00e9.txt", "e\u0301.txt", "\u212b", "\u00c5"}
    for name in names:
        (function / "fn" / name).write_text(name)
    assert shorts(["build"], function).returncode == 0
    assert {*zipped(function)} == names | {"app.py"}
