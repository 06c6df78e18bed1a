"""pip's settings of other indexes: uv does not read them, so a failure names them.

https://pip.pypa.io/en/stable/topics/configuration/
"""

import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

# What names an index, as an option in a file and as an environment variable.
_OPTIONS = ("index-url", "extra-index-url")
_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
# Where uv is told of indexes.
_OF_UV = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")


def hint(known: Collection[str]) -> str:
    """Return a line about indexes that only pip knows; empty where there are none.

    Args:
        known: the URLs that the requirements name.
    """
    read = {*known}
    for name in _OF_UV:
        read |= {url.rpartition("=")[2] for url in os.environ.get(name, "").split()}
    read = {url.rstrip("/") for url in read}
    places = [place for place, urls in _named() if not read.issuperset(urls)]
    if not places:
        return ""
    verb = "names" if len(places) == 1 else "name"
    return (
        f"{' and '.join(places)} {verb} an index for pip only: give it to uv in "
        "UV_DEFAULT_INDEX or UV_INDEX, or write --index-url into the requirements."
    )


def _named() -> Iterator[tuple[str, set[str]]]:
    """Yield each place that names indexes, with their URLs."""
    for name in _VARIABLES:
        if urls := _urls(os.environ.get(name, "")):
            yield name, urls
    for path in _files():
        if urls := _of_file(path):
            yield str(path), urls


def _of_file(path: Path) -> set[str]:
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return set()
    values = (parser.get(section, name, fallback="") for section in parser for name in _OPTIONS)
    return {url for value in values for url in _urls(value)}


def _urls(text: str) -> set[str]:
    return {url.rstrip("/") for url in text.split()}


def _files() -> list[Path]:
    """Return the configuration files that pip reads, those that exist."""
    named = os.environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    home = Path.home()
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    places = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        Path("/Library/Application Support/pip/pip.conf"),
        home / "Library/Application Support/pip/pip.conf",
        settings / "pip" / "pip.conf",
        home / ".pip" / "pip.conf",
        Path(os.environ.get("VIRTUAL_ENV") or sys.prefix) / "pip.conf",
        *([Path(named)] if named else []),
    ]
    return [place for place in dict.fromkeys(places) if place.is_file()]
