"""A sync, from the sources to a running function; once, or at each change."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from shorts import pipeline
from shorts.artifact.plan import Options
from shorts.errors import ShortsError
from shorts.local import watch
from shorts.local.watch import Place, Watch
from shorts.model import Application, Syncing
from shorts.sam.read import read_application
from shorts.sync import choice, code, infrastructure
from shorts.sync.cloud import Cloud
from shorts.sync.code import Sent, Target
from shorts.system.step import Step


class Says(Protocol):
    """What shows progress."""

    def say(self, line: str) -> None:
        """Show a step."""


class Synced(NamedTuple):
    """The result of a sync.

    Attributes:
        deployed: whether `sam deploy` ran.
        sent: the functions that were updated.
        warnings: of the build.
        seconds: how long all of it took.
    """

    deployed: bool
    sent: list[Sent]
    warnings: list[str]
    seconds: float


def run(
    syncing: Syncing,
    options: Options,
    cloud: Cloud,
    progress: Callable[[], AbstractContextManager[Says]],
    *,
    always: bool = False,
) -> Synced:
    """Build, and send what the stack does not have.

    Args:
        syncing: the command.
        options: of the build.
        cloud: the account.
        progress: shows the steps of a part; not while `sam deploy` shows its own.
        always: whether to run `sam deploy` in any case.

    Raises:
        ShortsError: it cannot be built, and the cloud is as it was; or AWS refuses.
    """
    began = time.perf_counter()
    with progress() as shown:
        application = read_application(syncing.build, shown.say)
        functions = choice.wanted(application.functions, syncing.resources, syncing.types)
        built = pipeline.build(application, options, shown.say)
    deployed = False
    if not syncing.code:
        deployed = infrastructure.deploy(syncing, application, cloud, always=always)
    elif cloud.stack(syncing.stack) is None:
        raise ShortsError(
            f"There is no stack {syncing.stack}.\n`shorts sync` without --code creates it."
        )
    target = Target(cloud, syncing.stack, syncing.bucket)
    with progress() as shown:
        shown.say(Step(f"Sending to the stack {syncing.stack}"))
        sent = code.send(target, Path(application.build_dir), functions, built.artifacts)
    of_zips = {
        line
        for artifact in built.artifacts.values()
        for line in (*artifact.warnings, *artifact.lasting)
    }
    warnings = sorted({*of_zips, *built.exposed})
    if syncing.code and application.handed:
        names = ", ".join(application.handed)
        warnings.append(f"{names}: not sent; `shorts sync` without --code deploys what SAM builds")
    return Synced(deployed, sent, warnings, time.perf_counter() - began)


def follow(
    read: Callable[[], Syncing],
    sync: Callable[[Syncing, bool], None],
    note: Callable[[str], None],
) -> None:
    """Sync at once, and at each change, until interrupted.

    Args:
        read: reads the command's options.
        sync: syncs; called with whether it is the first time.
        note: receives what went wrong; the next change syncs again.

    Raises:
        KeyboardInterrupt: at the end.
        ShortsError: the template cannot be read at the beginning.
    """
    syncing = read()
    looking = Watch(_places(syncing, read_application(syncing.build)))
    is_first = True
    try:
        while True:
            try:
                syncing = read()
                sync(syncing, is_first)
                is_first = False
            except (ShortsError, OSError) as error:  # a file may go while it is read
                note(str(error))
            renewed = _renewed(looking, syncing)
            if renewed is not looking:  # something may have changed before it began
                looking = renewed
                continue
            note(f"{os.path.relpath(looking.wait())} changed")
    finally:
        looking.stop()


def _renewed(looking: Watch, syncing: Syncing) -> Watch:
    """Return a watch over what the template names now."""
    try:
        places = _places(syncing, read_application(syncing.build))
    except (ShortsError, OSError):
        return looking  # what is wrong was noted
    if places == looking.places:
        return looking
    looking.stop()
    return Watch(places)


def _places(syncing: Syncing, application: Application) -> frozenset[Place]:
    named = map(str, infrastructure.named(application))
    return watch.of_build(application, [*syncing.files, *application.sources, *named])
