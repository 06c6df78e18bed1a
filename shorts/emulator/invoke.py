"""What is invoked: the function, its event and its environment."""

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from shorts.errors import ShortsError
from shorts.model import Debugging, Function, Invocation
from shorts.system import files

# The defaults of `sam local invoke` (samcli.local.lambdafn.env_vars).
_DEFAULTS = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "defaultkey",
    "AWS_SECRET_ACCESS_KEY": "defaultsecret",
}
# The host variables that a function sees where the build itself runs it.
NO_HOST: Mapping[str, str] = MappingProxyType({})


def chosen(invocation: Invocation) -> Function:
    """Return the function with the requested name, or the only function.

    Raises:
        ShortsError: there is none, or there are several and none was named.
    """
    names = ", ".join(function.full_path for function in invocation.functions) or "none"
    if invocation.wanted is None:
        if len(invocation.functions) != 1:
            raise ShortsError(f"Name the function to invoke: {invocation.template} has {names}.")
        return invocation.functions[0]
    for function in invocation.functions:
        if function.is_named(invocation.wanted):
            return function
    raise ShortsError(
        f"There is no function {invocation.wanted} in {invocation.template}.\nIt has: {names}."
    )


def event(path: str | None) -> bytes:
    """Return the event's bytes, from a file, from standard input for ``-``, or an empty object.

    Raises:
        ShortsError: it cannot be read, or is not JSON.
    """
    if path is None:
        return b"{}"
    if path == "-":
        shown, document = "standard input", sys.stdin.buffer.read(files.EVENT + 1)
    else:
        shown, document = path, files.read(path, files.EVENT, name=f"The event {path}")
    if len(document) > files.EVENT:
        raise ShortsError(f"The event in {shown} is larger than {files.EVENT // 2**20} MB.")
    return checked(document, shown)


def checked(document: bytes, shown: str) -> bytes:
    """Return an event if it is a JSON document.

    Raises:
        ShortsError: it is not.
    """
    try:
        msgspec.json.decode(document)
    except (ValueError, RecursionError) as error:
        raise ShortsError(
            f"The event in {shown} is not JSON: {error}{_place(document)}."
        ) from error
    return document


def _place(document: bytes) -> str:
    """Return the line and the column where a document stops being JSON; empty if not known."""
    import json

    try:
        json.loads(document)
    except json.JSONDecodeError as error:
        return f", at line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError):
        pass
    return ""


def overrides(path: str | None) -> dict[str, dict[str, object]]:
    """Read the ``--env-vars`` file: variables by function, or for all under ``Parameters``.

    Raises:
        ShortsError: the file cannot be read, or has another form.
    """
    if path is None:
        return {}
    text = files.read(path, files.TEXT, name=f"The variables in {path}")
    try:
        decoded = msgspec.json.decode(text, type=dict[str, dict[str, object]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ShortsError(
            f"{path} holds no variables by function: {error}.\n"
            'It has to be JSON such as {"EchoFunction": {"NAME": "value"}}, or {"Parameters": {…}}.'
        ) from error
    for variables in decoded.values():
        for name, value in variables.items():
            if "\0" in f"{name}{value}":
                raise ShortsError(f"{path}: {name!r} holds a NUL, which no variable may hold.")
    return decoded


def added(debugging: Debugging) -> dict[str, str]:
    """Read the ``--container-env-vars`` file: variables of every debugged function.

    Raises:
        ShortsError: the file cannot be read, or has another form.
    """
    if not debugging.ports or debugging.variables is None:
        return {}
    path = debugging.variables
    text = files.read(path, files.TEXT, name=f"The variables in {path}")
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ShortsError(
            f'{path}: {error}.\nIt holds variables by name, such as {{"NAME": "value"}}.'
        ) from error


def environment(
    function: Function,
    replaced: Mapping[str, Mapping[str, object]],
    account: Mapping[str, str] = NO_HOST,
    host: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return what SAM gives the function's process: its variables, logging format, credentials.

    A variable of the template takes its value from the overrides, else from the host, else from the
    template.

    Args:
        function: the function.
        replaced: the overrides, by function.
        account: credentials and a region, as `credentials.Account` returns them.
        host: this process's environment; `NO_HOST` for a function that the user did not invoke.
    """
    overridden: dict[str, object] = {**replaced.get("Parameters", {})}
    for name in (function.full_path, function.function_name, function.name):
        overridden |= replaced.get(name, {})
    variables = {
        name: _text(overridden[name]) if name in overridden else host.get(name, value)
        for name, value in function.variables.items()
    }
    settings = {**_DEFAULTS, **account}
    settings["AWS_DEFAULT_REGION"] = settings["AWS_REGION"]
    if function.logging.get("LogFormat"):
        settings["AWS_LAMBDA_LOG_FORMAT"] = function.logging["LogFormat"]
    if function.logging.get("LogFormat") == "JSON":
        settings["AWS_LAMBDA_LOG_LEVEL"] = function.logging.get("ApplicationLogLevel", "INFO")
    if function.logging.get("LogGroup"):
        settings["AWS_LAMBDA_LOG_GROUP_NAME"] = function.logging["LogGroup"]
    return {**settings, **variables}


def _text(value: object) -> str:
    """Return a variable's value as the runtime takes it, which is always text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, dict | list) else str(value)
