"""Functions that list nothing: each gets its part of the project's lock, and of its folders."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Shorts, write_wheel

Names = set[str]


def wheel(folder: Path, name: str, *, requires: str = "", **files: str) -> str:
    """Write a wheel of one package, and say it as a line of a lock."""
    metadata = f"Requires-Dist: {requires}\n" if requires else ""
    texts = {f"{name}/{path}.py": text for path, text in {"__init__": "", **files}.items()}
    path = write_wheel(folder, name, texts, metadata=metadata)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three distributions, one of which requires another, and a function of each."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    folder = tmp_path / "project"
    lines = [
        wheel(folder / "wheels", "alpha", requires="gamma"),
        wheel(folder / "wheels", "beta", part="x = 1"),
        wheel(folder / "wheels", "gamma"),
    ]
    options = ["--no-index", "--find-links wheels"]
    (folder / "requirements.lock").write_text("\n".join([*options, *lines, ""]))
    functions: dict[str, dict[str, object]] = {}
    for name, code in (("A", "import alpha"), ("B", "import beta.part"), ("N", "import json")):
        (folder / name.lower()).mkdir()
        (folder / name.lower() / "app.py").write_text(f"{code}\ndef handler(*_):\n    return 1\n")
        functions[name] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "CodeUri": name.lower(),
                "Handler": "app.handler",
                "Runtime": "python3.13",
            },
        }
    write(folder, functions)
    return folder


def write(folder: Path, functions: dict[str, dict[str, object]]) -> None:
    """Write the template; JSON is YAML."""
    transform = "AWS::Serverless-2016-10-31"
    text = json.dumps({"Transform": transform, "Resources": functions})
    (folder / "template.yaml").write_text(text)


def ask(folder: Path, name: str, **settings: list[str]) -> None:
    """Give a function metadata for shorts."""
    template = json.loads((folder / "template.yaml").read_text())
    template["Resources"][name]["Metadata"] = {"Shorts": settings}
    (folder / "template.yaml").write_text(json.dumps(template))


def listed(folder: Path, name: str) -> Names:
    """The modules of a built zip."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / f"{name}.zip") as opened:
        return {path for path in opened.namelist() if path.endswith(".py")}


def test_each_function_gets_its_own_part(project: Path, shorts: Shorts) -> None:
    """What a function imports is there with what that requires, and nothing else."""
    done = shorts(["build"], project)
    assert done.returncode == 0, done.stderr
    assert listed(project, "A") == {"app.py", "alpha/__init__.py", "gamma/__init__.py"}
    assert listed(project, "B") == {"app.py", "beta/__init__.py", "beta/part.py"}
    assert listed(project, "N") == {"app.py"}


def test_a_list_of_its_own_wins(project: Path, shorts: Shorts) -> None:
    """A function with requirements takes nothing from the project's lock, an empty list too."""
    (project / "a" / "requirements.txt").write_text("# nothing\n")
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "A") == {"app.py"}


def test_without_a_lock_nothing_is_inferred(project: Path, shorts: Shorts) -> None:
    """A project without a lock is built as SAM builds it, whatever its functions import."""
    (project / "requirements.lock").unlink()
    (project / "requirements.txt").write_text("alpha\n")
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "A") == {"app.py"}


def test_a_new_import_is_seen(project: Path, shorts: Shorts) -> None:
    """An import that is added brings its distribution with the next build."""
    assert shorts(["build"], project).returncode == 0
    (project / "n" / "app.py").write_text("import gamma\nhandler = print\n")
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "N") == {"app.py", "gamma/__init__.py"}


def test_an_import_that_nothing_provides(project: Path, shorts: Shorts) -> None:
    """It is a warning with its file and line, at each build until it is gone."""
    code = "import json\n\nimport nowhere.at.all\nhandler = print\n"
    (project / "n" / "app.py").write_text(code)
    said = "warning: n/app.py:3: N imports nowhere.at.all, and nothing provides it\n"
    for state in ("built", "unchanged"):
        done = shorts(["build"], project)
        assert (done.returncode, said in done.stderr) == (0, True)
        assert f"files  {state}" in done.stdout.splitlines()[2]
    (project / "n" / "app.py").write_text("handler = print\n")
    assert said not in shorts(["build"], project).stderr


def test_a_conditional_import_may_be_missing(project: Path, shorts: Shorts) -> None:
    """What a condition guards that the build cannot decide is a warning."""
    code = "import os\nif os.environ.get('LOCAL'):\n    import moto\nhandler = print\n"
    (project / "n" / "app.py").write_text(code)
    done = shorts(["build"], project)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        0,
        ["warning: n/app.py:3: N imports moto, and nothing provides it"],
    )


