"""`shorts sync` to a stand-in for the cloud."""

import base64
import contextlib
import hashlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Done, Shorts, write_wheel
from tests.e2e.cloud.service import Cloud, serving

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo
      Handler: app.handler
      Runtime: python3.13
      Timeout: 5
      AutoPublishAlias: live
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: other, Handler: app.handler, Runtime: python3.13}
"""
SHARED = """\
Transform: AWS::Serverless-2016-10-31
Metadata: {Shorts: {SharedLayers: true}}
Resources:
  Own:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: own, RetentionPolicy: Delete}
    Metadata: {BuildMethod: python3.13}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Handler: app.handler
      Runtime: python3.13
      Layers: [!Ref Own]
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A stand-in for the cloud, for this file's tests."""
    with serving(tmp_path_factory.mktemp("cloud") / "log") as there:
        yield there


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> str:
    """A stack's name for each test."""
    return re.sub("[^a-z]+", "-", request.node.name).strip("-")[:60].rstrip("-")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An application of two functions."""
    folder = tmp_path / "small"
    for name in ("echo", "other"):
        (folder / name).mkdir(parents=True)
        (folder / name / "app.py").write_text(f"def handler(event, context):\n    '{name}'\n")
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


class Syncs:
    """Runs `shorts sync` to one stack, and looks at what is there."""

    def __init__(self, shorts: Shorts, cloud: Cloud, folder: Path, stack: str) -> None:
        self.shorts, self.cloud, self.folder, self.stack = shorts, cloud, folder, stack

    def __call__(self, *options: str, **environment: str) -> Done:
        arguments = ["sync", "--stack-name", self.stack, *options]
        return self.shorts(arguments, self.folder, **{**self.cloud.environment, **environment})

    def good(self, *options: str, **environment: str) -> str:
        done = self(*options, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def function(self, name: str, qualifier: str = "$LATEST") -> Any:
        """Its configuration in the cloud."""
        physical = self.cloud.resources(self.stack)[name]
        return self.cloud.client("lambda").get_function_configuration(
            FunctionName=physical, Qualifier=qualifier
        )

    def digests(self) -> dict[str, str]:
        """What Lambda says of the code of both functions."""
        return {
            name: self.function(name)["CodeSha256"] for name in ("EchoFunction", "OtherFunction")
        }

    def built(self, name: str) -> str:
        """What was built, as Lambda writes digests."""
        content = (self.folder / ".aws-sam/build" / f"{name}.zip").read_bytes()
        return base64.b64encode(hashlib.sha256(content).digest()).decode()

    def edit(self, text: str, name: str = "echo") -> None:
        (self.folder / name / "app.py").write_text(text)


@pytest.fixture
def syncs(shorts: Shorts, cloud: Cloud, small: Path, stack: str) -> Syncs:
    """Syncs of the small application."""
    return Syncs(shorts, cloud, small, stack)


def test_an_edit_is_sent_alone(syncs: Syncs) -> None:
    """The first sync deploys. Then an edit updates its function and alias, and nothing else."""
    syncs.good()
    before = syncs.digests()
    uploads = syncs.cloud.uploads()
    assert before == {name: syncs.built(name) for name in before}
    syncs.edit("def handler(event, context):\n    return 'edited'\n")
    said = syncs.good("--code")
    assert re.fullmatch(
        r"EchoFunction: 0\.\d KB of code, version 2 as live, active after \d\.\d\d s\n"
        r"Synced in \d\.\d\d s\n",
        said,
    )
    after = syncs.digests()
    assert after["EchoFunction"] == syncs.built("EchoFunction") != before["EchoFunction"]
    assert syncs.function("EchoFunction", "live")["CodeSha256"] == after["EchoFunction"]
    assert after["OtherFunction"] == before["OtherFunction"]
    assert syncs.cloud.uploads() == uploads


def test_nothing_changed_and_nothing_is_sent(syncs: Syncs) -> None:
    """Neither with `--code` nor without it."""
    syncs.good()
    versions = syncs.function("EchoFunction")["LastModified"]
    for options in ((), ("--code",)):
        said = syncs.good(*options)
        assert said.startswith(f"Nothing to send: the stack {syncs.stack} has what was built.\n")
    assert syncs.function("EchoFunction")["LastModified"] == versions


def test_an_edit_without_code_alone_is_sent_without_a_deployment(syncs: Syncs) -> None:
    """The template is the deployed one, so `sam deploy` does not run; a reverted edit is sent."""
    syncs.good()
    (first,) = {syncs.built("EchoFunction")}
    text = (syncs.folder / "echo/app.py").read_text()
    syncs.edit("def handler(event, context):\n    return 'edited'\n")
    uploads = syncs.cloud.uploads()
    assert "EchoFunction: " in syncs.good()
    syncs.edit(text)
    assert "EchoFunction: " in syncs.good("--no-skip-deploy-sync")
    assert syncs.function("EchoFunction")["CodeSha256"] == first
    assert len(syncs.cloud.uploads()) >= len(uploads)


def test_a_template_is_deployed(syncs: Syncs) -> None:
    """Another timeout goes through `sam deploy`; `--code` leaves it alone."""
    syncs.good()
    template = syncs.folder / "template.yaml"
    template.write_text(TEMPLATE.replace("Timeout: 5", "Timeout: 7"))
    syncs.good("--code")
    assert syncs.function("EchoFunction")["Timeout"] == 5
    syncs.good()
    assert syncs.function("EchoFunction")["Timeout"] == 7


def test_a_failed_build_leaves_the_cloud_as_it_was(syncs: Syncs) -> None:
    """What cannot be built sends nothing, not even what could be built."""
    syncs.good()
    before = syncs.digests()
    syncs.edit("def handler(event, context):\n    return 'edited'\n")
    (syncs.folder / "other/requirements.txt").write_text("--no-index\nno-such-distribution==1\n")
    done = syncs()
    assert done.returncode == 1
    assert "no-such-distribution" in done.stderr
    assert syncs.digests() == before


def test_a_named_function_is_sent_alone(syncs: Syncs) -> None:
    """`--resource-id` leaves the others as they are; an unknown id is refused."""
    syncs.good()
    before = syncs.digests()
    for name in ("echo", "other"):
        syncs.edit("def handler(event, context):\n    return 'edited'\n", name)
    syncs.good("--code", "--resource-id", "OtherFunction")
    after = syncs.digests()
    assert after["EchoFunction"] == before["EchoFunction"]
    assert after["OtherFunction"] == syncs.built("OtherFunction")
    done = syncs("--code", "--resource-id", "Absent")
    assert done.stderr.endswith(
        "shorts: Absent: no function or layer with code to send.\n"
        "There are: EchoFunction, OtherFunction.\n"
    )


def test_there_is_no_stack(syncs: Syncs) -> None:
    """With `--code` nothing is created."""
    done = syncs("--code")
    assert done.returncode == 1
    assert done.stderr.endswith(
        f"shorts: There is no stack {syncs.stack}.\n`shorts sync` without --code creates it.\n"
    )


def test_a_stack_is_required(syncs: Syncs) -> None:
    """SAM's own words."""
    done = syncs.shorts(["sync"], syncs.folder, **syncs.cloud.environment)
    assert done.returncode == 2
    assert "Missing option '--stack-name'" in done.stderr


