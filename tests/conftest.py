"""What the tests share: a store of their own, copies of the application, the command itself."""

import base64
import contextlib
import fcntl
import gc
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shorts.cli import command
from shorts.system import interpreters, process
from tests import sam

ROOT = Path(__file__).parents[1]
# What a shell starts in the background ignores Ctrl-C, and what `nohup` starts ignores SIGHUP; so
# would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
Shorts = Callable[..., "Done"]
# No test depends on what the caller has set: regions, profiles and credentials, settings of the
# tools, the time zone, the language. Where packages come from is the caller's to say.
_KEPT = re.compile(
    r"AWS_CA_BUNDLE|UV_(CACHE_DIR|PYTHON_INSTALL_DIR|INSECURE_HOST|SYSTEM_CERTS|NATIVE_TLS)"
    r"|UV_(DEFAULT_INDEX|EXTRA_INDEX_URL|INDEX|INDEX_(?!STRATEGY)\w+)"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|CERT|CLIENT_CERT|TRUSTED_HOST|PROXY)"
)
for _name in [*os.environ]:
    _is_setting = _name.startswith(("AWS_", "SAM_", "UV_", "PIP_", "SHORTS_", "LC_"))
    _is_setting |= _name in ("DEBUGGER_ARGS", "FORCE_COLOR", "NO_COLOR", "COLUMNS", "LANGUAGE")
    if _is_setting and not _KEPT.fullmatch(_name):
        del os.environ[_name]
os.environ |= {"TZ": "UTC", "LANG": "C.UTF-8"}
# Nor on what the caller has set up for AWS, or where the tests run.
os.environ |= dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
time.tzset()


def pytest_configure() -> None:
    """Have Hypothesis look at what comes, not at how long it takes next to other tests."""
    from hypothesis import settings

    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Have the collector of garbage leave alone what stays anyway: a quarter of the time was its.

    Four thousand tests and the modules that they import are looked through no more, and what the
    tests themselves make is looked through when there is some of it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: while one waits for a browser, a clock or a disk, another runs.

    No more than sixteen: each takes up to half a gigabyte.
    """
    return min(2 * process.cores(), 16)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the workers of one run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def store(shared: Path) -> Path:
    """Every test's shorts keeps its Slices in one store, made again for each run of the tests."""
    folder = shared / "store"
    os.environ |= {"SHORTS_CACHE_DIR": str(folder), "SAM_CLI_TELEMETRY": "0"}
    return folder


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder that whoever of the workers comes first has made, while the others wait."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="module")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What uv unpacks for one file's tests is kept apart, and is gone afterwards."""
    folder = tmp_path_factory.mktemp("uv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_CACHE_DIR", str(folder))
        yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store for one test, so that what it leaves there is not another's."""
    monkeypatch.setenv("SHORTS_CACHE_DIR", str(tmp_path / "store"))
    # pip's own settings are named by what fails, and no test expects the caller's.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "store"


class Done(NamedTuple):
    """What a command ended with."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def shorts() -> Shorts:
    """Run the command in a folder, in this process: samcli takes a second to be imported.

    So it is where `sam build` or `sam deploy` is called: that is run in a fork. Environment
    variables are given by name.
    """
    plain, tool = subprocess.run, process.tool("sam")

    def start(argv: Sequence[str], **options: Any) -> Any:
        if argv[0] != tool or argv[1] not in ("build", "deploy"):
            return plain(argv, **options)
        return sam.run(argv[1:], options.get("cwd") or Path.cwd(), options["env"])

    def run(arguments: Sequence[str], cwd: Path, *, stdin: str = "", **environment: str) -> Done:
        out, log = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):
            patch.chdir(cwd)
            patch.setattr(subprocess, "run", start)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            for name, value in environment.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(log):
                status = command.main(arguments)
        return Done(status, *(read.buffer.getvalue().decode() for read in (out, log)))

    return run


def as_process(arguments: Sequence[str], cwd: Path, **environment: str) -> Done:
    """Run a Python command in a process of its own, with this checkout's shorts."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def copy_application(to: Path) -> Path:
    """A copy of the application's sources, as they lie in the repository."""
    for name in ("echo", "plot", "events"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, to / name)
    return to


@pytest.fixture(scope="session")
def built(shared: Path, shorts: Shorts) -> Path:
    """The application built by shorts; not to be changed."""

    def build(folder: Path) -> None:
        done = shorts(["build"], copy_application(folder))
        assert done.returncode == 0, done.stderr

    return once(shared / "built", build)


@pytest.fixture(scope="session")
def stock(shared: Path) -> Path:
    """The application built by `sam build` with no option; not to be changed."""

    def build(folder: Path) -> None:
        python = interpreters.find("3.13")
        assert python is not None, f"sam build needs it: {interpreters.how_to_get('3.13')}"
        done = subprocess.run(
            [str(Path(sys.executable).with_name("sam")), "build"],
            cwd=copy_application(folder),
            env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return once(shared / "stock", build)


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """The application not built yet, to be changed at will."""
    return copy_application(tmp_path / "application")


@pytest.fixture
def function(tmp_path: Path) -> Path:
    """The folder of an application with one function, F, that has no requirements."""
    folder = tmp_path / "small"
    (folder / "fn").mkdir(parents=True)
    (folder / "fn" / "app.py").write_text("def handler(event, context):\n    return event\n")
    (folder / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13, Timeout: 2}\n"
    )
    return folder


def write_wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str | bytes],
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
    executable: Collection[str] = (),
    links: Mapping[str, str] | None = None,
    unrecorded: Collection[str] = (),
    missing: Collection[str] = (),
    metadata: str = "",
) -> Path:
    """A wheel made by hand, the same bytes each time.

    Args:
        folder: where it goes, made if need be.
        name: of the distribution, as a file name spells it.
        files: contents by their paths in site-packages.
        version: of the distribution.
        tag: what it runs on.
        executable: paths of files with mode 0755.
        links: targets of symbolic links by their paths.
        unrecorded: paths that ``RECORD`` does not name.
        missing: paths that ``RECORD`` names and that the wheel does not hold.
        metadata: lines of ``METADATA`` in addition to the name and version.
    """
    info = f"{name}-{version}.dist-info"
    pure = str(tag.endswith("-none-any")).lower()
    said = {
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
        ),
        f"{info}/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"
        ),
    }
    members = {**files, **(links or {}), **said}
    contents = {
        path: text.encode() if isinstance(text, str) else text for path, text in members.items()
    }
    rows = [
        f"{path},{_recorded(content)},{len(content)}"
        for path, content in contents.items()
        if path not in unrecorded
    ]
    rows += [f"{path},{_recorded(b'')},0" for path in missing]
    record = f"{info}/RECORD"
    contents[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in contents.items():
            member = zipfile.ZipInfo(path)
            member.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o100755 if path in executable else 0o100644
            member.external_attr = (0o120777 if path in (links or {}) else mode) << 16
            archive.writestr(member, content)
    return wheel


def _recorded(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
    return f"sha256={digest.rstrip('=')}"


@pytest.fixture
def wheels(function: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels next to a function's, the only place where uv finds any."""
    folder = function / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_OFFLINE", "1")
    return folder


def require(function: Path, *requirements: str) -> None:
    """Have a function require what lies in the folder of wheels next to it."""
    lines = ["--no-index", "--find-links ../wheels", *requirements]
    (function / "fn" / "requirements.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(params=["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter of each minor version."""
    found = interpreters.find(request.param)
    if found is None:
        pytest.skip(f"this machine has no Python {request.param}")
    return found
