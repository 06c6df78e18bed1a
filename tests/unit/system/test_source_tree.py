"""Folders are really written, with links and names of every kind."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.system import source_tree
from shorts.system.source_tree import File

Files = Mapping[str, tuple[bytes, bool]]


def laid(root: Path, files: Files) -> Path:
    """Write files below a folder, in the mapping's order."""
    for path, (content, executable) in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
        (root / path).chmod(0o755 if executable else 0o644)
    return root


def plain(*paths: str) -> Files:
    return dict.fromkeys(paths, (b"", False))


def paths(root: Path) -> list[str]:
    return [file.path for file in source_tree.read(root).files]


def digest(files: Files) -> str:
    with TemporaryDirectory() as folder:
        return source_tree.read(laid(Path(folder), files)).digest


def test_reads_all_files_by_path(tmp_path: Path) -> None:
    """Files come by path with their contents and whether their owner may run them."""
    laid(tmp_path, {"b/run.sh": (b"x", True), "app.py": (b"y", False), "a.b/c.txt": (b"", False)})
    (tmp_path / "empty").mkdir()
    (tmp_path / "app.py").chmod(0o677)
    tree = source_tree.read(tmp_path)
    assert tree.root == str(tmp_path)
    assert tree.files == [
        File(path="a.b/c.txt", executable=False, content=b""),
        File(path="app.py", executable=False, content=b"y"),
        File(path="b/run.sh", executable=True, content=b"x"),
    ]


# Written out again here, for this is the list that users of `sam build` rely on.
SAM_LEAVES_OUT = (
    ".aws-sam .chalice .git .gitignore __pycache__ .Python pip-log.txt"
    " pip-delete-this-directory.txt htmlcov .tox .nox .coverage .cache .pytest_cache"
    " .python-version .mypy_cache .dmypy.json .pyre .env .venv venv venv.bak env.bak ENV env"
    " .vscode .idea x.pyc x.egg-info x.egg"
).split()
OURS = [".ruff_cache", ".hypothesis", "node_modules", "requirements.lock"]


@pytest.mark.parametrize("name", SAM_LEAVES_OUT + OURS)
def test_leaves_out_what_is_not_the_functions(tmp_path: Path, name: str) -> None:
    """Caches, environments, repositories and the lock stay behind, files or folders, anywhere."""
    laid(tmp_path, plain("app.py", f"deep/er/{name}", f"{name}/x.py" if "." not in name else name))
    assert paths(tmp_path) == ["app.py"]


@pytest.mark.parametrize(
    "name", ["lib.so", "requirements.txt", ".hidden", "environment.py", "myvenv.py", "egg", "git"]
)
def test_keeps_everything_else(tmp_path: Path, name: str) -> None:
    """The user's own libraries and hidden files are kept, and names that only resemble others."""
    laid(tmp_path, plain(name))
    assert paths(tmp_path) == [name]


def test_leaves_out_virtual_environments_of_any_name(tmp_path: Path) -> None:
    """A folder with a pyvenv.cfg is an environment, whatever its name."""
    laid(tmp_path, plain("app.py", "py313/pyvenv.cfg", "py313/lib/x.py", "pkg/mine/pyvenv.cfg"))
    assert paths(tmp_path) == ["app.py"]


def test_takes_names_in_any_script(tmp_path: Path) -> None:
    """A path is text in any script, and spaces in it are fine."""
    names = ["données/été.txt", "日本語.py", "with space.py", "🐍.txt"]
    laid(tmp_path, plain(*names))
    assert paths(tmp_path) == sorted(names)


