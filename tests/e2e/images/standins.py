"""Images in the place of those that cannot be pulled.

Nothing is fetched while an image is built: Debian comes from debootstrap, the runtime's client from
uv and the builders from the SAM CLI that is installed, each as this machine is set up to find them.
So neither an index nor a proxy is left in an image or its history.
"""

import hashlib
import importlib.util
import shutil
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from shorts import uv
from shorts.process import ProcessFailed
from shorts.process import run as run_process
from tests.e2e.images import debian
from tests.e2e.images.engine import BUILD, LABEL, RAPID, RUNTIME, docker, made_from

HERE = Path(__file__).parent
LOCK = HERE.parents[2] / "shorts" / "runtime.lock"
# make is what Makefile builds need; no function of ours has one, but the real image does.
_PACKAGES = ("python3", "python3-pip", "ca-certificates", "make")
_SOURCES = {BUILD: HERE / "build", RUNTIME: HERE / "runtime"}


def provide(image: str, say: Callable[[str], None]) -> None:
    """Pull an image where it is not there, or make its stand-in where it cannot be pulled.

    A stand-in that was made from other sources than today's is made anew.

    Raises:
        ProcessFailed: no engine answers, or a stand-in cannot be made.
    """
    found, wanted = made_from(image), _digest(_SOURCES[image])
    if found == "":
        say(f"{image}: was there")
    elif found == wanted:
        say(f"{image}: a stand-in, was there")
    elif found is None and _pull(image):
        say(f"{image}: pulled")
    else:
        say(f"{image}: cannot be pulled, making a stand-in")
        _make(image, wanted)


def _pull(image: str) -> bool:
    try:
        docker("pull", "--quiet", image)
    except ProcessFailed:
        return False
    return True


def _make(image: str, made_from: str) -> None:
    base = _base()
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder, "context")
        shutil.copytree(_SOURCES[image], context)
        if image == BUILD:
            shutil.copytree(_builders(), context / "aws_lambda_builders")
        else:
            client = ["--target", str(context / "runtime"), "--python-version", "3.13"]
            target = ["--python-platform", "x86_64-manylinux_2_34", "--only-binary", ":all:"]
            uv.pip("install", [*client, *target, "--require-hashes", "-r", str(LOCK)])
        named = ["--tag", image, "--label", f"{LABEL}={made_from}"]
        docker("build", "--quiet", *named, "--build-arg", f"BASE={base}", str(context))
    if image == RUNTIME:
        _forget(RAPID)


def _base() -> str:
    """The name of what both images begin with, made once."""
    name = f"effortless-base:{_digest(HERE / 'debian.py', Path(__file__))}"
    if made_from(name) is None:
        with tempfile.TemporaryDirectory() as folder:
            tree, archive = Path(folder, "tree"), Path(folder, "base.tar")
            debian.unpack(tree, "amd64", _PACKAGES)
            # What this machine trusts: its registries may be behind an authority of its own.
            shutil.copy(_authorities(), tree / "etc" / "ssl" / "certs" / "ca-certificates.crt")
            left = ["--exclude=./var/cache/apt", "--exclude=./var/lib/apt/lists"]
            run_process(["tar", "-C", str(tree), *left, "-cf", str(archive), "."])
            docker("import", str(archive), name)
    return name


def _forget(image: str) -> None:
    """Remove what SAM has made of an image that is another now; it would go on being used."""
    if made_from(image) is not None:
        docker("image", "rm", "--force", image)


def _builders() -> Path:
    """The builders that SAM runs outside of containers; inside they are to be the same."""
    found = importlib.util.find_spec("aws_lambda_builders")
    assert found is not None and found.origin is not None, "aws-sam-cli requires it"
    return Path(found.origin).parent


def _authorities() -> Path:
    paths = ssl.get_default_verify_paths()
    return Path(paths.cafile) if paths.cafile else Path(paths.capath, "ca-certificates.crt")


def _digest(*sources: Path) -> str:
    """What an image is made from, in one word: the files, and the runtime's client."""
    files = [path for source in sources for path in (source, *sorted(source.rglob("*")))]
    contents = [path.read_bytes() for path in (*files, LOCK, Path(__file__)) if path.is_file()]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
