"""The build systems of the comparison: what each packages, what it needs, how to prepare it.

A system's folder has its configuration and ``build.sh``, the system's own commands. They run in a
work folder with a copy of the application. For the project's own, the system's folder is copied
into it too; for another application there is nothing else.
"""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from bench import containers, ground, tools
from shorts.requirements import lock_file
from shorts.requirements.manifest import LOCK_NAME
from shorts.system import interpreters, process
from shorts.targets.target import Target

Say = Callable[[str], None]
ARCHITECTURE = "x86_64"
# What builds leave in hidden folders, which are not copied with an application.
_HIDDEN = (".aws-sam", ".pants.d", ".pids", ".store")
# Writes NAME.yaml for each function of a template, which is the template with only that function:
# SAM does not cache the build of a named function. The build method may be given.
_EACH_ALONE = """
import copy, sys
from samcli.yamlhelper import yaml_dump, yaml_parse
with open("template.yaml", encoding="utf-8") as file:
    template = yaml_parse(file.read())
resources = template["Resources"]
names = [
    name
    for name, resource in resources.items()  # a loop of the template's is a list
    if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Function"
]
for name in names:
    alone = copy.deepcopy(template)
    alone["Resources"] = {
        key: value for key, value in alone["Resources"].items() if key == name or key not in names
    }
    if len(sys.argv) > 1:
        alone["Resources"][name].setdefault("Metadata", {})["BuildMethod"] = sys.argv[1]
    with open(f"{name}.yaml", "w", encoding="utf-8") as file:
        file.write(yaml_dump(alone))
"""


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A build system.

    Attributes:
        name: to choose it by.
        title: its name in tables.
        folder: below ``bench/``, if it differs from the name.
        functions: the logical ids of what it packages.
        minor: the Python that it packages for.
        leaves: a zip, or a folder that still has to be zipped.
        place: the folder of its zips.
        made: what else it leaves in its work folder that is not hidden.
        needs: what must be on the machine, of the names that `missing` knows.
        parameters: of the template, for its builds.
        trimmed: whether it uses the template's sample events.
        kept: what stays on a person's machine between builds from nothing, in words.
        remark: what a reader of its row must know.
    """

    name: str
    title: str
    folder: str = ""
    functions: tuple[str, ...] = ground.FUNCTIONS
    minor: str = ground.MINOR
    leaves: Literal["zip", "folder"] = "zip"
    place: str = "out"
    made: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    parameters: str = ""
    trimmed: bool = True
    kept: tuple[str, ...] = ()
    remark: str = ""

    @property
    def home(self) -> Path:
        """Return the folder with ``build.sh``."""
        return ground.HERE / (self.folder or self.name)


_PIP = "pip's cache of what it has downloaded"
_UV = "uv's cache of wheels, unpacked"
_IMAGE = "the image that it runs in"
_SAM = ".aws-sam/build"
_PEX = "what pex has downloaded and installed, its pip"
_SYSTEMS = (
    System(
        name="pip_echo_alone",
        title="pip & docker",
        made=("package",),
        functions=("EchoFunction",),
        needs=("image", "zip"),
        kept=(_IMAGE, _PIP),
    ),
    System(
        name="pip_echo_and_plot",
        title="pip & docker, one list",
        made=("package",),
        needs=("image", "zip"),
        kept=(_IMAGE, _PIP),
        remark="Both functions get what either requires.",
    ),
    System(
        name="pants",
        title=f"Pants {tools.PANTS}",
        minor=tools.PANTS_MINOR,
        needs=("linux", "pants", "python"),
        kept=(_PEX, "the lock"),
        remark=(
            f"For Python {tools.PANTS_MINOR}: the newest that the Pants of the package index was "
            "made for. Its daemon runs before the clock does."
        ),
    ),
    System(
        name="pex",
        title=f"pex {tools.PEX}",
        made=("*.pex",),
        needs=("linux", "python"),
        kept=(_PEX, "the lock"),
        remark="The two commands that Pants runs from 2.18 on.",
    ),
    System(
        name="sam_pip",
        title="sam build",
        leaves="folder",
        place=_SAM,
        needs=("python", "sam"),
        kept=(_PIP,),
    ),
    System(
        name="sam_container",
        title="sam build --use-container",
        leaves="folder",
        place=_SAM,
        needs=("image", "sam", "copies"),
        kept=(_IMAGE,),
        remark="pip in SAM's container has no cache to keep.",
    ),
    System(
        name="sam_uv",
        title="sam build, python-uv",
        leaves="folder",
        place=_SAM,
        needs=("python", "sam"),
        kept=(_UV,),
        remark="A beta feature of SAM's.",
    ),
    System(
        name="uv_zip",
        title="uv & zip",
        made=("package",),
        needs=("python", "zip"),
        kept=(_UV,),
    ),
    System(
        name="shorts_build",
        title="shorts",
        place=_SAM,
        kept=(_UV,),
        remark="Trimmed by the sample events, all of which run twice when a function has changed.",
    ),
    System(
        name="shorts_build_whole",
        title="shorts, no events",
        place=_SAM,
        folder="shorts_build",
        trimmed=False,
        kept=(_UV,),
        remark="As it builds any application that asks for nothing.",
    ),
    System(
        name="shorts_build_311",
        title=f"shorts, python{tools.PANTS_MINOR}",
        place=_SAM,
        folder="shorts_build",
        minor=tools.PANTS_MINOR,
        parameters=f"PythonRuntime=python{tools.PANTS_MINOR}",
        kept=(_UV,),
        remark="The same target as Pants has, from the same pins.",
    ),
)


def systems() -> list[System]:
    """Return every system, in the order of the tables: the talk's own first."""
    return list(_SYSTEMS)