def test_refuses_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A file with a name that is not UTF-8 is refused by its path, for no zip can hold it."""
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt"), "wb"):
        pass
    with pytest.raises(ShortsError, match="UTF-8"):
        source_tree.read(tmp_path)


def test_refuses_what_is_no_folder(tmp_path: Path) -> None:
    """A CodeUri that names a file or nothing is refused by its path."""
    laid(tmp_path, plain("app.py"))
    for path in (tmp_path / "app.py", tmp_path / "gone"):
        with pytest.raises(ShortsError) as caught:
            source_tree.read(path)
        assert str(caught.value) == f"{path} is not a folder, but the template takes code from it."


def test_follows_links_within_the_folder(tmp_path: Path) -> None:
    """A link to a file or folder within is read as what it leads to."""
    laid(tmp_path, {"lib/run.py": (b"x", True)})
    (tmp_path / "app.py").symlink_to("lib/run.py")
    (tmp_path / "other").symlink_to(tmp_path / "lib")
    assert [
        (file.path, file.executable, file.content) for file in source_tree.read(tmp_path).files
    ] == [
        ("app.py", True, b"x"),
        ("lib/run.py", True, b"x"),
        ("other/run.py", True, b"x"),
    ]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """A CodeUri that is a link is read, and links in it are judged by where it leads."""
    laid(tmp_path, plain("real/a.py"))
    (tmp_path / "real/b.py").symlink_to("a.py")
    (tmp_path / "fn").symlink_to("real")
    assert paths(tmp_path / "fn") == ["a.py", "b.py"]


def test_follows_a_link_out_of_the_folder(tmp_path: Path) -> None:
    """What it leads to is read, counts for the digest, and is named."""
    laid(tmp_path, plain("fn/app.py", "fn-shared/x.py"))
    for target, path in (("fn-shared", "link/x.py"), ("fn-shared/x.py", "link")):
        link = tmp_path / "fn/link"
        link.symlink_to(f"../{target}")
        read = source_tree.read(tmp_path / "fn")
        assert [file.path for file in read.files] == ["app.py", path]
        assert read.links == [(str(link), str(tmp_path / target))]
        (tmp_path / "fn-shared/x.py").write_text(f"# {target}")
        assert source_tree.read(tmp_path / "fn").digest != read.digest
        link.unlink()


def test_a_link_out_may_lead_to_links(tmp_path: Path) -> None:
    """Links in what a link leads to are followed too; one back to the folder is refused."""
    laid(tmp_path, plain("fn/app.py", "lib/x.py", "other/y.py"))
    (tmp_path / "fn/lib").symlink_to("../lib")
    (tmp_path / "lib/other").symlink_to(tmp_path / "other")
    assert paths(tmp_path / "fn") == ["app.py", "lib/other/y.py", "lib/x.py"]
    (tmp_path / "other/back").symlink_to("../fn")
    with pytest.raises(ShortsError, match="is a symbolic link to a folder that contains it"):
        source_tree.read(tmp_path / "fn")


def test_finds_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the nearest folder with ``.git``, else the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    assert source_tree.repository(folder) == tmp_path
    (tmp_path / "a/.git").write_text("gitdir: elsewhere\n")
    assert source_tree.repository(folder) == tmp_path / "a"


@pytest.mark.parametrize("target", ["gone", "link", "app.py/x"])
def test_refuses_a_link_that_leads_nowhere(tmp_path: Path, target: str) -> None:
    """A link to what is not there, or to itself, is refused."""
    laid(tmp_path, plain("app.py"))
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(ShortsError) as caught:
        source_tree.read(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'link'} is a broken symbolic link."


@pytest.mark.parametrize(("target", "holder"), [(".", "a"), ("..", "."), ("../a", "a")])
def test_refuses_a_link_to_what_holds_it(tmp_path: Path, target: str, holder: str) -> None:
    """A link to a folder that it lies in would be copied without end, so it is refused."""
    laid(tmp_path, plain("a/app.py"))
    link = tmp_path / "a/link"
    link.symlink_to(target)
    with pytest.raises(ShortsError) as caught:
        source_tree.read(tmp_path)
    assert str(caught.value) == (
        f"{link} is a symbolic link to a folder that contains it, {(tmp_path / holder).resolve()}."
    )


def test_refuses_links_that_lead_to_each_other(tmp_path: Path) -> None:
    """Two folders with links to each other would be copied without end, so they are refused."""
    laid(tmp_path, plain("a/app.py", "b/lib.py"))
    (tmp_path / "a/link").symlink_to("../b")
    (tmp_path / "b/link").symlink_to("../a")
    with pytest.raises(ShortsError, match="is a symbolic link to a folder that contains it"):
        source_tree.read(tmp_path)


def test_links_that_are_left_out_may_lead_anywhere(tmp_path: Path) -> None:
    """A link of a name that is left out is not looked at."""
    (tmp_path / ".venv").symlink_to("/nowhere")
    assert paths(tmp_path) == []


def test_passes_over_what_is_no_file(tmp_path: Path) -> None:
    """A pipe is not read, which would wait without end."""
    laid(tmp_path, plain("app.py"))
    os.mkfifo(tmp_path / "pipe")
    assert paths(tmp_path) == ["app.py"]


def test_digest_is_of_paths_modes_and_contents(tmp_path: Path) -> None:
    """Where the folder is and when its files were written does not count."""
    files: Files = {"a.py": (b"x", False), "b/c": (b"y", True)}
    laid(tmp_path, files)
    os.utime(tmp_path / "a.py", (1, 1))
    (tmp_path / "empty").mkdir()
    assert source_tree.read(tmp_path).digest == digest(files)


name = st.text(st.sampled_from("ab.é0"), min_size=1, max_size=3).filter(
    lambda text: text.strip(".") != ""
)
path = st.lists(name, min_size=1, max_size=2).map("/".join)
trees = st.dictionaries(path, st.tuples(st.binary(max_size=3), st.booleans()), max_size=4).filter(
    lambda tree: not any(f"{one}/" == two[: len(one) + 1] for one in tree for two in tree)
)


@settings(max_examples=60)
@given(trees, st.data())
def test_order_of_creation_does_not_count(tree: Files, data: st.DataObject) -> None:
    """The same files are the same tree, in whatever order they were written."""
    order = data.draw(st.permutations(list(tree)))
    assert digest({path: tree[path] for path in order}) == digest(tree)


@settings(max_examples=100)
@given(trees, trees)
def test_any_other_tree_has_another_digest(one: Files, two: Files) -> None:
    """Trees that differ in a name, a mode or a content have different digests."""
    assert (digest(one) == digest(two)) == (one == two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"a": (b"", False)}, {"a": (b"", True)}),
        ({"a": (b"x", False)}, {"a": (b"y", False)}),
        ({"a": (b"", False)}, {"b": (b"", False)}),
        ({"a": (b"b", False)}, {"ab": (b"", False)}),
        ({"a": (b"1\0b", False)}, {"a": (b"", False), "b": (b"", False)}),
        ({"a": (b"", False), "b": (b"", False)}, {"a": (b"b\x0000\x00", False)}),
        ({"a": (b"", False), "b": (b"", False)}, {"a": (b"b\x000\x00", False)}),
    ],
)
def test_every_part_of_a_file_counts(one: Files, two: Files) -> None:
    """A mode, a content, a name, and where one file ends and the next begins change the digest."""
    assert digest(one) != digest(two)


@pytest.fixture
def _open_mask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_mask")
def test_what_others_may_do_does_not_count() -> None:
    """Only the owner's right to run a file counts, not the machine's mask."""
    assert digest({"a": (b"", True)}) == digest({"a": (b"", True)})
    with TemporaryDirectory() as folder:
        laid(Path(folder), {"a": (b"", False)})
        (Path(folder) / "a").chmod(0o600)
        assert source_tree.read(Path(folder)).digest == digest({"a": (b"", False)})
