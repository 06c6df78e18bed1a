"""pex and Pants from the package index, in their own environments, with their locks.

Both package for a platform that a file describes: that of this machine's interpreter, without the
wheels that need a later glibc than Lambda's.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import platformdirs

from shorts.errors import ShortsError
from shorts.system import atomic, interpreters, process, uv
from shorts.targets.target import RUNTIMES

PEX = "2.105.2"
# The last one on the package index. It runs on Python 3.9 only.
PANTS = "2.17.1"
_PANTS_RUNS_ON = "3.9"
# The newest Python that the index's Pants supports.
PANTS_MINOR = "3.11"
# What pex makes of a function or its wheels in PEX_ROOT; the rest is downloads or pex's own.
_MADE = ("packed_wheels", "unzipped_pexes", "user_code")
_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_")
# Seconds that Pants' daemon has to end.
_PATIENCE = 10.0
_FOLDER = platformdirs.user_cache_path("effortless-bench")
_PEX_ROOT = _FOLDER / "pex-root"
_NAMED_CACHES = _FOLDER / "pants-named-caches"
Say = Callable[[str], None]


def python_missing(minor: str) -> str:
    """Return that a minor version of Python is missing, and the fix; empty if it is there."""
    if interpreters.find(minor):
        return ""
    return f"no Python {minor} is here. {interpreters.how_to_get(minor)}"


def pants_missing() -> str:
    """Return why Pants is not available, on one line; empty if it is."""
    if shutil.which("pants"):
        return ""
    return python_missing(_PANTS_RUNS_ON)


def pex_ready(work: Path, minor: str, say: Say) -> Mapping[str, str]:
    """Prepare pex, the platform's description and a lock next to each function's requirements.

    Args:
        work: the folder that contains ``echo`` and ``plot``.
        minor: the Python to package for.
        say: called with what takes long.

    Returns:
        Variables: where pex is, and where it keeps its downloads.

    Raises:
        ShortsError: there is no interpreter, or pex cannot be installed or cannot lock.
    """
    programs = _environment("pex", PEX, minor, say)
    _describe(work, programs, minor)
    variables = {"PATH": _before(programs), "PEX_ROOT": str(_PEX_ROOT)}
    for folder in ("echo", "plot"):
        wanted, lock = work / folder / "requirements.txt", work / f"{folder}.lock"
        create = [str(programs / "pex3"), "lock", "create", "--complete-platform", "platform.json"]
        argv = [*create, "-r", str(wanted), "-o", lock.name]
        _locked(lock, f"pex {PEX} {minor} {wanted.read_text('utf-8')}", argv, variables, say)
    return variables


def pants_ready(work: Path, minor: str, say: Say) -> Mapping[str, str]:
    """Prepare Pants, the platform's description and the lock of both functions' requirements.

    A ``pants`` on PATH is used if there is one, for the version in ``pants.toml``. Pants would
    download pex as one file; here it is made from the package index.

    Args:
        work: the folder with ``pants.toml``.
        minor: the Python to package for.
        say: called with what takes long.

    Returns:
        Variables: where Pants is, what it uses, and where it keeps its downloads.

    Raises:
        ShortsError: there is no interpreter, or a tool cannot be installed or cannot lock.
    """
    pex_programs = _environment("pex", PEX, minor, say)
    _describe(work, pex_programs, minor)
    launcher = shutil.which("pants")
    programs = (
        Path(launcher).parent
        if launcher
        else _environment("pantsbuild.pants", PANTS, _PANTS_RUNS_ON, say)
    )
    alone = pex_programs.with_name(f"pex-{PEX}.pex")
    if not alone.is_file():
        say("packing pex for Pants")
        made = alone.with_suffix(".new")
        process.run([str(pex_programs / "pex"), f"pex=={PEX}", "-c", "pex", "-o", str(made)])
        made.rename(alone)
    packed = alone.read_bytes()
    facts = [f"v{PEX}", "linux_x86_64", hashlib.sha256(packed).hexdigest(), str(len(packed))]
    variables = {
        "PATH": _before(programs),
        "PANTS_NAMED_CACHES_DIR": str(_NAMED_CACHES),
        "PANTS_PEX_CLI_VERSION": facts[0],
        "PANTS_PEX_CLI_KNOWN_VERSIONS": json.dumps(["|".join(facts)]),
        "PANTS_PEX_CLI_URL_TEMPLATE": f"file:{alone}",
        # This pex ignores the PEX_ROOT from Pants, and would use the user's own.
        "PANTS_SUBPROCESS_ENVIRONMENT_ENV_VARS": f'+["XDG_CACHE_HOME={_NAMED_CACHES}"]',
        "PANTS_PYTHON_BOOTSTRAP_SEARCH_PATH": json.dumps([str(_python(minor))]),
    }
    depends = "".join(
        (work / path).read_text("utf-8") for path in ("pants.toml", "plot/requirements.txt")
    )
    argv = [str(programs / "pants"), "generate-lockfiles"]
    _locked(work / "python-default.lock", f"pants {PANTS} {PEX} {depends}", argv, variables, say)
    return variables


def forget_made() -> None:
    """Remove what pex has made, also for Pants, and keep what it has downloaded."""
    for root in (_PEX_ROOT, _NAMED_CACHES / "pex_root", _NAMED_CACHES / "pex"):
        for name in _MADE:
            shutil.rmtree(root / name, ignore_errors=True)


def start_pants(work: Path, variables: Mapping[str, str]) -> None:
    """Start Pants' daemon for a folder, as for a user of Pants, with nothing built.

    Raises:
        ProcessFailed: Pants cannot read its configuration.
    """
    process.run(["pants", "list", "::"], cwd=work, env=variables)


def end_pants(work: Path) -> None:
    """Stop the daemon that Pants has left running for a folder, if it is running."""
    for file in work.glob(".pids/*/pantsd/pid"):
        pid = int(file.read_text("utf-8"))
        for number, patience in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, _PATIENCE)):
            deadline = time.monotonic() + patience
            if _runs_in(pid, work):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            while _runs_in(pid, work) and time.monotonic() < deadline:
                time.sleep(0.05)


def _runs_in(pid: int, work: Path) -> bool:
    """Return whether a process runs in a folder: its number may be reused by now."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == work.resolve()
    except OSError:
        return False


