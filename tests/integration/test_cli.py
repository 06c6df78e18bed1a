"""The commands as people type them, and what they say to bad input."""

import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shorts.sam import template as samtemplate
from shorts.system import process, uv
from tests.conftest import (
    ROOT,
    Done,
    Shorts,
    as_process,
    copy_application,
    require,
    write_wheel,
)


def failed(done: Done, status: int = 1) -> str:
    """The message of a command that failed as it should: short, and no traceback."""
    assert done.returncode == status, done.stderr
    message = done.stderr[done.stderr.index("shorts: ") :].strip()
    assert len(message.splitlines()) <= 3, message
    assert "Traceback" not in done.stderr
    return message


def test_build_leaves_what_sam_reads(built: Path) -> None:
    """The build folder holds each function's zip, what it was made of, and the template."""
    folder = built / ".aws-sam" / "build"
    names = sorted(path.name for path in folder.iterdir())
    kinds = ("cdx.json", "manifest.json", "zip")
    zips = [f"{name}.{kind}" for name in ("EchoFunction", "PlotFunction") for kind in kinds]
    assert names == [*zips, "template.yaml"]
    template = (folder / "template.yaml").read_text()
    assert re.findall(r"CodeUri: (.+)", template) == ["EchoFunction.zip", "PlotFunction.zip"]
    assert re.findall(r"SamResourceId: (.+)", template) == ["EchoFunction", "PlotFunction"]


