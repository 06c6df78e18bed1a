"""The Makefile and the tests work whatever the caller's environment holds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ODD = {
    "AWS_REGION": "odd-region-9",
    "AWS_DEFAULT_REGION": "other-region-9",
    "AWS_PROFILE": "no-such-profile",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_TARGET": "/nowhere",
    "PIP_USER": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_BINARY": ":all:",
    "UV_PYTHON": "2.7",
    "UV_SYSTEM_PYTHON": "1",
    "UV_PROJECT": "/nowhere",
    "UV_PROJECT_ENVIRONMENT": "/nowhere",
    "UV_RESOLUTION": "lowest",
    "UV_PRERELEASE": "allow",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_INDEX_STRATEGY": "nonsense",
    "UV_NO_INDEX": "1",
    "UV_TARGET": "/nowhere",
    "TZ": "Asia/Kathmandu",
    "LANG": "xx_YY.ISO-8859-15",
    "LC_ALL": "xx_YY.ISO-8859-15",
}
# Where packages come from is the caller's to say.
KEPT = {"UV_INDEX_INNER_USERNAME": "name", "PIP_TRUSTED_HOST": "packages.example"}


def run(*command: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the odd environment."""
    environment = {**os.environ, **ODD, **KEPT, **more}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_passes_on_sources_of_packages_alone(tmp_path: Path) -> None:
    """Recipes see no other setting of uv or pip."""
    (tmp_path / "more").write_text(f"include {ROOT}/Makefile\nshow:\n\t@env\n")
    done = run("make", "-f", "more", "show", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    named = {name for name in seen if name.startswith(("UV_", "PIP_"))}
    assert KEPT.items() <= seen.items()
    assert not named & ODD.keys()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_sets_up_its_environment(tmp_path: Path) -> None:
    """The first step of every target, from nothing."""
    (tmp_path / "requirements").mkdir()
    for name in ("Makefile", "requirements/uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    done = run("make", ".venv/bin/uv", f"PYTHON={sys.executable}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    uv = subprocess.run([tmp_path / ".venv/bin/uv", "--version"], capture_output=True, check=True)
    assert uv.stdout.startswith(b"uv ")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_checks_the_template() -> None:
    """A profile that does not exist is not SAM's to find."""
    done = run("make", "template", f"BIN={Path(sys.executable).parent}")
    assert done.returncode == 0, done.stderr + done.stdout


def test_tests_pass() -> None:
    """Tests of regions, resolution and invocation, which the environment could change."""
    chosen = [
        "tests/unit/echo/test_app.py",
        "tests/unit/emulator/test_invoke.py",
        "tests/integration/test_cli.py::test_an_edit_is_built",
        "tests/integration/test_cli.py::test_a_bad_requirement",
        "tests/integration/test_cli.py::test_environment_of_the_function",
    ]
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)
    assert done.returncode == 0, done.stdout[-3000:]
