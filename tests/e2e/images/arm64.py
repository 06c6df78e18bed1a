"""A root for arm64: Debian's Python and libraries for it, and Lambda's runtime client.

qemu runs the interpreter and looks for its libraries in the root, so nothing there is ever
configured, no kernel needs to know about qemu, and running takes no rights.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

import platformdirs

from shorts.system import interpreters, process, uv
from tests.e2e.images import debian
from tests.e2e.images.standins import LOCK

QEMU = "qemu-aarch64-static"


def root() -> Path:
    """Where the root is on this machine, or would be."""
    sources = [Path(__file__), Path(debian.__file__), LOCK]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return platformdirs.user_cache_path("effortless-tests") / f"arm64-{digest}"


def missing() -> str:
    """What arm64 functions lack on this machine, on one line; empty where they lack nothing."""
    if shutil.which(QEMU) is None:
        return f"no {QEMU}: install qemu-user-static"
    return "" if root().is_dir() else f"no arm64 root {root()}: make images"


def python(folder: Path) -> Path:
    """A command that runs the root's interpreter, written into a folder."""
    command = folder / "python"
    interpreter = root() / "usr" / "bin" / "python3.13"
    command.write_text(f'#!/bin/sh\nexec {QEMU} -L "{root()}" "{interpreter}" "$@"\n')
    command.chmod(0o755)
    return command


def provide() -> Path:
    """The root, made if it is not there.

    Raises:
        ShortsError: debootstrap is not installed, or failed, or there is no client for arm64.
    """
    whole = root()
    if not whole.is_dir():
        whole.parent.mkdir(parents=True, exist_ok=True)
        for former in whole.parent.glob("arm64-*"):
            shutil.rmtree(former)
        with tempfile.TemporaryDirectory(dir=whole.parent) as folder:
            _make(Path(folder, "root"))
            Path(folder, "root").rename(whole)
    return whole


def _make(folder: Path) -> None:
    # debootstrap unpacks what every Debian has, and leaves the rest to be unpacked on an arm64.
    debian.unpack(folder, "arm64", ["python3"], "--foreign")
    archives = folder / "var" / "cache" / "apt" / "archives"
    for package in sorted(archives.glob("*.deb")):
        process.run(["dpkg-deb", "--extract", str(package), str(folder)])
    shutil.rmtree(archives)
    modules = folder / "usr" / "lib" / "python3" / "dist-packages"
    client = ["--target", str(modules), "--python-version", "3.13"]
    target = ["--python-platform", "aarch64-manylinux_2_34", "--only-binary", ":all:"]
    uv.pip("install", [*client, *target, "--require-hashes", "-r", str(LOCK)])
    compiler = interpreters.find("3.13")
    if (
        compiler is not None
    ):  # bytecode is the same for every processor, and slow to make under qemu
        quietly = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        standard = folder / "usr" / "lib" / "python3.13"
        process.run([str(compiler), *quietly, str(standard), str(modules)])
