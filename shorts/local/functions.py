"""The functions of a service: a pool of sandboxes for each, replaced when the function changes."""

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from shorts.emulator import invoke, layers, remote_layers
from shorts.emulator.credentials import Account
from shorts.emulator.debugger import Debugger
from shorts.emulator.emulator import Emulator, task_of
from shorts.emulator.output import FunctionOutput, Log, SourcePaths
from shorts.emulator.pool import Pool
from shorts.errors import ShortsError
from shorts.local import debugging
from shorts.local.preparation import Prepared
from shorts.model import Function
from shorts.requirements import local_projects
from shorts.targets.target import RUNTIMES

# In Lambda, each sandbox has its own.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME"


class Kept(NamedTuple):
    """A pool, what its sandboxes depend on, and what keeps the folder of their code."""

    identity: object
    pool: Pool
    held: ExitStack
    debugger: Debugger | None

    def leave(self) -> None:
        """End idle sandboxes now, and busy ones as soon as they are idle.

        One with a debugger ends at once: the next sandbox needs its port.
        """
        if self.debugger:
            self.pool.close()
        else:
            self.pool.retire()
        self.held.close()


class _Setting(NamedTuple):
    """What all functions of a service have in common."""

    prepared: Prepared
    replaced: Mapping[str, Mapping[str, object]]
    added: Mapping[str, str]
    debuggers: Mapping[str, Debugger]
    account: Account
    sources: Mapping[str, Function]
    is_one: bool


class Functions:
    """The functions that a service runs.

    Args:
        size: how many sandboxes each function may have.
        log: takes the functions' lines.
    """

    def __init__(self, size: int, log: Log) -> None:
        self._size = size
        self._log = log
        self._kept: dict[str, Kept] = {}
        self._account: Account | None = None
        self._is_ended = False
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self._stream = f"{day}/[$LATEST]{uuid.uuid4().hex}"

    @property
    def names(self) -> Collection[str]:
        """Return the full paths of the functions that run here."""
        return self._kept.keys()

    def prepare(self, prepared: Prepared, wanted: Collection[str]) -> dict[str, Kept]:
        """Return a pool for each function: the former one if nothing has changed.

        Args:
            prepared: what is served.
            wanted: the full paths of the functions that are called.

        Raises:
            ShortsError: an option is wrong, or the named profile has no credentials.
        """
        serving, run = prepared.serving, prepared.serving.run
        functions = [
            function
            for function in serving.functions
            if function.full_path in wanted and _runs(function)
        ]
        if self._account is None or self._account.requested != (run.profile, run.region):
            self._account = Account(run.profile, run.region, self._log.note)
        setting = _Setting(
            prepared=prepared,
            replaced=invoke.overrides(run.variables),
            added=invoke.added(run.debugging),
            debuggers=debugging.debuggers_of(functions, run.debugging),
            account=self._account,
            sources={function.full_path: function for function in prepared.built.functions}
            if prepared.built
            else {},
            is_one=len(functions) == 1,
        )
        self._account.variables()  # so that what is wrong with them shows at the start
        return {function.full_path: self._pooled(function, setting) for function in functions}

    def replace(self, pools: Mapping[str, Kept]) -> bool:
        """Call these from now on; return whether they differ from the former ones.

        Requests in progress end as they began.
        """
        former, self._kept = self._kept, dict(pools)
        for full_path, kept in former.items():
            if full_path not in pools or pools[full_path].pool is not kept.pool:
                kept.leave()
        return former != self._kept

    def warm(self) -> None:
        """Start a sandbox of each function."""
        for full_path, kept in self._kept.items():
            try:
                kept.pool.warm()
            except ShortsError as error:  # the others run
                self._log.note(f"{full_path} was not started: {error}")

    def refuse(self) -> None:
        """Stop starting sandboxes."""
        self._is_ended = True

    def end(self) -> None:
        """End all sandboxes, and stop starting new ones."""
        self.refuse()
        for kept in self._kept.values():
            kept.pool.close()

    def _pooled(self, function: Function, setting: _Setting) -> Kept:
        full_path, run = function.full_path, setting.prepared.serving.run
        debugger, source = setting.debuggers.get(full_path), setting.sources.get(full_path)
        places = [function.code_uri, *(layer.code_uri for layer in function.layers)]
        identity = (
            msgspec.json.encode([function, source, run]),
            [local_projects.digest(Path(place)) for place in places if Path(place).exists()],
            invoke.environment(function, setting.replaced),
            setting.added,
            debugger,
        )
        former = self._kept.get(full_path)
        if former and former.identity == identity:
            return former
        task = task_of(function)
        start = self._starter(function, task, setting)
        pool = Pool(start, 1 if debugger else self._size)
        return Kept(identity, pool, layers.hold([task]), debugger)

    def _starter(self, function: Function, task: Path, setting: _Setting) -> Callable[[], Emulator]:
        full_path, run = function.full_path, setting.prepared.serving.run
        debugger, source = setting.debuggers.get(full_path), setting.sources.get(full_path)
        runs = remote_layers.with_layers(function, run.layer_cache, setting.account, self._log.note)
        place = task
        if debugger:
            runs, place = debugging.with_time(runs), debugging.steady(function, task)
            self._log.note(debugging.attachment(function, debugger, place, source))
        prefix = "" if setting.is_one else f"{full_path}  "
        output = FunctionOutput(self._log, SourcePaths(place, source), prefix, reports=False)

        def start() -> Emulator:
            variables = invoke.environment(runs, setting.replaced, setting.account.variables())
            variables[_STREAM] = self._stream
            if debugger:
                debugging.fill(place, task)
                variables |= setting.added
                self._log.note(debugging.waits(function, debugger))
            made = Emulator(
                *(runs, place, variables, output), limited=run.limited, debugger=debugger
            )
            if self._is_ended:  # a waiting request is next, and nothing would end its sandbox
                raise ShortsError(f"{full_path} is not started: shorts is shutting down.")
            return made.__enter__()

        return start


def _runs(function: Function) -> bool:
    return (
        function.package_type == "Zip" and function.runtime in RUNTIMES and bool(function.code_uri)
    )