def test_a_second_build_makes_nothing(built: Path, shorts: Shorts) -> None:
    """Where nothing changed, nothing is written."""
    folder = built / ".aws-sam" / "build"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    done = shorts(["build"], built)
    assert done.stdout.count("unchanged") == 2
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_what_a_build_writes_is_not_what_it_reads(
    function: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second build does not ask SAM again, though the first has written a template."""
    assert shorts(["build"], function).returncode == 0
    monkeypatch.setattr(samtemplate, "read_build", None)
    assert shorts(["build"], function).returncode == 0


def test_an_edit_is_built(function: Path, shorts: Shorts) -> None:
    """A changed handler is in the next zip, and its answer is the new one."""
    assert shorts(["build"], function).returncode == 0
    (function / "fn" / "app.py").write_text("def handler(event, context):\n    return 'new'\n")
    assert "built" in shorts(["build"], function).stdout
    assert shorts(["local", "invoke"], function).stdout == '"new"\n'


def test_build_of_one_function(application: Path, shorts: Shorts) -> None:
    """A logical id builds that function alone."""
    assert shorts(["build", "EchoFunction"], application).returncode == 0
    zips = (application / ".aws-sam" / "build").glob("*.zip")
    assert [path.name for path in zips] == ["EchoFunction.zip"]


def test_template_and_build_dir(function: Path, shorts: Shorts) -> None:
    """-t and -b name the template and the folder for the build, as with SAM."""
    (function / "template.yaml").rename(function / "other.yaml")
    done = shorts(["build", "-t", "other.yaml", "-b", "elsewhere"], function)
    assert done.returncode == 0, done.stderr
    assert (function / "elsewhere" / "F.zip").is_file()
    invoked = shorts(["local", "invoke", "-t", "elsewhere/template.yaml"], function)
    assert invoked.stdout == "{}\n"


def test_samconfig_is_read(function: Path, shorts: Shorts) -> None:
    """samconfig.toml gives each command options, and --config-env chooses among them."""
    (function / "samconfig.toml").write_text(
        "version = 0.1\n[prod.build.parameters]\nbuild_dir = 'for-prod'\n"
        "[prod.local_invoke.parameters]\ntemplate_file = 'for-prod/template.yaml'\n"
    )
    assert shorts(["build", "--config-env", "prod"], function).returncode == 0
    assert (function / "for-prod" / "F.zip").is_file()
    assert shorts(["local", "invoke", "--config-env", "prod"], function).stdout == "{}\n"


def test_parameter_overrides(application: Path, shorts: Shorts) -> None:
    """A parameter chooses the architecture, and the wheels are for that one."""
    arguments = ["build", "EchoFunction", "--parameter-overrides", "Architecture=arm64"]
    assert shorts(arguments, application).returncode == 0
    with zipfile.ZipFile(application / ".aws-sam" / "build" / "EchoFunction.zip") as archive:
        (library,) = (name for name in archive.namelist() if name.endswith(".so"))
    assert "aarch64" in library


def test_invoke_separates_answer_and_log(built: Path, shorts: Shorts) -> None:
    """Standard output has the answer alone, standard error has Lambda's log."""
    done = shorts(["local", "invoke", "EchoFunction", "-e", "events/echo.json"], built)
    assert done.returncode == 0
    sent = json.loads((built / "events" / "echo.json").read_text())
    assert json.loads(done.stdout)["message"] == sent["message"]
    words = [line.split(" RequestId: ")[0] for line in done.stderr.splitlines()]
    assert words == ["START", "END", "REPORT"]


def test_event_from_standard_input(built: Path, shorts: Shorts) -> None:
    """``-e -`` reads the event from standard input."""
    asked = ["local", "invoke", "EchoFunction", "-e", "-"]
    done = shorts(asked, built, stdin='{"message": "from a pipe"}')
    assert json.loads(done.stdout)["message"] == "from a pipe"


def test_environment_of_the_function(function: Path, shorts: Shorts) -> None:
    """--env-vars wins over the caller's environment, and that over the template's value."""
    template = function / "template.yaml"
    variables = "Environment: {Variables: {A: t, B: t, C: t}}, Timeout: 2}"
    template.write_text(template.read_text().replace("Timeout: 2}", variables))
    (function / "fn" / "app.py").write_text(
        "import os\ndef handler(event, context):\n    return [os.environ[x] for x in 'ABC']\n"
    )
    (function / "vars.json").write_text('{"F": {"A": "file"}, "Parameters": {"A": "all"}}')
    assert shorts(["build"], function).returncode == 0
    asked = ["local", "invoke", "--env-vars", "vars.json"]
    done = shorts(asked, function, A="caller", B="caller")
    assert json.loads(done.stdout) == ["file", "caller", "t"]


def test_other_commands_are_sams(function: Path) -> None:
    """What shorts does not know is handed to sam as it is, with its exit status."""
    done = as_process(["-m", "shorts", "validate", "--lint"], function)
    assert "is a valid SAM Template" in done.stdout + done.stderr
    assert as_process(["-m", "shorts", "nonsense"], function).returncode == 2


def test_lock_is_for_every_target(application: Path, shorts: Shorts) -> None:
    """``shorts lock`` writes what lies in the repository: the closure for all targets, hashed."""
    (application / "echo" / "requirements.lock").unlink()
    done = shorts(["lock"], application)
    assert done.returncode == 0, done.stderr
    text = (application / "echo" / "requirements.lock").read_text()
    assert "msgspec==0.22.0 \\" in text
    assert "--hash=sha256:" in text
    for runtime in ("python3.11", "python3.12", "python3.13", "python3.14"):
        for architecture in ("x86_64", "arm64"):
            override = f"PythonRuntime={runtime} Architecture={architecture}"
            built = shorts(
                ["build", "EchoFunction", "--parameter-overrides", override], application
            )
            assert built.returncode == 0, built.stderr


def test_a_stale_lock_is_refused(application: Path, shorts: Shorts) -> None:
    """A lock made from other requirements is named, with the command that fixes it."""
    (application / "echo" / "requirements.txt").write_text("msgspec==0.21.1\n")
    message = failed(shorts(["build"], application))
    assert "does not match the requirements" in message
    assert "Run `shorts lock`" in message


def test_an_unknown_logical_id(built: Path, shorts: Shorts) -> None:
    """An unknown logical id is answered with those that there are."""
    for command in (["build", "Nope"], ["local", "invoke", "Nope"]):
        message = failed(shorts(command, built))
        assert message.startswith("shorts: There is no function ")
        assert "Nope in " in message
        assert "It has: EchoFunction, PlotFunction." in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "found: shorts looks for template.yaml, template.yml, template.json."),
        ("", "is not a SAM template: it has no Resources."),
        ("{", "template.yaml:1:2: while parsing a flow node"),
        ("Resources: 3", "is not a SAM template: it has no Resources."),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: "
            "AWS::Serverless::Function, Properties: [1]}}",
            "Resource with id [F] is invalid.",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: "
            "AWS::Serverless::Function, Properties: {Runtime: python2.7, Handler: a.b}}}",
            "`sam build` could not build F: Building functions with python2.7 is no longer",
        ),
    ],
)
def test_a_bad_template(tmp_path: Path, shorts: Shorts, text: str | None, said: str) -> None:
    """A missing or invalid template is refused in a sentence."""
    if text is not None:
        (tmp_path / "template.yaml").write_text(text)
    assert said in failed(shorts(["build"], tmp_path))
    assert not (tmp_path / ".aws-sam" / "build").exists()