def test_an_optional_import_may_be_missing(project: Path, shorts: Shorts) -> None:
    """What is caught where it is imported, and what the runtime has, is not asked for."""
    text = "import boto3\ntry:\n    import nowhere\nexcept ImportError:\n    nowhere = None\n"
    text += "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n"
    text += "handler = print\n"
    (project / "n" / "app.py").write_text(text)
    done = shorts(["build"], project)
    assert done.returncode == 0, done.stderr
    assert listed(project, "N") == {"app.py"}


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import common.used", {"common/__init__.py", "common/used.py"}),
        ("from common import used", {"common/__init__.py", "common/used.py"}),
        ("import used", {"used.py"}),
        ("import common.deep.one", {"common/__init__.py", "common/deep/one.py"}),
        ("import json", set()),
    ],
)
def test_modules_of_a_source_root(project: Path, shorts: Shorts, code: str, modules: Names) -> None:
    """Modules outside the function's folder come along where they are imported, and no others."""
    (project / "common" / "deep").mkdir(parents=True)
    for name in ("__init__", "used", "unused", "deep/one"):
        (project / "common" / f"{name}.py").write_text("")
    (project / "n" / "app.py").write_text(f"{code}\ndef handler(*_):\n    return 2\n")
    ask(project, "N", SourceRoots=["common"])
    done = shorts(["build"], project)
    assert done.returncode == 0, done.stderr
    assert listed(project, "N") == {"app.py", *modules}
    assert shorts(["local", "invoke", "N"], project).stdout == "2\n"


def test_a_source_roots_imports_count(project: Path, shorts: Shorts) -> None:
    """What a shared module imports is the function's need, and its data come along."""
    (project / "common" / "schemas").mkdir(parents=True)
    (project / "common" / "__init__.py").write_text("from . import deeper\n")
    (project / "common" / "deeper.py").write_text("import beta\n")
    (project / "common" / "schemas" / "one.json").write_text("{}")
    (project / "n" / "app.py").write_text("import common\nhandler = print\n")
    ask(project, "N", SourceRoots=["common"])
    assert shorts(["build"], project).returncode == 0
    assert {"common/deeper.py", "beta/__init__.py"} <= listed(project, "N")
    with zipfile.ZipFile(project / ".aws-sam/build/N.zip") as opened:
        assert "common/schemas/one.json" in opened.namelist()
    (project / "common" / "deeper.py").write_text("import alpha\n")
    assert shorts(["build"], project).returncode == 0
    assert "gamma/__init__.py" in listed(project, "N")


def test_a_source_root_that_is_not_there(project: Path, shorts: Shorts) -> None:
    """A folder that does not exist is named."""
    ask(project, "N", SourceRoots=["gone"])
    done = shorts(["build"], project)
    assert done.returncode == 1
    assert f"{project / 'gone'} is not a folder" in done.stderr


def test_settings_that_do_not_exist(project: Path, shorts: Shorts) -> None:
    """A misspelt setting is refused with those that there are."""
    ask(project, "N", SourceRoot=["common"])
    done = shorts(["build"], project)
    assert done.returncode == 1
    assert "N: Metadata: Shorts: " in done.stderr
    assert "Events, Keep, Drop and SourceRoots" in done.stderr


ARN = "arn:aws:lambda:us-east-1:123456789012:layer:x:1"


def attach(folder: Path, name: str, *layers: object, **more: dict[str, object]) -> None:
    """Give a function layers, and the template more resources."""
    template = json.loads((folder / "template.yaml").read_text())
    template["Resources"][name]["Properties"]["Layers"] = layers
    template["Resources"] |= more
    (folder / "template.yaml").write_text(json.dumps(template))


def layer(method: str | None, uri: str) -> dict[str, object]:
    made: dict[str, object] = {"Type": "AWS::Serverless::LayerVersion"}
    if method:
        made["Metadata"] = {"BuildMethod": method}
    return {**made, "Properties": {"ContentUri": uri}}


def test_what_a_layer_provides_is_left_out(project: Path, shorts: Shorts) -> None:
    """The layer's own version counts; what it lacks comes along, and an edit of it counts."""
    (project / "layer").mkdir()
    require = project / "layer" / "requirements.txt"
    require.write_text("--no-index\n--find-links ../wheels\ngamma\n")
    attach(project, "A", {"Ref": "L"}, L=layer("python3.13", "layer"))
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "A") == {"app.py", "alpha/__init__.py"}
    require.write_text("")
    assert shorts(["build", "A"], project).returncode == 0
    assert listed(project, "A") == {"app.py", "alpha/__init__.py", "gamma/__init__.py"}
    require.write_text("--no-index\n--find-links ../wheels\nalpha\n")
    (project / "a" / "app.py").write_text("import alpha\nhandler = print # edited\n")
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "A") == {"app.py"}


