"""Lambda's Invoke API: which function a request is for, and what its client gets.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

import msgspec

from shorts.emulator.pool import Pool
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.start_api import responses
from shorts.start_api.events import Request
from shorts.start_api.http_server import Served
from shorts.start_api.responses import Answer
from shorts.targets.limits import ANSWER, EVENT

_PATH = re.compile(r"/2015-03-31/functions/(?P<name>.+)/invocations")
# A name, a partial or a whole ARN, with a version or an alias, which are ignored as SAM does.
_NAME = re.compile(
    r"(?:(?:arn:[^:]+:lambda:[^:]*:)?\d{12}:function:)?(?P<name>[\w.\[\]-]+)(?::[\w$-]+)?", re.ASCII
)
_TYPES = ("RequestResponse", "Event", "DryRun")
_LOGS = ("None", "Tail")
_VERSION = "$LATEST"
# A failure that the runtime does not report itself.
_KILLED = "Runtime.OutOfMemory"
# The init of a sandbox, and the emulator's own time, in seconds.
_MORE_TIME = 30


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What is served at a time.

    Attributes:
        functions: all functions.
        pools: where functions run, by full path; one that cannot run here has none.
        region: for the ARNs in messages.
        log: takes the failures of invocations that no client waits for.
    """

    functions: Sequence[Function]
    pools: Mapping[str, Pool]
    region: str
    log: Callable[[str], None]

    def respond(self, request: Request) -> Served:
        """Return the answer to a request."""
        try:
            return self._served(request)
        except _Refused as refused:
            return Served(refused.answer, refused.function, note=refused.note)

    def too_large(self) -> Answer:
        """Return the answer to a request with too large a body."""
        message = f"Request must be smaller than {EVENT} bytes for the InvokeFunction operation"
        return _error("RequestTooLargeException", 413, message)

    def _served(self, request: Request) -> Served:
        match = _PATH.fullmatch(unquote(request.path))
        if match is None:
            raise _Refused("UnknownOperationException", 404, f"{request.path} is not Lambda's.")
        if request.method != "POST":
            raise _Refused("UnknownOperationException", 405, f"{request.method} is not allowed.")
        function = self._function(match["name"])
        headers = {name.lower(): value for name, value in request.headers}
        kind = _one_of(headers, "x-amz-invocation-type", _TYPES)
        tail = _one_of(headers, "x-amz-log-type", _LOGS) == "Tail"
        event = _event(request.body)
        if kind == "DryRun":
            return Served(Answer(status=204, headers=[], body=b""), function.full_path)
        pool = self.pools.get(function.full_path)
        if pool is None:
            message = (
                f"{function.full_path} does not run here: it is not Python with a zip or folder."
            )
            raise _Refused("NotImplementedException", 501, message)
        if kind == "Event":
            threading.Thread(
                target=self._run_later, args=(pool, function, event), daemon=True
            ).start()
            return Served(Answer(status=202, headers=[], body=b""), function.full_path)
        try:
            reply = pool.invoke(event, function.timeout + _MORE_TIME, tail=tail)
        except ShortsError as error:
            raise _Refused("ServiceException", 500, str(error), function.full_path) from error
        return _answered(reply, function, request.id, tail=tail)

    def _function(self, identifier: str) -> Function:
        stack, slash, last = identifier.rpartition("/")
        match = _NAME.fullmatch(last)
        if match is None:
            message = f"{identifier!r} is not the name or ARN of a function."
            raise _Refused("ValidationException", 400, message)
        name = f"{stack}{slash}{match['name']}"
        for function in self.functions:
            if function.is_named(name):
                return function
        arn = f"arn:aws:lambda:{self.region}:123456789012:function:{name}"
        raise _Refused("ResourceNotFoundException", 404, f"Function not found: {arn}")

    def _run_later(self, pool: Pool, function: Function, event: bytes) -> None:
        try:
            reply = pool.invoke(event, function.timeout + _MORE_TIME)
        except ShortsError as error:
            self.log(f"{function.full_path} failed: {error}")
        else:
            if reply.failure:
                self.log(f"{function.full_path} failed: {reply.failure}")


class _Refused(Exception):
    """A request that calls no function."""

    def __init__(self, type_: str, status: int, message: str, function: str = "") -> None:
        super().__init__(message)
        self.answer = _error(type_, status, message)
        self.function = function
        self.note = message


def _error(type_: str, status: int, message: str) -> Answer:
    """Return an error as Lambda's API words it; SDKs read the header."""
    kind = "User" if status < 500 else "Service"
    body = msgspec.json.encode({"Type": kind, "Message": message})
    headers = [("Content-Type", responses.JSON), ("x-amzn-ErrorType", type_)]
    return Answer(status=status, headers=headers, body=body)


def _one_of(headers: Mapping[str, str], name: str, values: Sequence[str]) -> str:
    """Return the value of a header; the first possible one where there is none."""
    value = headers.get(name, values[0])
    if value not in values:
        message = f"{name}: {value!r} is not one of {', '.join(values)}."
        raise _Refused("InvalidParameterValueException", 400, message)
    return value


def _event(body: bytes) -> bytes:
    if not body:
        return b"{}"
    try:
        msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: {error}"
        raise _Refused("InvalidRequestContentException", 400, message) from error
    return body


def _answered(reply: Reply, function: Function, request: str, *, tail: bool) -> Served:
    """Return what a function answered, or how it failed."""
    failure, body = reply.failure, reply.body
    if len(body) > ANSWER:
        failure = (
            "Function.ResponseSizeTooLarge: Response payload size exceeded maximum allowed payload "
            f"size ({ANSWER} bytes)."
        )
        body = b""
    if failure and (not body.startswith(b"{") or failure.startswith(_KILLED)):
        type_, _, message = failure.partition(": ")
        if not message:
            type_, message = "Sandbox.Timedout", f"RequestId: {request} Error: {failure}"
        body = msgspec.json.encode({"errorType": type_, "errorMessage": message})
    headers = [("Content-Type", responses.JSON), ("X-Amz-Executed-Version", _VERSION)]
    if failure:
        headers.append(("X-Amz-Function-Error", "Unhandled"))
    if tail:
        headers.append(("X-Amz-Log-Result", base64.b64encode(reply.tail).decode()))
    answer = Answer(status=200, headers=headers, body=body)
    note = f"{function.full_path} failed: {failure}" if failure else ""
    return Served(answer, function.full_path, note=note)
