"""Folders that a build replaces: which it may, and that nothing is lost on the way."""

import fcntl
import os
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.system import atomic, build_folder

BUILT = "Resources:\n  F:\n    Metadata:\n      SamResourceId: F\n"
STATE = '[function_build_definitions.one]\nfunctions = ["F", "G"]\n'
LAYER = '[layer_build_definitions.two]\nlayer = "L"\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build folder of an application that the working folder holds."""
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "app" / "out"


def fill(folder: Path, **files: str) -> None:
    """Write files; in their names a double underscore is a slash and a single one a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def refusal(folder: Path, *sources: Path) -> str:
    """Return why a folder is refused; empty where it may be replaced."""
    try:
        build_folder.check_allowed(folder, sources)
        build_folder.check_left_by_build(folder, (), ())
    except ShortsError as error:
        return str(error).partition(",")[0]
    return ""


def test_takes_a_folder_that_is_not_there_or_empty(place: Path) -> None:
    """Nothing can be lost there."""
    assert refusal(place) == ""
    place.mkdir()
    assert refusal(place) == ""


@pytest.mark.parametrize(
    "files",
    [
        {"template_yaml": BUILT, "F__app_py": ""},
        {"template_yaml": BUILT, "F_zip": "", "F_cdx_json": "", "F_manifest_json": ""},
        {"F_zip": "", "F_manifest_json": '{"zip": {"path": "F.zip"}}', "template_yaml": "a: 1"},
        {"../build_toml": STATE, "F__app_py": "", "G__app_py": ""},
        {"../build_toml": STATE + LAYER, "F__app_py": "", "L__python__a_py": ""},
    ],
    ids=["sam", "shorts", "shorts-with-extensions", "sam-unfinished", "sam-layer"],
)
def test_takes_what_a_build_has_left(place: Path, files: dict[str, str]) -> None:
    """The layout of `sam build` and of `shorts build` is known without any memory."""
    place.mkdir()
    for name, text in files.items():
        base = place.parent if name.startswith("../") else place
        fill(base, **{name.removeprefix("../"): text})
    assert refusal(place) == ""


@pytest.mark.parametrize(
    ("files", "stranger"),
    [
        ({"notes_txt": "mine"}, "notes.txt"),
        ({"template_yaml": BUILT, "F__app_py": "", "README_md": "mine"}, "README.md"),
        ({"template_yaml": "Resources:\n  F: {}\n", "F__app_py": ""}, "F"),
        ({"template_yaml": "Resources:\n  F: {}\n"}, "template.yaml"),
        ({"template_yaml": BUILT, "_env": "SECRET=1"}, ".env"),
        ({"F_zip": "", "F_manifest_json": "{}"}, "F.manifest.json"),
        ({"../build_toml": "functions = 1", "F__app_py": ""}, "F"),
        ({"../build_toml": "\x00", "F__app_py": ""}, "F"),
        ({"../build_toml": "a = " + "[" * 5000, "F__app_py": ""}, "F"),
    ],
)
def test_refuses_what_no_build_has_left(place: Path, files: dict[str, str], stranger: str) -> None:
    """One file of the user's is enough, and the message names it."""
    place.mkdir()
    for name, text in files.items():
        base = place.parent if name.startswith("../") else place
        fill(base, **{name.removeprefix("../"): text})
    assert refusal(place) == f"The build folder out holds {stranger}"


def test_takes_a_folder_that_is_remembered(place: Path) -> None:
    """Where a file of the last build lies, a stray one goes with the rest."""
    fill(place, F_zip="", stray_txt="")
    build_folder.check_left_by_build(place, ["F.zip"], ())
    with pytest.raises(ShortsError, match=r"holds F\.zip, which no build has left there"):
        build_folder.check_left_by_build(place, ["G.zip"], ())


def test_refuses_the_home_folder_and_all_above(place: Path, tmp_path: Path) -> None:
    """By whatever path; an empty folder in it may be taken."""
    (tmp_path / "home" / "photos").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "home")
    for folder in (tmp_path / "home", tmp_path / "link" / ".." / "home", tmp_path):
        assert refusal(folder).endswith("is your home folder"), folder
    assert refusal(tmp_path / "home" / "photos") == ""


def test_refuses_the_working_folder_and_all_above(place: Path) -> None:
    """The application lies there."""
    for folder in (Path(), place.parent, Path("out/..")):
        assert refusal(folder) == "The build folder . is the working folder"


