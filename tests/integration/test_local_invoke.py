"""`shorts local invoke`: today's code runs, with the caller's account, and its log can be read."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import pytest

from tests.conftest import Shorts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the emulator runs on Linux")

FAILING = """\
def handler(event, context):
    print("before")
    return check(event)


def check(event):
    raise ValueError("no such key")
"""


def edit(function: Path, text: str) -> None:
    (function / "fn" / "app.py").write_text(text)


def returning(value: object) -> str:
    return f"import os\ndef handler(event, context):\n    return {value}\n"


def test_runs_todays_code(function: Path, shorts: Shorts) -> None:
    """What shorts has built is built again, with the options it was built with."""
    text = (function / "template.yaml").read_text()
    stage = "Timeout: 2, Environment: {Variables: {STAGE: !Ref Stage}}"
    (function / "template.yaml").write_text(
        f"{text.replace('Timeout: 2', stage)}Parameters: {{Stage: {{Type: String}}}}\n"
    )
    edit(function, returning("[1, os.environ['STAGE']]"))
    assert shorts(["build", "--parameter-overrides", "Stage=a"], function).returncode == 0
    edit(function, returning("[2, os.environ['STAGE']]"))
    words = ["local", "invoke", "--parameter-overrides", "Stage=a"]
    assert shorts([*words, "--no-build"], function).stdout == '[1, "a"]\n'
    assert shorts(words, function).stdout == '[2, "a"]\n'
    (function / "fn").rename(function / "gone")
    failed = shorts(words, function)
    assert (failed.returncode, failed.stdout) == (1, "")


def test_runs_what_sam_has_built_as_it_is(function: Path, shorts: Shorts) -> None:
    """A folder that `sam build` has written is not built again."""
    edit(function, returning(1))
    assert shorts(["build"], function).returncode == 0
    built = function / ".aws-sam" / "build"
    for path in built.iterdir():
        if path.name != "template.yaml":
            path.unlink()
    (built / "F").mkdir()
    (built / "F" / "app.py").write_text(returning('"as sam built it"'))
    template = built / "template.yaml"
    template.write_text(template.read_text().replace("F.zip", "F"))
    assert shorts(["local", "invoke"], function).stdout == '"as sam built it"\n'


def test_runs_for_this_machine(function: Path, shorts: Shorts) -> None:
    """Where the template is for another architecture, a build for this machine runs."""
    other, here = ("arm64", "x86_64")
    if platform.machine() == "aarch64":
        other, here = here, other
    text = (function / "template.yaml").read_text()
    (function / "template.yaml").write_text(
        text.replace("Timeout: 2", f"Timeout: 2, Architectures: [{other}]")
    )
    edit(function, returning("os.uname().machine"))
    assert shorts(["build"], function).returncode == 0
    before = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    done = shorts(["local", "invoke"], function)
    assert done.stdout == f'"{platform.machine()}"\n', done.stderr
    assert done.stderr.splitlines()[0] == (
        f"note: F: the template is for {other}; runs for {here}, this machine's architecture, from "
        f".aws-sam/shorts/build-{here}"
    )
    assert (function / ".aws-sam" / "build" / "F.zip").read_bytes() == before
    edit(function, returning('"edited"'))
    assert shorts(["local", "invoke"], function).stdout == '"edited"\n'


def test_hands_the_profiles_account_on(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """The function gets the credentials and the region of the profile, and no file holds them."""
    edit(
        function,
        returning("[os.environ.get(f'AWS_{x}') for x in ('ACCESS_KEY_ID', 'REGION', 'PROFILE')]"),
    )
    command = "[profile work]\nregion = eu-west-1\ncredential_process = cat keys.json\n"
    (tmp_path / "config").write_text(command)
    keys = {"Version": 1, "AccessKeyId": "key-of-work", "SecretAccessKey": "a-secret-value"}
    (function / "keys.json").write_text(json.dumps(keys))
    aws = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    assert shorts(["build"], function).returncode == 0
    for words, environment, region in (
        (["--profile", "work"], {}, "eu-west-1"),
        ([], {"AWS_PROFILE": "work"}, "eu-west-1"),
        (["--profile=work", "--region", "eu-north-1"], {}, "eu-north-1"),
    ):
        done = shorts(["local", "invoke", *words], function, **aws, **environment)
        assert done.stdout == f'["key-of-work", "{region}", null]\n', done.stderr
    assert shorts(["local", "invoke"], function).stdout == '["defaultkey", "us-east-1", null]\n'
    (function / "keys.json").unlink()
    held = [path for path in function.rglob("*") if path.is_file()]
    assert held and not [path for path in held if b"a-secret-value" in path.read_bytes()]


def test_a_profile_that_cannot_be_used(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """A profile without credentials stops the command before the function runs."""
    (tmp_path / "config").write_text("[profile work]\ncredential_process = false\n")
    aws = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    done = shorts(["local", "invoke", "--profile", "work"], function, **aws)
    assert (done.returncode, done.stdout) == (1, "")
    assert "shorts: No credentials: Error when retrieving credentials from custom-process" in (
        done.stderr
    )


def test_a_traceback_can_be_read(function: Path, shorts: Shorts) -> None:
    """A traceback names the sources, line by line, in the log and in the answer."""
    edit(function, FAILING)
    assert shorts(["build"], function).returncode == 0
    done = shorts(["local", "invoke", "--log-file", "log"], function)
    assert done.returncode == 1
    start, *shown, end, report, last = done.stderr.splitlines()
    assert (start[:5], end[:3], report[:6]) == ("START", "END", "REPORT")
    assert shown == [
        "before",
        "[ERROR] ValueError: no such key",
        "Traceback (most recent call last):",
        '  File "fn/app.py", line 3, in handler',
        "    return check(event)",
        '  File "fn/app.py", line 7, in check',
        '    raise ValueError("no such key")',
    ]
    assert last == "shorts: F failed: ValueError: no such key"
    assert json.loads(done.stdout)["stackTrace"][1].startswith('  File "fn/app.py", line 7, in ')
    log = (function / "log").read_text().splitlines()
    assert [line for line in log if "(rapid)" not in line] == [
        start,
        *shown,
        end,
        report,
        done.stdout.rstrip("\n"),
    ]
    assert any("(rapid) INIT REPORT" in line for line in log)


def test_a_function_that_was_left_out(function: Path, shorts: Shorts) -> None:
    """Where another function alone was built, the hint says what to do."""
    text = (function / "template.yaml").read_text()
    (function / "template.yaml").write_text(
        f"{text}  G:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: gn, Handler: app.handler, Runtime: python3.13}\n"
    )
    (function / "gn").mkdir()
    (function / "gn" / "app.py").write_text("import absent\n")
    assert shorts(["build", "F"], function).returncode == 0
    done = shorts(["local", "invoke", "G"], function)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "shorts: G failed: Runtime.ImportModuleError: Unable to import module 'app': No module "
        "named 'absent'\nIt was not built: run `shorts build` first.\n"
    )


def test_sources_are_for_every_machine(function: Path, shorts: Shorts) -> None:
    """Without a build, the sources run here whatever the template's architecture is."""
    other = "arm64" if platform.machine() == "x86_64" else "x86_64"
    text = (function / "template.yaml").read_text()
    (function / "template.yaml").write_text(
        text.replace("Timeout: 2", f"Timeout: 2, Architectures: [{other}]")
    )
    edit(function, returning("1"))
    assert shorts(["local", "invoke"], function).stdout == "1\n"
