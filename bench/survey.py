"""Compare packages in a built zip with a plain installation of the same versions.

python -m bench.survey            # all of bench/survey.txt, in half an hour or more
python -m bench.survey six attrs  # these

Each package gets a function that requires it. In both, every module of it is imported, every data
file opened by `importlib.resources`, and `importlib.metadata` asked. What differs is printed; what
the build says that it leaves out does not count.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from shorts.artifact import manifest
from shorts.errors import ShortsError
from shorts.requirements.names import normalized
from shorts.system import interpreters, process

PACKAGES = Path(__file__).with_name("survey.txt")
_PROBE = Path(__file__).with_name("survey_probe.py")
_MINOR = "3.13"
_PLATFORM = "x86_64-manylinux_2_34"
_TEMPLATE = f"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: src, Handler: app.handler, Runtime: python{_MINOR}}}
"""
_SECONDS = 1200


class Answers(msgspec.Struct, rename={"entry_points": "entry points"}):
    """What a distribution answers; the probe writes it."""

    version: str
    files: list[str]
    gone: list[str]
    entry_points: list[str]
    packages: list[str]
    modules: dict[str, str]
    data: dict[str, str]


def main(names: Sequence[str]) -> int:
    """Survey packages, as many at once as there are cores, and return 1 if something differs."""
    names = names or PACKAGES.read_text().split()
    same = 0
    with ThreadPoolExecutor(process.cores()) as pool:
        for name, differences in zip(names, pool.map(_surveyed, names), strict=True):
            print(f"{name}: {'; '.join(differences) if differences else 'the same'}", flush=True)
            same += not differences
    print(f"{same} the same, {len(names) - same} different")
    return int(same < len(names))


def _surveyed(name: str) -> list[str]:
    try:
        return survey(name)
    except (ShortsError, OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
        return [f"not surveyed: {str(error)[:500]}"]


def survey(name: str) -> list[str]:
    """Return how a package in a zip differs from a plain installation.

    Raises:
        ShortsError: it cannot be installed or built, or a probe fails.
    """
    python = interpreters.find(_MINOR)
    if python is None:
        raise ShortsError(f"No Python {_MINOR} was found.\n{interpreters.how_to_get(_MINOR)}")
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        plain, task = work / "plain", work / "task"
        for_target = ["--python-version", _MINOR, "--python-platform", _PLATFORM]
        install = [process.tool("uv"), "pip", "install", "--quiet", "--target", str(plain)]
        _run([*install, *for_target, "--only-binary", ":all:", name], work)
        shutil.rmtree(plain / "bin", ignore_errors=True)
        src = work / "src"
        src.mkdir()
        (work / "template.yaml").write_text(_TEMPLATE)
        (src / "requirements.txt").write_text("".join(f"{pin}\n" for pin in _pins(plain)))
        before = _ask(python, plain, name)
        imports = "".join(f"    import {top}\n" for top in before.packages if top.isidentifier())
        code = f"try:\n{imports or '    pass'}\nexcept Exception:\n    pass\n"
        (src / "app.py").write_text(f"{code}def handler(event, context):\n    pass\n")
        _run([sys.executable, "-m", "shorts", "build"], work)
        build = work / ".aws-sam" / "build"
        with zipfile.ZipFile(build / "F.zip") as opened:
            opened.extractall(task)
        left_out = manifest.decode((build / "F.manifest.json").read_bytes()).left_out
        globs = [
            path
            for omission in left_out
            if omission.of == normalized(name)
            for path in omission.paths
        ]
        return [*differences(before, _ask(python, task, name), globs)]


def differences(before: Answers, after: Answers, globs: Iterable[str]) -> Iterator[str]:
    """Yield how the answers from a zip differ from those of an installation.

    Args:
        before: of the installation.
        after: of the zip.
        globs: of the files that the zip leaves out, as its manifest lists them.
    """
    exact = {glob for glob in globs if "*" not in glob}
    folders = [glob for glob in globs if glob not in exact]

    def is_left_out(path: str) -> bool:
        known = path in exact or any(fnmatchcase(path, glob) for glob in folders)
        return known or "__pycache__" in path or path.startswith("bin/")

    for field in ("version", "entry_points", "packages"):
        if getattr(before, field) != getattr(after, field):
            yield f"{field} {getattr(before, field)} became {getattr(after, field)}"
    if after.gone:
        named = ", ".join(after.gone[:5])
        yield f"RECORD names {len(after.gone)} files that are not there: {named}"
    gone = [path for path in {*before.files} - {*after.files} if not is_left_out(path)]
    if gone:
        yield f"{len(gone)} files are gone: {', '.join(sorted(gone)[:5])}"
    for path, digest in before.data.items():
        if not is_left_out(path) and after.data.get(path) != digest and ".so" not in path:
            yield f"{path} is other data"
    paths = {path.removesuffix("/__init__.py") for path in before.files if is_left_out(path)}
    tests = {path.partition(".")[0].replace("/", ".") for path in paths}
    for module, ended in before.modules.items():
        now = after.modules.get(module, "missing")
        if now != ended and module not in tests:
            yield f"{module}: {ended} became {now}"


def _pins(folder: Path) -> list[str]:
    """Return the distributions in a folder as exact requirements."""
    pins = []
    for info in folder.glob("*.dist-info"):
        name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        pins.append(f"{normalized(name)}=={version}")
    return sorted(pins)


def _ask(python: Path, folder: Path, name: str) -> Answers:
    answers = _run([str(python), "-I", str(_PROBE), str(folder), name], folder.parent)
    return msgspec.json.decode(answers, type=Answers)


def _run(arguments: Sequence[str], folder: Path) -> str:
    """Run a command and return what it prints.

    Raises:
        ShortsError: it fails.
    """
    environment = {**os.environ, "HOME": str(folder), "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"}
    if "UV_CACHE_DIR" not in environment:
        environment["UV_CACHE_DIR"] = str(Path.home() / ".cache" / "uv")
    if "SHORTS_CACHE_DIR" not in environment:
        from shorts.system import cache_root

        environment["SHORTS_CACHE_DIR"] = str(cache_root.root())
    environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise ShortsError(f"{' '.join(arguments[:3])} failed: {output[-400:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