def test_refuses_mount_points(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount point is refused, and what holds one, its name decoded."""
    table = place.with_name("mountinfo")
    table.write_text(f"36 35 98:0 / {place}/a\\040b rw,noatime - ext3 /dev/root rw\n")
    monkeypatch.setattr(build_folder, "_MOUNTS", table)
    (place / "a b").mkdir(parents=True)
    assert refusal(place / "a b") == "The build folder out/a b is a mount point"
    assert refusal(place) == f"The build folder out holds {place}/a b"
    table.unlink()
    assert refusal(place / "a b") == ""


def test_refuses_what_holds_a_source(place: Path) -> None:
    """What the application is read from is safe, however its path is written."""
    fill(place, src__app_py="")
    (place.parent / "link").symlink_to(place / "src")
    fill(place, template_yaml=BUILT.replace("F", "src"))
    assert refusal(place) == ""
    for source in (place, place / "src", place / "src/app.py", place.parent / "link"):
        assert refusal(place, source) == f"The build folder out holds {os.path.relpath(source)}"
    assert refusal(place, place / "gone", place.parent) == ""


def test_refuses_repositories(place: Path) -> None:
    """Neither a repository nor its own folder is replaced, empty or not."""
    fill(place, template_yaml=BUILT, _git__HEAD="")
    assert refusal(place) == "The build folder out holds out/.git"
    assert refusal(place / ".git" / "new").endswith("lies in the .git folder of a repository")


def test_refuses_files(place: Path) -> None:
    """A file is not a folder."""
    place.write_text("mine")
    assert refusal(place) == "The build folder out is a file"


@pytest.mark.parametrize("target", ["../home", ".", "gone"])
def test_refuses_links(place: Path, target: str, tmp_path: Path) -> None:
    """A link is refused, and one on the way there from the working folder, wherever it leads."""
    (tmp_path / "home").mkdir()
    place.symlink_to(target)
    for folder in (place, Path("out"), place / "build", Path("out/a/b")):
        assert refusal(folder).startswith("out is a symbolic link to"), folder


def test_takes_links_above_the_working_folder(place: Path, tmp_path: Path) -> None:
    """Where the working folder itself lies is the user's to say."""
    (tmp_path / "way").symlink_to(tmp_path / "app")
    assert refusal(tmp_path / "way" / "out") == ""
    (place.parent / ".aws-sam").symlink_to(tmp_path)
    assert "is a symbolic link" in refusal(tmp_path / "way" / ".aws-sam" / "build")


def test_swap_takes_the_formers_place(place: Path) -> None:
    """The new folder takes the place of the former one, of which nothing is left."""
    fill(place, old="old")
    with build_folder.staged(place) as new:
        fill(new, new="new")
        atomic.swap(new, place)
    assert [path.name for path in place.iterdir()] == ["new"]
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_a_failed_swap_keeps_the_former(place: Path) -> None:
    """If the new folder cannot be moved, the former one is where it was."""
    fill(place, old="old")
    with build_folder.staged(place) as new:
        new.rmdir()
        with pytest.raises(FileNotFoundError):
            atomic.swap(new, place)
    assert [path.name for path in place.iterdir()] == ["old"]
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_a_killed_build_is_swept(place: Path) -> None:
    """What a killed build has left goes with the next, and a folder that it moved comes back."""
    work = place.with_name(".out.0123456789abcdef")
    fill(work, _shorts="", former__old="old", new__new="new")
    place.with_name(".out.fedcba9876543210").mkdir()
    with build_folder.staged(place):
        assert [path.name for path in place.iterdir()] == ["old"]
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_only_our_own_is_swept(place: Path) -> None:
    """No folder without our mark goes, whatever its name, and none that another build works in."""
    mine = {
        "_out_0123456789abcdef__notes_txt": "no mark",
        "_out_123__shorts": "another name",
        "_out_bak__notes_txt": "mine",
        "_out_fedcba9876543210__a": "held",
        "_out_fedcba9876543210___shorts": "",
    }
    for name, text in mine.items():
        fill(place.parent, **{name: text})
    (place.with_name(".out.aaaaaaaaaaaaaaaa")).symlink_to(place.with_name(".out.bak"))
    before = sorted(place.parent.rglob("*"))
    with (place.with_name(".out.fedcba9876543210") / ".shorts").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with build_folder.staged(place):
            pass
    assert sorted(place.parent.rglob("*")) == before


def test_a_mark_that_is_a_link_is_not_written_through(place: Path) -> None:
    """What a link in the mark's place leads to stays as it is."""
    fill(place.parent, mine="mine")
    work = place.with_name(".out.0123456789abcdef")
    work.mkdir()
    (work / ".shorts").symlink_to(place.with_name("mine"))
    with build_folder.staged(place):
        pass
    assert place.with_name("mine").read_text() == "mine"


def test_many_sources_cost_little(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that holds many sources is looked at once, not once for each."""
    place.mkdir()
    sources = [place.parent / "src" / f"{number}.py" for number in range(500)]
    fill(place.parent, **{f"src__{number}_py": "" for number in range(500)})
    looked: list[Path] = []
    same = build_folder._is_same

    def counted(path: Path, other: Path) -> bool:
        looked.append(path)
        return same(path, other)

    monkeypatch.setattr(build_folder, "_is_same", counted)
    assert refusal(place, *sources) == ""
    assert len(looked) < len(sources) + 10 * len(place.parts)
