"""A container that lacks what Lambda's sandbox lacks."""

import base64
import contextlib
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

from shorts.emulator import sandbox
from shorts.emulator.invoke import environment
from shorts.model import Function
from tests.e2e.answers import Answers, lasting
from tests.e2e.images.engine import RUNTIME, docker

# Nothing but /tmp can be written; no one is root, and nothing is reached. In MB.
_WALLS = """
    --read-only --tmpfs /tmp:size=512m --network none --ipc none
    --user 1000:1000 --cap-drop ALL --security-opt no-new-privileges
""".split()
# Sends events, by name, to the emulator next to it, as soon as that listens.
_SENDS = """
import base64, http.client, json, sys, time
answers = {}
for name, event in json.load(sys.stdin).items():
    for attempt in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", 8080)
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    connection.request("POST", "/2015-03-31/functions/function/invocations", event.encode())
    answers[name] = base64.b64encode(connection.getresponse().read()).decode()
json.dump(answers, sys.stdout)
"""


@contextlib.contextmanager
def walled(function: Function, task: Path) -> Iterator[str]:
    """A container with a function in it, and not more memory than its template gives it.

    Args:
        function: has the settings.
        task: the folder with its unpacked code.

    Yields:
        The container's id.
    """
    found = importlib.util.find_spec("samcli")
    assert found is not None and found.origin is not None, "aws-sam-cli is required"
    emulator = Path(found.origin).with_name("local") / "rapid" / "aws-lambda-rie-x86_64"
    variables = sandbox.variables(function, task, {"PYTHONPATH": ""}, environment(function, {}))
    for name in ("LAMBDA_TASK_ROOT", "PYTHONPATH"):  # where things lie in there the image knows
        del variables[name]
    task.chmod(0o755)  # as in Lambda, for what is in it has modes of its own
    memory = [f"--memory={function.memory}m", f"--memory-swap={function.memory}m"]
    mounted = [f"--volume={task}:/var/task:ro", f"--volume={emulator}:/var/rapid/emulator:ro"]
    given = [f"--env={name}={value}" for name, value in variables.items()]
    started = ["--entrypoint", "/var/rapid/emulator", RUNTIME]
    runtime = ["/var/runtime/bootstrap", function.handler]
    container = docker("run", "--detach", *_WALLS, *memory, *mounted, *given, *started, *runtime)
    try:
        yield container.strip()
    finally:
        docker("rm", "--force", container.strip())


def send(container: str, events: dict[str, bytes]) -> Answers:
    """The answers of the function in a container, by the events' names."""
    sent = json.dumps({name: event.decode() for name, event in events.items()})
    said = docker("exec", "--interactive", container, "python3.13", "-c", _SENDS, stdin=sent)
    return {name: lasting(base64.b64decode(body)) for name, body in json.loads(said).items()}
