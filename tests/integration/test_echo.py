"""Echo in processes of its own: the same answers whatever their environment."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.unit.echo.calls import ECHO, REQUEST_ID, sample

EVENTS = sorted(path.name for path in (ROOT / "events").glob("echo*.json"))
ENVIRONMENTS = [
    {},
    {"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "8", "TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "POSIX"},
]
SCRIPT = """
import json, sys, types
from app import handler
left = {"get_remaining_time_in_millis": lambda: 9_000}
context = types.SimpleNamespace(aws_request_id=sys.argv[1], **left)
handler(None, context)
print(json.dumps([handler(event, context) for event in json.load(sys.stdin)]))
"""


def answers(environment: dict[str, str]) -> str:
    """Invoke Echo with every sample event, and with statuses to draw from."""
    drawn = sample("echo-http.json") | {"rawQueryString": "status=200,404,503&body="}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, REQUEST_ID],
        cwd=ECHO,
        env={"PYTHONDONTWRITEBYTECODE": "1", **environment},
        input=json.dumps([*map(sample, EVENTS), drawn]),
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_repeats_itself_in_other_processes() -> None:
    """The same events and context give the same bytes, whatever the process was started with."""
    first, *others = map(answers, ENVIRONMENTS)
    assert others == [first] * len(others)


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_REGION": "mars-north-1", "AWS_PROFILE": "none", "TZ": "Asia/Kathmandu", "LANG": "C"},
        {"AWS_REGION": "", "AWS_LAMBDA_FUNCTION_NAME": "x", "TZ": "", "LANG": "tr_TR.UTF-8"},
    ],
    ids=["elsewhere", "empty"],
)
def test_its_tests_pass_whatever_the_environment_says(variables: dict[str, str]) -> None:
    """No test of Echo depends on the region, the time zone or the language that are set."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/echo"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:]
