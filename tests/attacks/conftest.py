"""What the attacks share: a decoy home folder, and a count of the files in it."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A decoy home folder with files of a user's; no test sees the real one."""
    monkeypatch.setenv("UV_CACHE_DIR", os.environ.get("UV_CACHE_DIR") or str(_uv_cache()))
    monkeypatch.setenv("PYENV_ROOT", os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv"))
    decoy = tmp_path / "home"
    for name in ("notes.txt", "photos/cat.jpg", "slices/a", "locks/b", "work/c", ".ssh/id_rsa"):
        (decoy / name).parent.mkdir(parents=True, exist_ok=True)
        (decoy / name).write_text(f"the user's {name}\n")
    monkeypatch.setenv("HOME", str(decoy))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return decoy


def _uv_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "uv")


def inventory(folder: Path) -> dict[str, bytes]:
    """Return every file and link below a folder with its content, to compare before and after."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = b"-> " + os.fsencode(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        elif path.is_dir():
            found[f"{name}/"] = b""
    return found