def _python(minor: str) -> Path:
    python = interpreters.find(minor)
    if python is None:
        raise ShortsError(python_missing(minor))
    return python


def _environment(name: str, version: str, minor: str, say: Say) -> Path:
    """Return the folder of a tool's commands, in an environment made once for each version.

    It is made again where its interpreter has gone.
    """
    folder = _FOLDER / f"{name}-{version}-python{minor}"
    whole = folder / "whole"
    if not (whole.is_file() and (folder / "bin" / "python").exists()):
        say(f"installing {name} {version}")
        shutil.rmtree(folder, ignore_errors=True)
        uv.run(["venv", "--python", str(_python(minor)), str(folder)])
        uv.pip("install", [f"{name}=={version}"], python=folder / "bin" / "python")
        whole.touch()
    return folder / "bin"


def _before(programs: Path) -> str:
    return f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def _describe(work: Path, programs: Path, minor: str) -> None:
    """Write ``platform.json``: what runs here and on Lambda."""
    arguments = ["interpreter", "inspect", "--markers", "--tags", "--python", str(_python(minor))]
    interpreter = json.loads(process.run([str(programs / "pex3"), *arguments]))
    most = RUNTIMES[f"python{minor}"].glibc
    tags = [tag for tag in interpreter["compatible_tags"] if _glibc(tag) <= most]
    described = {"marker_environment": interpreter["marker_environment"], "compatible_tags": tags}
    (work / "platform.json").write_text(json.dumps(described), encoding="utf-8")


def _glibc(tag: str) -> tuple[int, int]:
    """Return the glibc that a wheel's tag requires; (0, 0) if the tag names none."""
    match = _GLIBC.search(tag)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _locked(
    lock: Path, depends: str, argv: list[str], variables: Mapping[str, str], say: Say
) -> None:
    """Write a lock where a repository would have it, made once for each set of inputs."""
    digest = hashlib.sha256(depends.encode()).hexdigest()[:32]
    kept = _FOLDER / f"{digest}.lock"
    if not kept.is_file():
        say(f"making {lock.name}")
        process.run(argv, cwd=lock.parent, env=variables)
        atomic.write(kept, lock.read_bytes())
    shutil.copyfile(kept, lock)
