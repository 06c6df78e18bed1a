"""A function over half of Lambda's limit gets its layers in the steps that the builds name."""

import os
import re
from pathlib import Path

import pytest

from shorts.targets import limits
from tests.cloudformation import COMPLETE, ROLLED_BACK, STUCK, Stack, built
from tests.conftest import Shorts, write_wheel

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
{metadata}
Globals:
  Function: {{Handler: app.handler, Runtime: python3.13}}
Resources:
  Large:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: large}}
  Small:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: small}}
"""
SHARED = "Metadata: {Shorts: {SharedLayers: true}}"
NAMES = ("one", "two", "three")


@pytest.fixture
def application(tmp_path: Path, own_store: Path) -> Path:
    """A function that requires three distributions of 60 MB, and one that requires nothing."""
    for name in NAMES:
        # Random bytes make it a large one for uploads, too.
        files = {"noise": os.urandom(1_100_000), "data": bytes(60 * limits.MB)}
        members: dict[str, str | bytes] = {f"{name}/{key}": data for key, data in files.items()}
        write_wheel(tmp_path / "wheels", name, {f"{name}/__init__.py": "", **members})
    for name in ("large", "small"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("def handler(event, context):\n    return event\n")
    required = "\n".join(["--no-index", "--find-links ../wheels", *NAMES])
    (tmp_path / "large" / "requirements.txt").write_text(f"{required}\n")
    return tmp_path


def build(shorts: Shorts, folder: Path, metadata: str = "") -> str:
    """Build, and return what a note says that has to be deployed first; empty without a note."""
    (folder / "template.yaml").write_text(TEMPLATE.format(metadata=metadata))
    done = shorts(["build"], folder)
    assert done.returncode == 0, done.stderr
    found = re.search(r"note: Large: .*Deploy with `(SharedLayers: .*)` first", done.stderr)
    return f"Metadata: {{Shorts: {{{found[1]}}}}}" if found else ""


def test_the_steps_that_the_builds_name_pass_and_all_at_once_does_not(
    application: Path, shorts: Shorts
) -> None:
    folder = application / ".aws-sam" / "build"
    stack = Stack()
    build(shorts, application)
    fat = built(folder)
    assert stack.deploy(fat) == COMPLETE
    steps = []
    step = build(shorts, application, SHARED)
    at_once = built(folder)
    assert stack.deploy(at_once) == ROLLED_BACK
    assert (stack.functions, stack.layers) == (fat, set())
    while step:
        steps.append(step)
        assert len(steps) < len(NAMES)
        build(shorts, application, step)
        assert stack.deploy(built(folder)) == COMPLETE
        step = build(shorts, application, SHARED)
    assert stack.deploy(built(folder)) == COMPLETE
    assert stack.functions == at_once
    assert len(steps) == 2

    # An update that fails after the large function's leaves the stack as it was, in each step.
    back = [*reversed(steps), ""]
    for metadata in back:
        build(shorts, application, metadata)
        former = dict(stack.functions)
        assert stack.deploy(built(folder), fails="Small") == ROLLED_BACK
        assert stack.functions == former
        assert stack.deploy(built(folder)) == COMPLETE
    assert stack.functions == fat


def test_a_switch_off_at_once_cannot_be_rolled_back(application: Path, shorts: Shorts) -> None:
    """The way back has the same steps."""
    folder = application / ".aws-sam" / "build"
    build(shorts, application, SHARED)
    shared = built(folder)
    stack = Stack()
    assert stack.deploy(shared) == COMPLETE
    build(shorts, application)
    assert stack.deploy(built(folder), fails="Small") == STUCK


def test_one_that_has_no_room_left_is_told_to_move_as_a_new_function(
    application: Path, shorts: Shorts
) -> None:
    (application / "large" / "data").write_bytes(bytes(66 * limits.MB))
    (application / "template.yaml").write_text(TEMPLATE.format(metadata=""))
    assert shorts(["build"], application).returncode == 0
    assert built(application / ".aws-sam" / "build")["Large"].size > 249 * limits.MB
    (application / "template.yaml").write_text(TEMPLATE.format(metadata=SHARED))
    done = shorts(["build"], application)
    assert done.returncode == 0, done.stderr
    assert "Give it another logical id, so that it is a new function" in done.stderr