def test_an_event_that_is_no_json(built: Path, shorts: Shorts, tmp_path: Path) -> None:
    """An event is read as JSON before anything is started."""
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    message = failed(shorts(["local", "invoke", "EchoFunction", "-e", str(bad)], built))
    said = "Input data was truncated, at line 1, column 2"
    assert message == f"shorts: The event in {bad} is not JSON: {said}."
    message = failed(shorts(["local", "invoke", "EchoFunction", "-e", "none.json"], built))
    assert message == "shorts: The event none.json cannot be read: No such file or directory."


@pytest.mark.parametrize(
    "arguments",
    [
        ["build"],
        ["build", "F"],
        ["local", "invoke"],
        ["local", "invoke", "F", "--no-build"],
        ["local", "start-api"],
        ["local", "start-lambda"],
        ["lock"],
        ["check"],
        ["size", "F"],
        ["why", "F", "app"],
    ],
)
def test_code_that_is_not_there(function: Path, shorts: Shorts, arguments: list[str]) -> None:
    """Every command names the function, the folder and the line of the template."""
    template = function / "template.yaml"
    text = template.read_text().replace("CodeUri: fn", "CodeUri: gone")
    template.write_text(
        f"{text}  A:\n    Type: AWS::Serverless::Api\n    Properties: {{StageName: dev}}\n"
    )
    message = failed(shorts(arguments, function))
    assert message == "shorts: F: CodeUri `gone/` not found (template.yaml:5)."


def test_code_of_other_kinds_that_is_not_there(function: Path, shorts: Shorts) -> None:
    """A file, a layer and a function of CloudFormation are named by their own properties."""
    template = function / "template.yaml"
    text = template.read_text()
    template.write_text(text.replace("CodeUri: fn", "CodeUri: fn/app.py"))
    message = failed(shorts(["build"], function))
    assert message == "shorts: F: CodeUri `fn/app.py` is not a folder (template.yaml:5)."
    template.write_text(
        f"{text}  L:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Metadata: {BuildMethod: python3.13}\n    Properties: {ContentUri: gone}\n"
    )
    message = failed(shorts(["build"], function))
    assert message == "shorts: L: ContentUri `gone/` not found."
    template.write_text(
        text.replace("Serverless::Function", "Lambda::Function").replace(
            "CodeUri: fn", "Code: gone"
        )
    )
    message = failed(shorts(["build"], function))
    assert message == "shorts: F: Code `gone/` not found (template.yaml:5)."


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("no-such-distribution-at-all==1", "no-such-distribution-at-all was not found"),
        ("numpy==1.20.0", "numpy==1.20.0 has no usable wheels"),
        ("numpy ==>1", "fn/requirements.txt:1: Expected"),
        ("-r missing.txt", "missing.txt, which does not exist."),
    ],
)
def test_a_bad_requirement(function: Path, shorts: Shorts, requirement: str, said: str) -> None:
    """A requirement that cannot be had is named, with the target, and nothing is built."""
    (function / "fn" / "requirements.txt").write_text(f"{requirement}\n")
    message = failed(shorts(["build"], function))
    assert said in message
    assert not (function / ".aws-sam" / "build").exists()


def test_a_template_that_is_not_yaml(function: Path, shorts: Shorts) -> None:
    """A parser's error names the file, with the line."""
    with (function / "template.yaml").open("a") as template:
        template.write("    Metadata: {]\n")
    message = failed(shorts(["build"], function))
    assert "template.yaml:6:16: while parsing" in message
    assert "unicode string" not in message


