"""Waits for changes to an application's sources."""

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Collection, Iterable
from pathlib import Path

import watchfiles

from shorts.errors import ShortsError
from shorts.model import Application, Serving

# Folders without sources, in addition to those that every build skips.
_PASSED_OVER = frozenset(
    """.aws-sam .git .hg .svn .tox .venv .idea .mypy_cache .pytest_cache .ruff_cache .hypothesis
    __pycache__ node_modules""".split()
)
# Templates, OpenAPI documents, configurations, locks, ready-made zips; and requirements.
_SUFFIXES = frozenset((".yaml", ".yml", ".json", ".toml", ".lock", ".template", ".zip"))
_REQUIREMENTS = "requirements"
_DEBOUNCE, _STEP = 400, 30  # in ms: an editor writes a file in several steps
_BREATH = 0.2  # in seconds

# It logs how many changes it has seen.
logging.getLogger("watchfiles").setLevel(logging.WARNING)

# A folder, and whether what lies below it counts.
Place = tuple[Path, bool]


def places(application: Application | None, serving: Serving) -> frozenset[Place]:
    """Return the folders that affect what is served.

    Args:
        application: what was built; None if it is served without a build.
        serving: what is served.
    """
    files = [*serving.files, *([serving.run.variables] if serving.run.variables else [])]
    if application:
        return of_build(application, files)
    below, direct = _of_code(serving)
    direct |= {Path(file).parent for file in files}
    direct.add(Path(serving.template).parent.parent)
    return _existing(below, direct)


def of_build(application: Application, files: Iterable[str]) -> frozenset[Place]:
    """Return the folders that affect what is built.

    Args:
        application: what was built.
        files: further files that it was made of.
    """
    below, direct = _of_code(application)
    direct |= {Path(file).parent for file in files}
    below.update(Path(layer.code_uri) for layer in application.layers if layer.code_uri)
    built = Path(application.build_dir)
    direct = {folder for folder in direct if not folder.is_relative_to(built)}
    if application.manifest:
        direct.add(Path(application.manifest).parent)
    return _existing(below, direct)


def _of_code(code: Application | Serving) -> tuple[set[Path], set[Path]]:
    """Return the paths of code, and the folders of templates."""
    below = {Path(function.code_uri) for function in code.functions if function.code_uri}
    direct = {Path(code.template).parent}
    for function in code.functions:
        direct.add(Path(function.folder))
        below.update(Path(layer.code_uri) for layer in function.layers if layer.code_uri)
        below.update(Path(function.folder, root) for root in function.settings.source_roots)
    return below, direct


def _existing(below: Iterable[Path], direct: Iterable[Path]) -> frozenset[Place]:
    """Return the places that exist."""
    below = list(below)
    places = {(Path(os.path.abspath(each)), True) for each in below if each.is_dir()}
    places |= {(Path(os.path.abspath(each.parent)), False) for each in below if each.is_file()}
    places |= {(Path(os.path.abspath(each)), False) for each in direct if each.is_dir()}
    return frozenset(places)


class Watch:
    """Sees changes from its creation until it is stopped.

    Args:
        places: to watch.
        log: a file that is written to all the time, if there is one. Like the files of standard
            output and standard error, it is ignored, or each change would cause the next.
    """

    def __init__(self, places: Collection[Place], log: str | None = None) -> None:
        self.places = places
        self._written = {_identity(1), _identity(2), _identity(log or 2)}
        self._stop = threading.Event()
        self._seen: queue.SimpleQueue[str | OSError] = queue.SimpleQueue()
        for below in (True, False):
            folders = [folder for folder, each in places if each == below]
            if folders:
                threading.Thread(target=self._look, args=(folders, below), daemon=True).start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()

    def wait(self) -> str:
        """Wait for a change, and return its file.

        Raises:
            ShortsError: the system does not allow watching.
        """
        seen: str | OSError | None = None
        while seen is None:
            # Not in one endless wait: signals are handled in between, because the system may
            # deliver one to another thread, as it does while one starts a process.
            with contextlib.suppress(queue.Empty):
                seen = self._seen.get(timeout=_BREATH)
        if isinstance(seen, OSError):
            raise ShortsError(
                f"Changes cannot be watched: {seen}.\n"
                "Raise fs.inotify.max_user_watches, or do not watch: --no-watch."
            ) from seen
        return seen

    def _look(self, folders: Collection[Path], below: bool) -> None:
        def counts(_: watchfiles.Change, name: str) -> bool:
            path = Path(name)
            if (identity := _identity(name)) and identity in self._written:
                return False
            if not below:
                named = path.suffix in _SUFFIXES or path.name.startswith(_REQUIREMENTS)
                return named or path.is_dir()  # a build folder is replaced as a whole
            return not any(
                _PASSED_OVER.intersection(path.relative_to(folder).parts)
                for folder in folders
                if path.is_relative_to(folder)
            )

        try:
            for changes in watchfiles.watch(
                *folders,
                watch_filter=counts,
                debounce=_DEBOUNCE,
                step=_STEP,
                stop_event=self._stop,
                recursive=below,
                raise_interrupt=False,
            ):
                self._seen.put(min(name for _, name in changes))
        except FileNotFoundError:  # a folder has gone, which is a change
            self._seen.put(str(next(iter(folders))))
        except OSError as error:
            self._seen.put(error)


def _identity(file: str | int) -> tuple[int, int] | None:
    """Return what identifies a file under any name; None if there is no file."""
    try:
        status = os.fstat(file) if isinstance(file, int) else Path(file).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
