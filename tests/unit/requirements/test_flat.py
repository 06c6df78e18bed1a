"""What uv is asked: the requirements as one text."""

from __future__ import annotations

from pathlib import Path

from shorts.requirements import flat, manifest


def written(folder: Path, **texts: str) -> Path:
    """Requirements files by their names; the first one's path."""
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.txt"


def test_flattened_is_one_text(tmp_path: Path) -> None:
    """Included files are put in their places, and what is not the file's to say is left out.

    So is a folder of wheels that is not there.
    """
    top = written(
        tmp_path,
        top="-r more.txt\n--no-binary :all:\n-c limits.txt\nsix\n--find-links .\n-f nowhere\n",
        more="--only-binary=six\n--prefer-binary\n-r top.txt\nidna\n",
        limits="six<2\n",
    )
    found = flat.flattened(manifest.load(top), {}, {})
    assert found.requirements.splitlines() == ["idna", "six", f"--find-links {tmp_path}"]
    assert found.constraints == "six<2"