def test_a_conflict_of_requirements(function: Path, shorts: Shorts) -> None:
    """Requirements that contradict each other are named with their lines; no other tool helps."""
    needs = "Requires-Dist: lower<2\n"
    write_wheel(function / "wheels", "upper", {"upper.py": ""}, metadata=needs)
    for version in ("1.0", "2.0"):
        write_wheel(function / "wheels", "lower", {"lower.py": ""}, version=version)
    require(function, "upper", "lower == 2.0  # newest")
    message = failed(shorts(["build"], function))
    places = "fn/requirements.txt:3: upper, fn/requirements.txt:4: lower == 2.0"
    assert message.splitlines()[-1] == f"Change one of {places}."
    assert "--use-container" not in message


def test_a_line_that_cannot_be_read(function: Path, shorts: Shorts) -> None:
    """A line that is not a requirement has its number, and a caret where it goes wrong."""
    (function / "fn" / "requirements.txt").write_text("# first\n\nsix ==> 1 # why\n")
    place, text, caret = failed(shorts(["build"], function)).splitlines()
    assert place.startswith("shorts: fn/requirements.txt:3: Expected")
    assert text.strip() == "six ==> 1"
    assert caret.index("^") - (len(text) - len(text.lstrip())) == len("six ")


def test_only_open_versions_get_a_note(function: Path, shorts: Shorts) -> None:
    """Where each line names one version, there is nothing to lock; else the note has a way out."""
    write_wheel(function / "wheels", "thing", {"thing.py": ""})
    require(function, "thing==1.0")
    assert "lock file" not in shorts(["build"], function).stderr
    require(function, "thing")
    note = "fn/requirements.txt: no lock file, reusing the versions of the last build. "
    assert note + "`shorts lock` pins them" in shorts(["build"], function).stderr


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise KeyError('here')", "F failed: KeyError: 'here'"),
        ("import time; time.sleep(9)", "F failed: Task timed out after 2.00 seconds"),
        ("import os; os._exit(3)", "Runtime exited with error: exit status 3"),
        ("return {1}", "F failed: Runtime.MarshalError"),
        ("import nothing_here", "No module named 'nothing_here'"),
    ],
)
def test_a_handler_that_fails(function: Path, shorts: Shorts, body: str, said: str) -> None:
    """A handler's failure is answered as Lambda answers it, and the exit status is 1."""
    (function / "fn" / "app.py").write_text(f"def handler(event, context):\n    {body}\n")
    assert shorts(["build"], function).returncode == 0
    done = shorts(["local", "invoke"], function)
    assert said in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("shorts: F failed: ")
    assert done.returncode == 1
    assert done.stdout.strip()


def test_a_usage_error(function: Path, shorts: Shorts) -> None:
    """A wrong call ends with status 2."""
    assert failed(shorts(["build", "--nope"], function), 2) == "shorts: No such option: --nope"


def test_help_reads_nothing(tmp_path: Path, shorts: Shorts) -> None:
    """Help needs no template, wherever the option stands."""
    overview = shorts([], tmp_path)
    assert overview.returncode == 0
    assert overview == shorts(["--help"], tmp_path) == shorts(["help"], tmp_path)
    of_build = shorts(["help", "build"], tmp_path)
    assert of_build.stdout.startswith("Usage: shorts build ")
    assert of_build == shorts(["build", "-t", "none.yaml", "-h"], tmp_path)
    of_invoke = shorts(["local", "invoke", "--help"], tmp_path).stdout
    assert of_invoke.startswith("Usage: shorts local invoke ")
    assert of_invoke == shorts(["help", "local", "invoke"], tmp_path).stdout


def test_help_of_sams_commands_is_sams(tmp_path: Path) -> None:
    """`shorts help` is `sam --help` for what only SAM has."""
    done = as_process(["-m", "shorts", "help", "local", "start-lambda"], tmp_path)
    assert "sam local start-lambda" in done.stdout