def test_options_come_from_the_configuration(syncs: Syncs) -> None:
    """The sections of `sync` and `deploy` in samconfig.toml count."""
    (syncs.folder / "template.yaml").write_text(
        TEMPLATE.replace("Resources:", "Parameters: {Length: {Type: Number}}\nResources:").replace(
            "Timeout: 5", "Timeout: !Ref Length"
        )
    )
    (syncs.folder / "samconfig.toml").write_text(
        "version = 0.1\n"
        f'[default.global.parameters]\nstack_name = "{syncs.stack}"\n'
        '[default.sync.parameters]\nparameter_overrides = "Length=9"\n'
        "[default.deploy.parameters]\nresolve_s3 = true\nconfirm_changeset = true\n"
    )
    done = syncs.shorts(["sync"], syncs.folder, **syncs.cloud.environment)
    assert done.returncode == 0, done.stderr
    assert syncs.function("EchoFunction")["Timeout"] == 9


class _Refusing(BaseHTTPRequestHandler):
    """Answers some requests with an error, and hands the others on."""

    def do_ANY(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/code") and server.errors:
            status, code = server.errors.pop()
            server.refused.append(code)
            self.send_response(status)
            self.send_header("x-amzn-errortype", code)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        there = http.client.HTTPConnection("localhost", server.port)
        there.request(self.command, self.path, body, dict(self.headers))
        answer = there.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        there.close()

    do_GET = do_POST = do_PUT = do_ANY

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def refusing(cloud: Cloud, errors: list[tuple[int, str]]) -> Iterator[Any]:
    """A door to the cloud that refuses updates of code with these errors first."""
    server: Any = ThreadingHTTPServer(("localhost", 0), _Refusing)
    server.errors, server.refused, server.port = errors, [], int(cloud.url.rpartition(":")[2])
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        running.join()


def test_what_passes_is_tried_again(syncs: Syncs) -> None:
    """An update that goes on and too many requests are waited for; a refusal is not."""
    syncs.good()
    syncs.edit("def handler(event, context):\n    return 'edited'\n")
    before = syncs.digests()
    with refusing(syncs.cloud, [(403, "AccessDeniedException")]) as door:
        url = f"http://localhost:{door.server_address[1]}"
        done = syncs("--code", AWS_ENDPOINT_URL=url)
    assert done.returncode == 1
    assert "AWS refuses: An error occurred (AccessDeniedException)" in done.stderr
    assert syncs.digests() == before
    errors = [(409, "ResourceConflictException"), (429, "TooManyRequestsException")] * 2
    with refusing(syncs.cloud, errors) as door:
        url = f"http://localhost:{door.server_address[1]}"
        syncs.good("--code", AWS_ENDPOINT_URL=url)
        assert len(door.refused) == 4
    assert syncs.digests()["EchoFunction"] == syncs.built("EchoFunction")


def test_layers_are_published(
    shorts: Shorts, cloud: Cloud, tmp_path: Path, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version of a requirement, and an edit in a layer, reach the function."""
    folder = tmp_path / "shared"
    for name in ("fn", "own"):
        (folder / name).mkdir(parents=True)
    (folder / "fn/app.py").write_text("import big\n\n\ndef handler(event, context):\n    pass\n")
    (folder / "own/mine.py").write_text("A = 1\n")
    (folder / "own/requirements.txt").write_text("")
    (folder / "template.yaml").write_text(SHARED)
    monkeypatch.setenv("UV_OFFLINE", "1")
    lines = "--no-index\n--find-links ../wheels\nbig=="
    for version in ("1.0", "2.0"):
        noise = hashlib.shake_256(version.encode()).hexdigest(1_500_000)
        write_wheel(folder / "wheels", "big", {"big.py": f"A = '{noise}'\n"}, version=version)
    (folder / "fn/requirements.txt").write_text(f"{lines}1.0\n")
    syncs = Syncs(shorts, cloud, folder, stack)
    syncs.good()

    def layers() -> list[str]:
        return [one["Arn"].rpartition("layer:")[2] for one in syncs.function("F")["Layers"]]

    own, shared = layers()
    assert own.startswith("Own")
    assert own.endswith(":1")
    assert shared.startswith("SharedLayer")
    (folder / "fn/requirements.txt").write_text(f"{lines}2.0\n")
    (folder / "own/mine.py").write_text("A = 2\n")
    assert syncs.good("--code").startswith("F: layers, ")
    newer, other = layers()
    assert newer == own.replace(":1", ":2")
    assert other.startswith("SharedLayer")
    assert other != shared
    assert syncs.good("--code").startswith("Nothing to send: ")
    (folder / "fn/requirements.txt").write_text(f"{lines}1.0\n")
    syncs.good("--code")
    assert layers() == [newer, shared]  # which is there already


def test_watch_sends_each_edit(syncs: Syncs) -> None:
    """Each of several edits arrives; a broken one is noted, and the next one is sent."""
    syncs.good()
    environment = {**os.environ, **syncs.cloud.environment, "PYTHONPATH": str(ROOT)}
    arguments = ["sync", "--code", "--watch", "--stack-name", syncs.stack]
    log = syncs.folder.parent / "log"
    with (
        log.open("wb") as writing,
        subprocess.Popen(
            [sys.executable, "-m", "shorts", *arguments],
            cwd=syncs.folder,
            env=environment,
            stdout=writing,
            stderr=writing,
        ) as running,
    ):
        try:
            _await(lambda: "Synced" in log.read_text(), log)
            took = []
            for number in range(4):
                if number == 2:
                    (syncs.folder / "echo/requirements.txt").write_text("--no-index\nno-such==1\n")
                    _await(lambda: "no-such" in log.read_text(), log)
                    (syncs.folder / "echo/requirements.txt").unlink()
                before = syncs.digests()["EchoFunction"]
                began = time.monotonic()
                syncs.edit(f"def handler(event, context):\n    return {number}\n")
                _await(lambda old=before: syncs.digests()["EchoFunction"] != old, log)
                took.append(time.monotonic() - began)
            print("seconds from an edit to its code", took)
        finally:
            running.send_signal(signal.SIGINT)
            status = running.wait(30)
    assert status == 0, log.read_text()
    assert log.read_text().endswith("Ended.\n")


def _await(is_so: Any, log: Path) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
