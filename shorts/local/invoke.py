"""``shorts local invoke``: run one function once."""

import msgspec

from shorts.emulator import invoke, remote_layers
from shorts.emulator.credentials import Account
from shorts.emulator.emulator import Emulator, task_of
from shorts.emulator.output import FunctionOutput, Log, SourcePaths
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError
from shorts.local import debugging
from shorts.local.preparation import Chosen


def run(chosen: Chosen, log: Log) -> Reply:
    """Run a function once with the event of the command.

    Tracebacks in the log and in the answer name the function's sources.

    Raises:
        ShortsError: the function cannot run, its event is not JSON, or the profile that was named
            has no credentials.
    """
    function, options = chosen.function, chosen.invocation.run
    if not function.code_uri:
        raise ShortsError(
            f"{function.full_path} has its code in the template; shorts runs code of folders only."
            "\nMove the code into a folder, and name that as CodeUri."
        )
    if not function.handler:
        where = function.lines.get("Handler") or chosen.invocation.template
        raise ShortsError(
            f"{function.full_path}: Handler has no value before deployment ({where}).\n"
            "Give its parameter a default, or a value with --parameter-overrides."
        )
    for assumed in function.assumed:
        log.note(f"note: {function.full_path}: {assumed}")
    document = invoke.event(chosen.invocation.event)
    replaced = invoke.overrides(options.variables)
    debugger = debugging.debuggers_of([function], options.debugging).get(function.full_path)
    account = Account(options.profile, options.region, log.note)
    function = remote_layers.with_layers(function, options.layer_cache, account, log.note)
    variables = invoke.environment(function, replaced, account.variables())
    task = task_of(function)
    if debugger:
        function = debugging.with_time(function)
        unpacked_to, task = task, debugging.steady(function, task)
        debugging.fill(task, unpacked_to)
        variables |= invoke.added(options.debugging)
        log.note(debugging.attachment(function, debugger, task, chosen.source))
        log.note(debugging.waits(function, debugger))
    paths = SourcePaths(task, chosen.source)
    output = FunctionOutput(log, paths, reports=True)
    limited = options.limited
    with Emulator(
        function, task, variables, output, limited=limited, debugger=debugger
    ) as emulator:
        reply = emulator.invoke(document)
    if not reply.failure:
        return reply
    body = paths.replaced(reply.body.decode("utf-8", "surrogateescape"))
    return msgspec.structs.replace(reply, body=body.encode("utf-8", "surrogateescape"))