def test_versions(tmp_path: Path, shorts: Shorts) -> None:
    """SAM's comes first, in the form that scripts parse."""
    said = shorts(["--version"], tmp_path).stdout
    assert re.fullmatch(r"SAM CLI, version 1\.\d+\.\d+\nshorts \d+\.\d+\.\d+\n", said)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["biuld"], "No such command: biuld. Did you mean build?"),
        (["help", "biuld"], "No such command: biuld. Did you mean build?"),
        (["local", "invok"], "No such command: local invok. Did you mean invoke?"),
        (["build", "--upgrad"], "No such option: --upgrad. Did you mean --upgrade?"),
        (["local", "invoke", "--evnt", "x"], "No such option: --evnt. Did you mean --event?"),
        (["completion", "tcsh"], "Name a shell: `shorts completion bash|zsh|fish`."),
        (
            ["build", "--hook-name", "terraform"],
            "--hook-name terraform: shorts reads SAM templates only. Run `sam` instead.",
        ),
    ],
)
def test_a_wrong_word(function: Path, shorts: Shorts, arguments: list[str], message: str) -> None:
    """It is named, with what was probably meant."""
    done = failed(shorts(arguments, function), 2)
    assert done.splitlines()[0] == f"shorts: {message}"


@pytest.mark.parametrize("command", ["invoke", "start-api"])
def test_a_hook_is_refused(function: Path, shorts: Shorts, command: str) -> None:
    """Nothing is run for a project that is none of SAM's."""
    said = failed(shorts(["local", command, "--hook-name", "terraform"], function), 2)
    assert said.startswith("shorts: --hook-name terraform: shorts reads SAM templates only.")