def missing(system: System) -> str:
    """Return why a system cannot run on this machine, on one line; empty if it can."""
    checks: dict[str, Callable[[], str]] = {
        "linux": _other_machine,
        "image": lambda: containers.missing(system.minor),
        "zip": lambda: _lacks("zip"),
        "sam": lambda: _lacks("sam"),
        "copies": containers.copies_missing,
        "pants": tools.pants_missing,
        "python": lambda: tools.python_missing(system.minor),
    }
    return next(filter(None, (checks[need]() for need in system.needs)), "")


def remark(system: System) -> str:
    """Return what a reader of the row must know, the image included; empty for nothing."""
    remarks = [system.remark]
    if "image" in system.needs:
        remarks.append(containers.remark(system.minor))
    return " ".join(filter(None, remarks))


def prepare(
    system: System, work: Path, say: Say, template: Path | None = None
) -> Mapping[str, str]:
    """Copy the application into a folder, and prepare a system's tools.

    Systems except shorts get the pins of shorts' locks as requirements with exact versions.

    Args:
        system: to prepare.
        work: the folder, which exists.
        say: called with what takes long.
        template: of the application that replaces the project's, if any; its requirements stay as
            they are.

    Returns:
        Variables for ``build.sh``.

    Raises:
        ShortsError: a tool or an interpreter is not available.
    """
    if template is not None:
        ground.adopt(work, template)
    else:
        ground.copy(work)
        shutil.copytree(system.home, work, dirs_exist_ok=True)
        if not system.trimmed:
            ground.untrim(work)
        if system.home.name != "shorts_build":
            _pin(work, Target.of(f"python{system.minor}", ARCHITECTURE))
    if system.leaves == "folder":
        method = ["python-uv"] if system.name == "sam_uv" else []
        process.run([sys.executable, "-c", _EACH_ALONE, *method], cwd=work)
    return _variables(system, work, say)


def forget(system: System, work: Path) -> None:
    """Remove what a system has made, and keep what it has downloaded, in any form.

    An application's own files are never removed, whatever their names.

    A daemon that people keep running is started again.
    """
    close(system, work)
    for pattern in (*_HIDDEN, system.place, *system.made):
        for path in work.glob(pattern):
            shutil.rmtree(path)
    if system.name in _TOOLS:
        tools.forget_made()
    if system.name == "pants":
        tools.start_pants(work, _variables(system, work, lambda line: None))


def close(system: System, work: Path) -> None:
    """Stop what a system has left running in a folder."""
    if system.name == "pants":
        tools.end_pants(work)


def _variables(system: System, work: Path, say: Say) -> dict[str, str]:
    """Return the variables for ``build.sh``; prepare a tool outside the project's environment."""
    variables = {
        "SAM_CLI_TELEMETRY": "0",
        "SHORTS_CACHE_DIR": str(work / ".store"),
        "PARAMETERS": system.parameters,
        **(containers.index() if "image" in system.needs else {}),
    }
    places = [str(Path(sys.executable).parent)]
    if "python" in system.needs and (python := interpreters.find(system.minor)):
        places.append(str(python.parent))
    if system.name in _TOOLS:
        variables |= _TOOLS[system.name](work, system.minor, say)
    places.append(variables.get("PATH") or os.environ.get("PATH", os.defpath))
    return {**variables, "PATH": os.pathsep.join(places)}


def _pin(work: Path, target: Target) -> None:
    """Replace each lock with requirements: its pins for the target, without hashes."""
    for path in work.glob(f"*/{LOCK_NAME}"):
        pins = lock_file.parse(path.read_text(encoding="utf-8"), target, path)
        text = "".join(f"{pin}\n" for pin in pins)
        path.with_name("requirements.txt").write_text(text, encoding="utf-8")
        path.unlink()


def _other_machine() -> str:
    """Return that this machine is not Lambda's kind, which pex and Pants describe by it."""
    if (sys.platform, platform.machine()) == ("linux", ARCHITECTURE):
        return ""
    return f"this is {platform.machine()} {sys.platform}; it describes Lambda's x86_64 Linux by it"


def _lacks(command: str) -> str:
    program = Path(sys.executable).with_name(command)
    if program.is_file() or shutil.which(command):
        return ""
    return f"no {command} command is here: install {_COMES_WITH[command]}"


_COMES_WITH = {"sam": "aws-sam-cli", "zip": "zip"}
# How to prepare the tools outside the project's environment.
_TOOLS = {"pants": tools.pants_ready, "pex": tools.pex_ready}