def test_what_a_ready_layer_provides_is_left_out(project: Path, shorts: Shorts) -> None:
    """A folder that no build makes is read as the runtime reads it."""
    (project / "ready" / "python" / "alpha").mkdir(parents=True)
    (project / "ready" / "python" / "alpha" / "__init__.py").write_text("")
    attach(project, "A", {"Ref": "L"}, L=layer(None, "ready"))
    assert shorts(["build"], project).returncode == 0
    assert listed(project, "A") == {"app.py"}
    (project / "ready" / "python" / "alpha" / "__init__.py").unlink()
    assert shorts(["build"], project).returncode == 0
    assert "alpha/__init__.py" in listed(project, "A")


def test_a_layer_that_is_not_known_provides_nothing(project: Path, shorts: Shorts) -> None:
    """The function gets what it imports, and is told."""
    attach(project, "A", ARN)
    done = shorts(["build"], project)
    assert done.returncode == 0
    assert listed(project, "A") == {"app.py", "alpha/__init__.py", "gamma/__init__.py"}
    assert (
        "warning: A lists no requirements, so its zip has what it imports. "
        f"Its layer {ARN} is not known here, and may have it too." in done.stderr.splitlines()
    )


@pytest.mark.parametrize(
    "handler",
    """datadog_lambda.handler.handler newrelic_lambda_wrapper.handler lumigo_tracer.handler
    sentry_sdk.integrations.init_serverless_sdk.handler otel_wrapper.lambda_handler""".split(),
)
def test_a_wrappers_handler_starts_at_all_modules(
    project: Path, shorts: Shorts, handler: str
) -> None:
    """What any own module imports is inferred: a variable names the one that is called."""
    template = json.loads((project / "template.yaml").read_text())
    template["Resources"]["A"]["Properties"]["Handler"] = handler
    (project / "template.yaml").write_text(json.dumps(template))
    attach(project, "A", ARN)
    done = shorts(["build"], project)
    assert done.returncode == 0, done.stderr
    assert listed(project, "A") == {"app.py", "alpha/__init__.py", "gamma/__init__.py"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[tool.poetry.dependencies]\npython = '^3.12'\n", "has no [project] table, which Poetry "),
        ("[project]\nname = 'x'\ndynamic = ['dependencies']\n", "leaves its dependencies to its "),
        ("[project\n", "is not valid TOML: "),
        ("[tool.ruff]\nline-length = 100\n", ""),
        ("[project]\nname = 'x'\nversion = '1'\n", ""),
    ],
    ids=["Poetry 1", "dynamic", "broken", "settings alone", "without a lock"],
)
def test_a_project_that_cannot_be_read(project: Path, shorts: Shorts, text: str, why: str) -> None:
    """It counts only where a function would infer from it, and stops no build."""
    (project / "requirements.lock").unlink()
    (project / "pyproject.toml").write_text(text)
    (project / "uv.lock").write_text("version = 1\n")
    if why != "leaves its dependencies to its ":
        (project / "uv.lock").unlink()
    (project / "b" / "requirements.txt").write_text("--no-index\n--find-links ../wheels\nbeta\n")
    done = shorts(["build"], project)
    assert done.returncode == 0, done.stderr
    assert "beta/part.py" in listed(project, "B")
    assert (
        f"a/app.py:1: A imports alpha, and nothing provides it{' (' if why else ''}" in done.stderr
    )
    assert why in done.stderr
    assert "N imports" not in done.stderr


def test_links_in_a_layer(function: Path, shorts: Shorts) -> None:
    """A ready-made layer may have links, even in a circle or broken; what they lead to counts."""
    (function / "common").mkdir()
    (function / "common" / "one.py").write_text("X = 1\n")
    (function / "layer").mkdir()
    (function / "layer" / "python").symlink_to("../common")
    (function / "common" / "again").symlink_to("../layer")
    (function / "common" / "gone").symlink_to("nowhere")
    (function / "fn" / "app.py").write_text("import one\ndef handler(event, context):\n    pass\n")
    template = function / "template.yaml"
    text = template.read_text().replace("Timeout: 2", "Layers: [!Ref L]")
    template.write_text(
        f"{text}  L:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Properties: {ContentUri: layer}\n"
    )
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    assert "nothing provides" not in done.stderr
    (function / "common" / "one.py").rename(function / "common" / "two.py")
    done = shorts(["build"], function)
    assert "fn/app.py:1: F imports one, and nothing provides it" in done.stderr
