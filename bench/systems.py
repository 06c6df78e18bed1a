"""The build systems of the comparison: what each packages, what it needs, how it is made ready.

A system's folder has its configuration and ``build.sh``, the system's own commands. They run in a
work folder that has a copy of the application; for the project's own that folder's content is
beside it, and of another application there is nothing else.
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
from shorts.requirements import lock, requirements_txt
from shorts.system import interpreters, process
from shorts.targets.target import Target

Say = Callable[[str], None]
ARCHITECTURE = "x86_64"
# What builds leave in hidden folders, which are in no copy of an application.
_HIDDEN = (".aws-sam", ".pants.d", ".pids", ".store")
# Writes NAME.yaml for each function of a template, the template with no other function: SAM keeps
# no cache of a build of a function that is named. Given a method, SAM is to build it so.
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
        name: by which it is chosen.
        title: as tables have it.
        folder: below ``bench/``, where it differs from the name.
        functions: the logical ids of what it packages.
        minor: the Python that it packages for.
        leaves: a zip, or a folder that is yet to be zipped.
        place: the folder that its zips are in.
        made: what else it leaves in its work folder that is not hidden.
        needs: what has to be on the machine, of the names that `missing` knows.
        parameters: of the template, that it is built with.
        trimmed: whether the template's sample events are heeded.
        kept: what stays on a person's machine between builds from nothing, in words.
        remark: what a reader of its row has to know.
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
        """The folder with ``build.sh``."""
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
        needs=("image", "sam"),
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
    """Every system, in the order of the tables: the talk's own first."""
    return list(_SYSTEMS)


def missing(system: System) -> str:
    """Why a system cannot run on this machine, on one line; empty where it can."""
    checks: dict[str, Callable[[], str]] = {
        "linux": _other_machine,
        "image": lambda: containers.missing(system.minor),
        "zip": lambda: _lacks("zip"),
        "sam": lambda: _lacks("sam"),
        "pants": tools.pants_missing,
        "python": lambda: tools.python_missing(system.minor),
    }
    return next(filter(None, (checks[need]() for need in system.needs)), "")


def remark(system: System) -> str:
    """What a reader of the row has to know, the image included; empty for nothing."""
    said = [system.remark]
    if "image" in system.needs:
        said.append(containers.remark(system.minor))
    return " ".join(filter(None, said))


def prepare(
    system: System, work: Path, say: Say, template: Path | None = None
) -> Mapping[str, str]:
    """Lay the application in a folder, and have a system's tools ready.

    What is not shorts gets the pins of shorts' locks as requirements that name exact versions.

    Args:
        system: to be made ready.
        work: the folder, which is there.
        say: told what takes long.
        template: of the application that takes the place of the project's, if any; its
            requirements stay as they are.

    Returns:
        Variables for ``build.sh``.

    Raises:
        ShortsError: a tool or an interpreter cannot be had.
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
    """Remove what a system has made, and keep what it has downloaded, whatever form it has.

    Of an application's own nothing is removed, whatever its name.

    A daemon that people have running is running afterwards, anew.
    """
    close(system, work)
    for pattern in (*_HIDDEN, system.place, *system.made):
        for path in work.glob(pattern):
            shutil.rmtree(path)
    if system.name in _TOOLS:
        tools.forget_made()
    if system.name == "pants":
        tools.start_pants(work, _variables(system, work, lambda said: None))


def close(system: System, work: Path) -> None:
    """End what a system has left running in a folder."""
    if system.name == "pants":
        tools.end_pants(work)


def _variables(system: System, work: Path, say: Say) -> dict[str, str]:
    """What ``build.sh`` is run with; a tool that is in no environment of ours is made ready."""
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
    """Have requirements in the place of each lock: what it names for the target, no hashes."""
    for path in work.glob(f"*/{requirements_txt.LOCK_NAME}"):
        pins = lock.parse(path.read_text(encoding="utf-8"), target, path)
        text = "".join(f"{pin}\n" for pin in pins)
        path.with_name("requirements.txt").write_text(text, encoding="utf-8")
        path.unlink()


def _other_machine() -> str:
    """That this machine is not Lambda's kind, which pex and Pants describe to themselves by it."""
    if (sys.platform, platform.machine()) == ("linux", ARCHITECTURE):
        return ""
    return f"this is {platform.machine()} {sys.platform}; it describes Lambda's x86_64 Linux by it"


def _lacks(command: str) -> str:
    beside = Path(sys.executable).with_name(command)
    if beside.is_file() or shutil.which(command):
        return ""
    return f"no {command} command is here: install {_COMES_WITH[command]}"


_COMES_WITH = {"sam": "aws-sam-cli", "zip": "zip"}
# How the tools are made ready that are in no environment of ours.
_TOOLS = {"pants": tools.pants_ready, "pex": tools.pex_ready}
