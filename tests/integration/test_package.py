"""The package: its wheel holds what the command needs, and says what it is."""

import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import shorts
from shorts.system import process
from tests.conftest import ROOT

SITE = "https://github.com/owner/name"
RELEASE = {"GITHUB_REPOSITORY": "owner/name", "GITHUB_REF_NAME": "v1"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as the release workflow builds it."""
    out = tmp_path_factory.mktemp("dist")
    uv = process.tool("uv")
    how = ["--no-build-isolation", "--python", sys.executable, "--out-dir", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_SERVER_URL", "https://github.com")
        for name, value in RELEASE.items():
            patch.setenv(name, value)
        process.run([uv, "build", "--wheel", "--quiet", *how, str(ROOT)])
    (made,) = out.glob("*.whl")
    return made


def test_the_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = f"shorts-{shorts.__version__}.dist-info"
        metadata = message_from_bytes(archive.read(f"{info}/METADATA"))
    assert metadata["Version"] == shorts.__version__
    assert metadata["License-Expression"] == "MIT"
    assert f"{info}/licenses/LICENSE" in names
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL", []))
    assert urls == {
        "Homepage": SITE,
        "Documentation": "https://owner.github.io/name/",
        "Changelog": f"{SITE}/blob/main/CHANGELOG.md",
        "Issues": f"{SITE}/issues",
    }


def test_every_link_of_the_readme_is_absolute_and_leads_to_a_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        said = archive.read(f"shorts-{shorts.__version__}.dist-info/METADATA").decode()
    links = re.findall(r"\]\(([^)]+)\)", said)
    assert len(links) > 5
    assert all(link.startswith(f"{SITE}/blob/v1/") for link in links)
    assert [
        link for link in links if not (ROOT / link.removeprefix(f"{SITE}/blob/v1/")).is_file()
    ] == []


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "shorts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {*listed.stdout.split()}
    assert "shorts/py.typed" in held


def test_it_runs_in_an_environment_of_its_own(wheel: Path, function: Path) -> None:
    """Installed with what it requires, it says its version and writes a zip."""
    environment = function / "venv"
    uv, python = process.tool("uv"), str(environment / "bin" / "python")
    process.run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)])
    lock = str(ROOT / "requirements" / "shorts.lock")
    process.run([uv, "pip", "install", "--quiet", "--python", python, "-c", lock, str(wheel)])
    command = str(environment / "bin" / "shorts")
    said = process.run([command, "--version"], cwd=function)
    assert said.splitlines()[-1] == f"shorts {shorts.__version__}"
    arguments = ["fn", "--handler", "app.handler", "--runtime", "python3.13", "-o", "out/f.zip"]
    process.run([command, "zip", *arguments], cwd=function)
    with zipfile.ZipFile(function / "out" / "f.zip") as archive:
        assert "app.py" in archive.namelist()
    code = "import shorts; print(shorts.__file__, shorts.zip_function.__name__)"
    file, name = process.run([python, "-c", code], cwd=function).split()
    assert Path(file).is_relative_to(environment)
    assert name == "zip_function"
