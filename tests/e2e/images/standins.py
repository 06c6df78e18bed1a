"""Images in the place of those that cannot be pulled.

Nothing is fetched while an image is built: Debian comes from debootstrap, the runtime's client from
uv and the builders from the SAM CLI that is installed, each as this machine is set up to find them.
So neither an index nor a proxy is left in an image or its history.
"""

import hashlib
import importlib.metadata
import importlib.util
import shutil
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from shorts.system import process, uv
from tests.e2e.images import debian
from tests.e2e.images.engine import BUILD, LABEL, RAPID, RUNTIME, docker, made_from

HERE = Path(__file__).parent
LOCK = HERE.parents[2] / "shorts" / "emulator" / "runtime.lock"
# make is what Makefile builds need; no function here has one, but the real image does.
_PACKAGES = ("python3", "python3-pip", "ca-certificates", "make")
_SOURCES = {BUILD: HERE / "build", RUNTIME: HERE / "runtime"}


def provide(image: str, say: Callable[[str], None]) -> None:
    """Pull an image where it is not there, or make its stand-in where it cannot be pulled.

    A stand-in that was made from other sources than today's is as good as not there.

    Raises:
        ProcessFailed: no engine answers, or a stand-in cannot be made.
    """
    found, wanted = made_from(image), _digest(_SOURCES[image])
    if found == "":
        say(f"{image}: was there")
    elif found == wanted:
        say(f"{image}: a stand-in, was there")
    else:
        pulled = _pull(image)
        say(f"{image}: {'pulled' if pulled else 'cannot be pulled, making a stand-in'}")
        if not pulled:
            _make(image, wanted)
        _forget_former(image)


def _pull(image: str) -> bool:
    try:
        docker("pull", "--quiet", image)
    except process.ProcessFailed:
        return False
    return True


def _make(image: str, sources: str) -> None:
    base = _base()
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder, "context")
        shutil.copytree(_SOURCES[image], context)
        if image == BUILD:
            here = shutil.ignore_patterns("__pycache__")  # another version's
            shutil.copytree(_builders(), context / "aws_lambda_builders", ignore=here)
        else:
            client = ["--target", str(context / "runtime"), "--python-version", "3.13"]
            target = ["--python-platform", "x86_64-manylinux_2_34", "--only-binary", ":all:"]
            uv.pip("install", [*client, *target, "--require-hashes", "-r", str(LOCK)])
        named = ["--tag", image, "--label", f"{LABEL}={sources}"]
        docker("build", "--quiet", *named, "--build-arg", f"BASE={base}", str(context))


def _forget_former(image: str) -> None:
    """Remove the stand-in that was there, and what SAM has made of it, which would go on in use."""
    if image == RUNTIME and made_from(RAPID) is not None:
        docker("image", "rm", "--force", RAPID)
    docker("image", "prune", "--force", "--filter", f"label={LABEL}")


def _base() -> str:
    """The name of what both images begin with, made where it is not there as it is to be."""
    name, sources = "effortless-base:latest", _digest(HERE / "debian.py")
    if made_from(name) != sources:
        with tempfile.TemporaryDirectory() as folder:
            tree, archive = Path(folder, "tree"), Path(folder, "base.tar")
            debian.unpack(tree, "amd64", _PACKAGES)
            # What this machine trusts: its registries may be behind an authority of its own.
            shutil.copy(_authorities(), tree / "etc" / "ssl" / "certs" / "ca-certificates.crt")
            left_out = ["--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists"]
            process.run(["tar", "-C", str(tree), *left_out, "-cf", str(archive), "."])
            docker("import", "--change", f"LABEL {LABEL}={sources}", str(archive), name)
    return name


def _builders() -> Path:
    """The builders that SAM runs outside of containers; inside they are to be the same."""
    found = importlib.util.find_spec("aws_lambda_builders")
    assert found is not None and found.origin is not None, "aws-sam-cli requires it"
    return Path(found.origin).parent


def _authorities() -> Path:
    paths = ssl.get_default_verify_paths()
    return Path(paths.cafile) if paths.cafile else Path(paths.capath, "ca-certificates.crt")


def _digest(source: Path) -> str:
    """What an image is made from, in one word: a file or folder here, and what is installed."""
    files = sorted(path for path in (source, *source.rglob("*")) if path.is_file())
    contents = [path.read_bytes() for path in (*files, Path(__file__), LOCK)]
    contents.append(importlib.metadata.version("aws-lambda-builders").encode())
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
