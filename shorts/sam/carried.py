"""Options that SAM's reading of a template does not depend on: they are carried along as given.

So a remembered answer serves every event, port, log file and function. samcli is asked once which
words are options and which of these have a value; that is remembered, too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar

import msgspec

from shorts.errors import ShortsError
from shorts.model import Debugging, Invocation, RunOptions, Serving

# The options of each command, by the names that samcli gives their values.
_RUN = frozenset(
    """profile env_vars log_file no_memory_limit layer_cache_basedir debug_port debug_args
    debugger_path container_env_vars debug_function""".split()
)
_SERVE = frozenset("host port warm_containers no_watch".split())
OF_BUILD = frozenset(("cached", "parallel", "profile"))
OF_INVOKE = _RUN | {"event", "no_event"}
OF_API = _RUN | _SERVE | {"static_dir"}
OF_LAMBDA = _RUN | _SERVE
Value = TypeVar("Value", str, str | None)

# How `--warm-containers` may be.
_WARM = ("EAGER", "LAZY")


class SamOption(msgspec.Struct, frozen=True, kw_only=True):
    """One spelling of one of SAM's options.

    Attributes:
        name: of its value.
        takes: how many words follow it; ``values`` are all up to the next option.
    """

    name: str
    takes: Literal["flag", "no", "value", "values"]


class SamOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one of SAM's commands, by their spellings."""

    options: dict[str, SamOption]


class Given(NamedTuple):
    """The arguments of a command.

    Attributes:
        decides: those that decide what is read.
        carried: the values of the others, by name; a flag has none.
        names: what belongs to no option.
    """

    decides: list[str]
    carried: Mapping[str, list[str]]
    names: list[str]


def given(arguments: Sequence[str], known: SamOptions, carried: Collection[str]) -> Given | None:
    """Split the arguments of a command; None where samcli has to say what is wrong with them.

    Args:
        arguments: of the command.
        known: its options.
        carried: the names of those that decide nothing.
    """
    decides: list[str] = []
    values: dict[str, list[str]] = {}
    names: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-"):
            names.append(word)
            continue
        spelling, equals, value = word.partition("=")
        option = known.options.get(spelling)
        is_flag = option is not None and option.takes in ("flag", "no")
        if option is None or (equals and (is_flag or not word.startswith("--"))):
            return None
        following = [value] if equals else []
        if not is_flag and not equals:
            if not waiting:
                return None
            following.append(waiting.pop(0))
        if option.takes == "values":
            while waiting and not waiting[0].startswith("-"):
                following.append(waiting.pop(0))
        if option.name not in carried:
            decides += [spelling, *following]
        elif option.takes == "no":
            values.pop(option.name, None)
        else:
            values.setdefault(option.name, []).extend(following)
    return Given(decides, values, names)


def invocation(answer: Invocation, given: Given) -> Invocation | None:
    """Return an invocation with what was given; None where samcli has to say what is wrong."""
    if len(given.names) > 1:
        return None
    run = _run(answer.run, given.carried)
    if run is None:
        return None
    return msgspec.structs.replace(
        answer,
        run=run,
        event=_last(given.carried, "event", answer.event),
        wanted=given.names[0] if given.names else answer.wanted,
    )


def serving(answer: Serving, given: Given) -> Serving | None:
    """Return a service with what was given; None where samcli has to say what is wrong."""
    run = _run(answer.run, given.carried)
    port = _last(given.carried, "port", str(answer.port)) or ""
    warm = _last(given.carried, "warm_containers", "EAGER" if answer.eager else "LAZY") or ""
    if run is None or not port.isdecimal() or warm.upper() not in _WARM:
        return None
    changed = msgspec.structs.replace(
        answer,
        run=run,
        host=_last(given.carried, "host", answer.host),
        port=int(port),
        static=_last(given.carried, "static_dir", answer.static),
        eager=warm.upper() == "EAGER",
        watch=answer.watch and "no_watch" not in given.carried,
    )
    return only(changed, given.names)


def only(serving: Serving, names: Collection[str]) -> Serving:
    """Return a service of the named functions; of all where there are no names.

    Raises:
        ShortsError: a function does not exist.
    """
    if not names:
        return serving
    known = {
        function.full_path: {function.full_path, function.name, function.function_name}
        for function in serving.functions
    }
    for name in names:
        if not any(name in each for each in known.values()):
            there = ", ".join(known)
            raise ShortsError(f"There is no function {name} in the template.\nIt has: {there}.")
    chosen = [
        function for function in serving.functions if known[function.full_path].intersection(names)
    ]
    return msgspec.structs.replace(serving, functions=chosen)


def _run(answer: RunOptions, carried: Mapping[str, list[str]]) -> RunOptions | None:
    former = answer.debugging
    ports = carried.get("debug_port")
    if ports and not all(port.isdecimal() for port in ports):
        return None
    return RunOptions(
        variables=_last(carried, "env_vars", answer.variables),
        log=_last(carried, "log_file", answer.log),
        profile=_last(carried, "profile", answer.profile),
        region=answer.region,
        limited=answer.limited and "no_memory_limit" not in carried,
        layer_cache=_last(carried, "layer_cache_basedir", answer.layer_cache),
        debugging=Debugging(
            ports=[int(port) for port in ports] if ports else former.ports,
            path=_last(carried, "debugger_path", former.path),
            arguments=_last(carried, "debug_args", former.arguments),
            function=_last(carried, "debug_function", former.function),
            variables=_last(carried, "container_env_vars", former.variables),
        ),
    )


def _last(carried: Mapping[str, list[str]], name: str, default: Value) -> str | Value:
    return carried[name][-1] if name in carried else default
