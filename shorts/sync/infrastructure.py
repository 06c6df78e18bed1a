"""Deploys what Lambda's API cannot take: everything of a template but code."""

import os
import re
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.model import Application, Syncing
from shorts.sync.cloud import Cloud, Stack
from shorts.system import files, process, project_state
from shorts.system.project_state import FOLDER

# A value of a mapping or a list in a template as it is written by a build.
_VALUE = re.compile(r"(?:: |- )['\"]?([^'\"\n]+)", re.MULTILINE)


class _Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """What the last sync has deployed to a stack.

    Attributes:
        stack: the ARN of the stack.
        updated: when that was done, as CloudFormation has it.
        digest: of what was deployed, apart from code.
    """

    stack: str
    updated: str
    digest: str


def deploy(
    syncing: Syncing, application: Application, cloud: Cloud, *, always: bool = False
) -> bool:
    """Run `sam deploy` where the stack has another template, and return whether it ran.

    Where the last deployment was not a sync's, SAM and CloudFormation compare.

    Args:
        syncing: the command.
        application: what was built.
        cloud: the account.
        always: whether to run it in any case.

    Raises:
        ShortsError: it failed.
    """
    digest = _digest(syncing, application)
    stack = cloud.stack(syncing.stack)
    known = stack and project_state.recall(_place(stack), _Deployed)
    is_known = known and stack and known == _deployed(stack, digest)
    if is_known and not application.handed and not always:
        return False
    template = str(Path(application.build_dir, "template.yaml"))
    try:
        process.attend([process.tool("sam"), "deploy", "-t", template, *syncing.deploy])
    except process.ProcessFailed as failure:
        raise ShortsError(f"`sam deploy` failed with status {failure.status}.") from failure
    if stack := cloud.stack(syncing.stack):
        project_state.keep(_place(stack), _deployed(stack, digest))
    return True


def _deployed(stack: Stack, digest: str) -> _Deployed:
    return _Deployed(stack=stack.id, updated=stack.updated, digest=digest)


def _place(stack: Stack) -> Path:
    return FOLDER / f"deployed-{sha256(stack.id.encode()).hexdigest()[:16]}.json"


def _digest(syncing: Syncing, application: Application) -> str:
    """Return a digest of the templates, of local files that they name, and of SAM's options."""
    digest = sha256(msgspec.json.encode((syncing.deploy, sorted(application.templates.items()))))
    for file in named(application):
        digest.update(f"\0{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def named(application: Application) -> list[Path]:
    """Return the files outside the build folder that the built templates name.

    Those are OpenAPI documents, state machines, and the folders of layers without a build.
    """
    build_dir = Path(application.build_dir)
    paths = set()
    for path, text in application.templates.items():
        for value in set(_VALUE.findall(text)):
            place = Path(os.path.realpath((build_dir / path).parent / value.strip()))
            is_around = place.is_relative_to(build_dir) or build_dir.is_relative_to(place)
            if is_around or not files.exists(place):
                continue
            if place.is_file():
                paths.add(place)
            elif "/" in value and place.is_dir():
                paths.update(each for each in place.rglob("*") if each.is_file())
    return sorted(paths)
