"""The application in containers: built, invoked and served by SAM, and in a Lambda-like sandbox.

What the answers are compared with are those of the runtime emulator without Docker.
"""

import ast
import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shorts.emulator.emulator import unpacked
from tests.e2e.answers import Answers, emulated, events, functions, lasting
from tests.e2e.conftest import Sam
from tests.e2e.sandbox import send, walled
from tests.e2e.services import Service, serving

pytestmark = pytest.mark.usefixtures("engine")
NAMES = ("EchoFunction", "PlotFunction")
# What clients and proxies set themselves on the way.
_OF_THE_WAY = "content-length host x-forwarded-for x-forwarded-port x-forwarded-proto".split()
_CONSTRUCTED = re.compile(r"Constructed Event Version 2\.0 to invoke Lambda\. Event: (\{.*\})")


@pytest.fixture(scope="module", params=["contained", "built"])
def application(request: pytest.FixtureRequest) -> Path:
    """The application as `sam build --use-container` has built it, and as shorts has."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="module")
def expected(built: Path) -> dict[str, Answers]:
    """The answers without Docker to all sample events."""
    found = functions(built)
    return {name: emulated(found[name], events(name)) for name in NAMES}


@pytest.mark.parametrize(("name", "event"), [(NAMES[0], "echo.json"), (NAMES[1], "plot.json")])
def test_local_invoke(
    application: Path, sam: Sam, expected: dict[str, Answers], name: str, event: str
) -> None:
    """`sam local invoke` prints what the emulator answers without Docker."""
    done = sam("local", "invoke", name, "-e", f"events/{event}", cwd=application)
    assert done.returncode == 0, done.stderr
    assert lasting(done.stdout.strip().encode()) == expected[name][event]


def test_every_event(application: Path, expected: dict[str, Answers], tmp_path: Path) -> None:
    """Each function answers each of its sample events as it does without Docker."""
    log = tmp_path / "log"
    with serving(application, log, "start-lambda", "--warm-containers", "LAZY") as service:
        for name in NAMES:
            assert len(events(name)) >= 5
            for event, document in events(name).items():
                path = f"/2015-03-31/functions/{name}/invocations"
                answer = lasting(service.ask("POST", path, document).body)
                assert answer == expected[name][event], (event, log.read_text())


def test_every_request(application: Path, built: Path, tmp_path: Path) -> None:
    """A request to the local API is answered as the function answers the event made of it."""
    log = tmp_path / "log"
    requests = {name: list(_requests(name)) for name in NAMES}
    with serving(application, log, "start-api", "--warm-containers", "LAZY", "--debug") as service:
        asked = {name: [_ask(service, *one) for one in sent] for name, sent in requests.items()}
    for name, pairs in asked.items():
        assert pairs
        made = {str(number): event for number, (event, _) in enumerate(pairs)}
        answers = emulated(functions(built)[name], made)
        for answer, (_, response) in zip(answers.values(), pairs, strict=True):
            said: dict[str, Any] = json.loads(answer)
            assert response.status == said["statusCode"]
            for header, value in said["headers"].items():
                assert lasting(response.headers[header].encode()) == value.encode()
            body = said.get("body") or ""
            sent = base64.b64decode(body) if said.get("isBase64Encoded") else body.encode()
            assert lasting(response.body) == sent


@pytest.mark.parametrize("name", NAMES)
def test_in_a_sandbox(built: Path, expected: dict[str, Answers], name: str) -> None:
    """An artifact of shorts needs no network, nothing to write to but /tmp, and no more memory."""
    function = functions(built)[name]
    with walled(function, unpacked(Path(function.code_uri))) as container:
        assert send(container, events(name)) == expected[name]


def test_the_sandbox_has_walls(built: Path, tmp_path: Path) -> None:
    """A function in the sandbox neither writes nor reaches anything, nor has memory at will."""
    (tmp_path / "app.py").write_text(_CLIMBER)
    function = msgspec.structs.replace(functions(built)["EchoFunction"], memory=128)
    with walled(function, tmp_path) as container:
        tried = send(container, {"write": b'"write"', "reach": b'"reach"', "take": b'"take"'})
    assert json.loads(tried["write"]) == ["/tmp"]
    assert json.loads(tried["reach"]) == "Network is unreachable"
    assert b"taken" not in tried["take"]


# What a function with no business there would try.
_CLIMBER = """
import os, socket

def handler(event, context):
    if event == "write":
        return [at for at in ("/", "/tmp", "/var/task", "/dev/shm") if os.access(at, os.W_OK)]
    if event == "reach":
        try:
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        except OSError as error:
            return error.strerror
    return f"taken: {len(bytearray(os.urandom(1)) * 2**28)}"
"""


def _requests(name: str) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """The sample events that are requests to the API, as such requests.

    SAM's local API reads bodies as text, so those that are none are not among them.
    """
    for document in events(name).values():
        event: dict[str, Any] = json.loads(document)
        asked = event.get("requestContext", {}).get("http")
        here = f"/{name.removesuffix('Function').lower()}"
        if not asked or event.get("isBase64Encoded") or not event["rawPath"].startswith(here):
            continue
        query = event.get("rawQueryString")
        headers = {key: value for key, value in event["headers"].items() if key not in _OF_THE_WAY}
        if event.get("cookies"):
            headers["cookie"] = "; ".join(event["cookies"])
        path = f"{event['rawPath']}?{query}" if query else event["rawPath"]
        yield asked["method"], path, (event.get("body") or "").encode(), headers


def _ask(
    service: Service, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[bytes, Any]:
    """The event that SAM made of a request, and its response."""
    read = len(service.log.read_text())
    response = service.ask(method, path, body, headers)
    (made,) = _CONSTRUCTED.findall(service.log.read_text()[read:])
    return json.dumps(ast.literal_eval(made), sort_keys=True).encode(), response