def completed(script: str, *words: str) -> set[str]:
    """What bash offers for the last of some words."""
    asked = f"COMP_WORDS=({shlex.join(words)})\nCOMP_CWORD={len(words) - 1}\n_shorts\n"
    done = subprocess.run(
        ["bash", "--norc", "-c", f'{script}\n{asked}printf "%s\\n" "${{COMPREPLY[@]}}"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_completion_in_bash(tmp_path: Path, shorts: Shorts) -> None:
    """Commands, options of shorts and of SAM, and those of SAM's own commands."""
    script = shorts(["completion", "bash"], tmp_path).stdout
    assert completed(script, "shorts", "b") == {"build"}
    assert {"check", "cache", "completion"} == completed(script, "shorts", "c")
    assert completed(script, "shorts", "local", "inv") == {"invoke"}
    assert completed(script, "shorts", "build", "--up") == {"--upgrade"}
    assert completed(script, "shorts", "build", "F", "--template-") == {"--template-file"}
    assert "--concurrency" in completed(script, "shorts", "local", "start-api", "--con")
    assert "--guided" in completed(script, "shorts", "deploy", "--gui")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_is_valid(tmp_path: Path, shorts: Shorts, shell: str) -> None:
    """The shell can parse the script."""
    script = tmp_path / "script"
    script.write_text(shorts(["completion", shell], tmp_path).stdout)
    assert "start-lambda" in script.read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    subprocess.run([shell, "--no-execute", str(script)], check=True)


def machine_without(tmp_path: Path) -> dict[str, str]:
    """An environment in which no interpreter is found but the one that runs the tests."""
    empty = tmp_path / "empty"
    empty.mkdir()
    cache = process.run([process.tool("uv"), "cache", "dir"]).strip()
    hidden = {"HOME": str(empty), "PATH": str(empty), "PYENV_ROOT": str(empty)}
    return {**hidden, "UV_CACHE_DIR": cache, "UV_PYTHON_INSTALL_DIR": str(empty)}


def other_runtime() -> str:
    """A runtime that the interpreter of the tests is not."""
    return "python3.13" if sys.version_info[:2] != (3, 13) else "python3.12"


def test_without_an_interpreter(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """The build ships sources and says what is lost; invoking says how to get an interpreter."""
    runtime, minor = other_runtime(), other_runtime().removeprefix("python")
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("python3.13", runtime))
    bare = machine_without(tmp_path)
    done = shorts(["build"], function, **bare)
    assert done.returncode == 0, done.stderr
    assert f"no Python {minor} was found, so nothing is compiled here" in done.stderr
    assert f"uv python install {minor}" in done.stderr
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        assert archive.namelist() == ["app.py"]
    message = failed(shorts(["local", "invoke"], function, **bare))
    assert f"No Python {minor} was found to run F with." in message
    assert "sam local invoke" in message


def test_demo_with_one_interpreter(tmp_path: Path) -> None:
    """The demo builds for the newest runtime that the machine can run, and says so."""
    folder = copy_application(tmp_path / "fresh")
    template = folder / "template.yaml"
    template.write_text(
        template.read_text().replace("Default: python3.13", f"Default: {other_runtime()}")
    )
    demo = (ROOT / "demo.py").read_text()
    (folder / "demo.py").write_text(demo.replace('"python3.13"', f'"{other_runtime()}"'))
    done = as_process(["demo.py"], folder, **machine_without(tmp_path))
    assert done.returncode == 0, done.stderr
    mine = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"building for {mine}, which there is." in done.stdout
    assert (folder / "out" / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert re.search(r"^PlotFunction( +[\d,.]+){6}$", done.stdout, re.MULTILINE)


PROJECT = '[project]\nname = "fn"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = {}\n'


def distributions(folder: Path) -> set[str]:
    """The distributions that the built zip of F holds, with their versions."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / "F.zip") as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".dist-info") for top in tops if top.endswith(".dist-info")}


def test_a_project_names_the_requirements(function: Path, shorts: Shorts) -> None:
    """Where there is no requirements.txt, the dependencies in pyproject.toml are installed."""
    (function / "fn" / "pyproject.toml").write_text(PROJECT.format('["six==1.16.0"]'))
    assert shorts(["build"], function).returncode == 0
    assert distributions(function) == {"six-1.16.0"}


def test_uvs_lock_is_used(function: Path, shorts: Shorts) -> None:
    """A project's uv.lock says the versions, and a change of it is built."""
    project = function / "fn" / "pyproject.toml"
    project.write_text(PROJECT.format('["six<1.17"]'))
    uv.run(["lock", "--project", str(project.parent)])
    assert shorts(["build"], function).returncode == 0
    assert distributions(function) == {"six-1.16.0"}
    project.write_text(PROJECT.format('["six<1.16"]'))
    uv.run(["lock", "--project", str(project.parent)])
    assert shorts(["build"], function).returncode == 0
    assert distributions(function) == {"six-1.15.0"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project", "pyproject.toml is not valid TOML"),
        ("[tool.poetry.dependencies]\nsix = '*'\n", "has no [project] table"),
        ('[project]\nname = "a"\ndynamic = ["dependencies"]\n', "leaves its dependencies to"),
        (
            '[project]\nname = "a"\ndependencies = ["b"]\n[tool.uv.sources]\nb = {path = "../b"}\n',
            "takes b from a source other than an index",
        ),
    ],
)
def test_a_project_that_cannot_be_read(
    function: Path, shorts: Shorts, text: str, said: str
) -> None:
    """It is passed over with a warning, as SAM does; only uv's build method and a lock need it."""
    place = function / "fn" / "pyproject.toml"
    place.write_text(text)
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert f"warning: F has no requirements: {place} " in done.stderr
    assert said in done.stderr
    assert said in failed(shorts(["lock"], function))
    with (function / "template.yaml").open("a") as template:
        template.write("    Metadata: {BuildMethod: python-uv}\n")
    assert said in failed(shorts(["build"], function))


def test_settings_of_tools_are_no_project(function: Path, shorts: Shorts) -> None:
    """A pyproject.toml that only configures tools asks for nothing."""
    (function / "fn" / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert shorts(["build"], function).returncode == 0
    assert distributions(function) == set()


def test_an_index_of_pips_is_not_passed_over_in_silence(
    function: Path, wheels: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only pip is told of an index, a build that resolves says that uv asks another."""
    for name in [name for name in os.environ if name.startswith("UV_") and "INDEX" in name]:
        monkeypatch.delenv(name)
    write_wheel(wheels, "thing", {"thing.py": ""})
    require(function, "thing")
    said = "warning: PIP_INDEX_URL is pip's, and uv resolves here"
    assert said in shorts(["build"], function, PIP_INDEX_URL="https://example.org/simple").stderr
    (function / "fn" / "app.py").write_text("handler = print\n")
    told = {"PIP_INDEX_URL": "https://example.org/simple", "UV_INDEX": "https://example.org/simple"}
    assert said not in shorts(["build"], function, **told).stderr


def test_json_for_scripts(function: Path, shorts: Shorts) -> None:
    """With --output json the outcome is one document, in SAM's own form."""
    build = function / ".aws-sam" / "build"
    done = shorts(["build", "--output", "json"], function)
    said = json.loads(done.stdout)
    assert (said["status"], said["build_dir"]) == ("success", str(build))
    assert said["template_file"] == str(build / "template.yaml")
    assert [one["resource_id"] for one in said["resources"]] == ["F"]
    (function / "fn" / "requirements.txt").write_text("nowhere==1\n")
    done = shorts(["build", "--output=json"], function)
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"]) == (1, "failure")
    assert "nowhere" in said["error"]["message"]


def test_json_names_each_artifact(function: Path, shorts: Shorts) -> None:
    """Each artifact has its path, its digest in both forms, its sizes, and why it was built."""

    def artifact() -> dict[str, Any]:
        (one,) = json.loads(shorts(["build", "--output", "json"], function).stdout)["artifacts"]
        assert isinstance(one, dict)
        return one

    first = artifact()
    content = (function / ".aws-sam" / "build" / "F.zip").read_bytes()
    assert (first["resource_id"], Path(first["path"]).read_bytes()) == ("F", content)
    assert first["sha256"] == hashlib.sha256(content).hexdigest()
    assert base64.b64decode(first["code_sha256"]).hex() == first["sha256"]
    assert (first["size"], first["former_size"]) == (len(content), None)
    assert (first["rebuilt"], first["reasons"]) == (True, ["new"])
    again = artifact()
    assert (again["rebuilt"], again["reasons"]) == (False, [])
    assert again["former_size"] == first["size"]
    (function / "fn" / "app.py").write_text("def handler(event, context):\n    return 1\n")
    assert artifact()["reasons"] == ["code"]
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("app.handler", "other.handler"))
    (function / "fn" / "app.py").rename(function / "fn" / "other.py")
    assert artifact()["reasons"] == ["code", "settings"]
    (function / "fn" / "requirements.txt").write_text("# nothing\n")
    assert artifact()["reasons"] == ["code", "requirements"]
    Path(first["path"]).unlink()
    assert artifact()["reasons"] == ["build folder"]


def test_options_are_saved(function: Path, shorts: Shorts) -> None:
    """--save-params writes the options to samconfig.toml, and the next build takes them."""
    assert shorts(["build", "-b", "out", "--save-params"], function).returncode == 0
    assert 'build_dir = "out"' in (function / "samconfig.toml").read_text()
    (function / "out" / "F.zip").unlink()
    assert shorts(["build"], function).returncode == 0
    assert (function / "out" / "F.zip").is_file()


def test_a_container_is_not_needed(function: Path, shorts: Shorts) -> None:
    """--use-container is accepted, with a line that says why nothing comes of it."""
    done = shorts(["build", "--use-container"], function)
    assert done.returncode == 0
    assert "note: --use-container has no effect: " in done.stderr


@pytest.mark.parametrize("command", ["build", "local invoke"])
def test_options_without_effect_are_noted(function: Path, shorts: Shorts, command: str) -> None:
    """Both commands say it, and work."""
    given = "--docker-network x --skip-pull-image --beta-features"
    done = shorts([*command.split(), *given.split()], function)
    assert done.returncode == 0, done.stderr
    assert "note: --skip-pull-image, --docker-network have no effect: " in done.stderr
    lines = [line for line in done.stderr.splitlines() if "no effect" in line]
    noted = {line.split()[1].rstrip(",") for line in lines}
    assert noted == {"--skip-pull-image", "--beta-features"}


def test_a_log_file(function: Path, shorts: Shorts) -> None:
    """--log-file gets what standard error gets, and the answer stays on standard output."""
    (function / "fn" / "app.py").write_text(
        "def handler(event, context):\n    print('here')\n    return 1\n"
    )
    for _ in range(2):
        done = shorts(["local", "invoke", "-l", "log.txt"], function)
        assert done.stdout == "1\n"
        assert "here" in done.stderr
    assert (function / "log.txt").read_text().count("here") == 2
    assert "--log-file FILE" in failed(shorts(["local", "invoke", "-l", "no/log"], function))


def test_options_of_an_invocation_are_saved(function: Path, shorts: Shorts) -> None:
    """--save-params works for `local invoke`, too."""
    (function / "one.json").write_text('{"a": 1}')
    asked = ["local", "invoke", "-e", "one.json", "--save-params"]
    assert shorts(asked, function).stdout == '{"a": 1}\n'
    assert shorts(["local", "invoke"], function).stdout == '{"a": 1}\n'


def test_an_invocation_sees_the_build(function: Path, shorts: Shorts) -> None:
    """What was invoked before the first build is invoked from the build afterwards."""
    (function / "fn" / "requirements.txt").write_text("idna==3.10\n")
    (function / "fn" / "app.py").write_text(
        "import idna\ndef handler(event, context):\n    return idna.__version__\n"
    )
    assert "run `shorts build` first" in shorts(["local", "invoke"], function).stderr
    assert shorts(["build"], function).returncode == 0
    assert shorts(["local", "invoke"], function).stdout == '"3.10"\n'


def test_the_cache_is_named_measured_and_cleared(
    function: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """`shorts cache` says where Slices are and how many, and removes them when told to."""
    folder = str(tmp_path / "cache")
    (function / "fn" / "requirements.txt").write_text("six==1.17.0\n")
    assert shorts(["build"], function, SHORTS_CACHE_DIR=folder).returncode == 0

    def said(*arguments: str) -> str:
        return shorts(["cache", *arguments], function, SHORTS_CACHE_DIR=folder).stdout.strip()

    assert said("dir") == folder
    assert re.fullmatch(r"1 Slices, 0\.\d MB", said("size"))
    assert said("prune") == "Removed 0 Slices."
    assert said("prune", "--older-than", "0d") == "Removed 1 Slices."
    assert said("clear") == ""
    assert said("size") == "0 Slices, 0.0 MB"


def test_a_wrong_call_of_the_cache(function: Path, shorts: Shorts) -> None:
    """What `shorts cache` does not know is a wrong call, with the right ones."""
    for arguments in ([], ["empty"], ["dir", "size"], ["size", "--older-than=3d"]):
        assert "Run `shorts cache dir`" in failed(shorts(["cache", *arguments], function), 2)
    message = failed(shorts(["cache", "prune", "--older-than=3w"], function), 2)
    assert "--older-than: '3w' is not a number of days, such as 30d." in message


def test_own_code_wins_without_bytecode(function: Path, shorts: Shorts) -> None:
    """A module of the function's own that cannot be compiled is not run as the distribution's."""
    (function / "fn" / "requirements.txt").write_text("six==1.17.0\n")
    (function / "fn" / "six.py").write_text("print 'mine'\n")
    (function / "fn" / "app.py").write_text("def handler(*_):\n    import six\n")
    assert shorts(["build"], function).returncode == 0
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        assert archive.read("six.py") == b"print 'mine'\n"
        assert [name for name in archive.namelist() if "six.cpython" in name] == []


def test_a_handler_in_a_layer_that_is_not_here(function: Path, shorts: Shorts) -> None:
    """Where a wrapper of somebody else's calls the function, all it may call has bytecode."""
    template = function / "template.yaml"
    layer = "wrapper.handler, Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:x:1']"
    template.write_text(template.read_text().replace("app.handler", layer))
    assert shorts(["build"], function).returncode == 0
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as opened:
        assert "__pycache__/app.cpython-313.pyc" in opened.namelist()


def test_code_in_the_template_is_not_invoked(function: Path, shorts: Shorts) -> None:
    """A function with its code in its template is built as SAM does, and not run here."""
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("CodeUri: fn", "InlineCode: 'x = 1'"))
    assert shorts(["build"], function).returncode == 0
    message = failed(shorts(["local", "invoke"], function))
    assert message.startswith("shorts: F has its code in the template")


def test_a_function_without_a_runtime(function: Path, shorts: Shorts) -> None:
    """A zip that nothing says the runtime of is refused by name, where SAM falls over."""
    template = function / "template.yaml"
    template.write_text(template.read_text().replace("Runtime: python3.13, ", ""))
    message = failed(shorts(["build"], function))
    assert message == "shorts: F has no Runtime, and its Globals have none either."
