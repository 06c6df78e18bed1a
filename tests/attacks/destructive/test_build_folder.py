"""`-b` at what it must not replace: the whole command, and every file is counted afterwards."""

from pathlib import Path

import pytest

from tests.attacks.conftest import inventory
from tests.attacks.destructive.conftest import Sandboxed

# What is in the way, by the build folder that is named; `{home}` and `{app}` are put in.
REFUSED = {
    "{home}": "your home folder",
    "{home}/..": "your home folder",
    "/": "is not writable",
    "/tmp": "",
    "/proc": "",
    "/dev/shm": "",
    "/etc": "is not writable",
    ".": "the working folder",
    "..": "",
    "docs": "holds guide.md",
    "fn": "holds fn",
    "layer": "holds layer",
    "common": "holds common",
    "events": "holds one.json",
    "deep": "holds deep/code",
    "fn/lib": "holds data.txt",
    "template.yaml": "is a file",
    "config": "holds config/samconfig.toml",
    ".git": "lies in the .git folder",
    ".git/new": "lies in the .git folder",
    "vendored": "holds vendored/.git",
    "link": "is a symbolic link",
    "link/new": "is a symbolic link",
    ".aws-sam": "",
    "{home}/photos": "holds cat.jpg",
}
TAKEN = ["new", "empty", "a/b/c", "fn/out", "fn/empty", ".aws-sam/build", "{home}/new"]
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13, Layers: [!Ref L]}
    Metadata:
      Shorts: {SourceRoots: [common], Events: [events/*.json]}
  G:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13}
  D:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: deep/code, Handler: app.handler, Runtime: python3.13}
  L:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer}
    Metadata: {BuildMethod: python3.13}
  N:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: node, Handler: app.handler, Runtime: provided.al2023}
    Metadata: {BuildMethod: makefile}
"""
FILES = {
    "template.yaml": TEMPLATE,
    "fn/app.py": "def handler(event, context):\n    return event\n",
    "fn/lib/data.txt": "data",
    "deep/code/app.py": "def handler(event, context):\n    return event\n",
    "layer/shared.py": "X = 1\n",
    "common/more.py": "Y = 2\n",
    "events/one.json": "{}",
    "node/Makefile": "build-N:\n\tcp Makefile $(ARTIFACTS_DIR)/\n",
    "docs/guide.md": "# Guide\n",
    "config/samconfig.toml": "version = 0.1\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "vendored/.git/HEAD": "ref: refs/heads/main\n",
}


@pytest.fixture
def app(tmp_path: Path, home: Path) -> Path:
    """An application with everything that a build folder must not be."""
    folder = tmp_path / "work" / "app"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "empty").mkdir()
    (folder / "fn" / "empty").mkdir()
    (folder / "link").symlink_to(home)
    return folder


def users_files(tmp_path: Path) -> dict[str, bytes]:
    """Return all that was there before, without what shorts remembers."""
    return {
        name: content
        for part in ("home", "work")
        for name, content in inventory(tmp_path / part).items()
        if ".aws-sam" not in name
    }


@pytest.mark.parametrize("named", REFUSED)
def test_what_is_refused(named: str, app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """The build says what is in the way, and every file of the user's is as it was."""
    before = users_files(tmp_path)
    where = named.format(home=tmp_path / "home", app=app)
    config = ["--config-file", "config/samconfig.toml"]
    done = sandboxed(["build", "-b", where, *config], app)
    assert done.returncode in (1, 2), done  # 2 where SAM's own options refuse it
    assert REFUSED[named] in done.stderr
    assert "Traceback" not in done.stderr
    assert users_files(tmp_path) == before


@pytest.mark.parametrize("named", TAKEN)
def test_what_is_taken(named: str, app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """A folder that is absent or empty is built into, twice, and all else is as it was."""
    before = {name for name in users_files(tmp_path) if not name.endswith("empty/")}
    where = Path(app, named.format(home=tmp_path / "home"))
    for _ in range(2):
        done = sandboxed(["build", "G", "-b", str(where)], app)
        assert done.returncode == 0, done.stderr
        assert sorted(path.name for path in where.iterdir()) == [
            "G.cdx.json", "G.manifest.json", "G.zip", "template.yaml"
        ]  # fmt: skip
    assert before <= users_files(tmp_path).keys()


def test_samconfig_counts_like_the_option(app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """A build folder that samconfig.toml names is looked at like one of the command line."""
    for named in ("docs", "fn", str(tmp_path / "home"), "link"):
        (app / "samconfig.toml").write_text(
            f"version = 0.1\n[default.build.parameters]\nbuild_dir = '{named}'\n"
        )
        before = users_files(tmp_path)
        done = sandboxed(["build"], app)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert users_files(tmp_path) == before


@pytest.mark.parametrize("link", [".aws-sam", ".aws-sam/build", ".aws-sam/shorts"])
@pytest.mark.parametrize("command", [["build"], ["local", "invoke", "F"], ["lock"], ["check"]])
def test_links_that_a_repository_holds(
    link: str, command: list[str], app: Path, tmp_path: Path, sandboxed: Sandboxed
) -> None:
    """What a link in SAM's folder leads to is neither read nor written."""
    (app / link).parent.mkdir(exist_ok=True)
    (app / link).symlink_to(tmp_path / "home")
    before = inventory(tmp_path / "home")
    done = sandboxed(command, app)
    assert "Traceback" not in done.stderr, done.stderr
    if command == ["build"]:
        assert f"{link} is a symbolic link to {tmp_path}/home" in done.stderr
    assert inventory(tmp_path / "home") == before


def test_a_folder_that_sam_has_built_is_taken(
    app: Path, tmp_path: Path, sandboxed: Sandboxed
) -> None:
    """`shorts build` replaces what `sam build` has left, but not with a file of the user's."""
    built = app / ".aws-sam" / "build"
    (built / "F").mkdir(parents=True)
    (built / "F" / "app.py").write_text("")
    (built / "template.yaml").write_text(
        "Resources:\n  F:\n    Metadata:\n      SamResourceId: F\n"
    )
    (built / "mine.txt").write_text("mine")
    done = sandboxed(["build", "G"], app)
    assert "holds mine.txt, which no build has left there" in done.stderr
    (built / "mine.txt").unlink()
    done = sandboxed(["build", "G"], app)
    assert done.returncode == 0, done.stderr
    assert (built / "G.zip").is_file()


def test_a_page_overwrites_nothing(app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """`size --html` writes a new page, or over a page of its own; nothing else is overwritten."""
    assert sandboxed(["build", "G"], app).returncode == 0
    before = users_files(tmp_path)
    for named in ("docs", "template.yaml", "fn/app.py", str(tmp_path / "home"), "link", "gone/p"):
        done = sandboxed(["size", "G", "--html", named], app)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert users_files(tmp_path) == before
    for _ in range(2):
        done = sandboxed(["size", "G", "--html", "page.html"], app)
        assert done.returncode == 0, done.stderr
    assert (app / "page.html").read_text().startswith("<!doctype html>")
