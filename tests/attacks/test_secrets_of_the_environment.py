"""What runs for a build does not see the secrets of the environment that the build runs in."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from shorts.system import interpreters, secrets
from tests.conftest import Shorts, require

# As they stand in a pipeline; each value is found where it went.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIA0000",
    "AWS_SECRET_ACCESS_KEY": "s3cr3t-aws",
    "AWS_SESSION_TOKEN": "s3cr3t-session",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://s3cr3t-container",
    "GITHUB_TOKEN": "s3cr3t-github",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://s3cr3t-actions",
    "CI_JOB_TOKEN": "s3cr3t-gitlab",
    "NPM_TOKEN": "s3cr3t-npm",
    "STRIPE_API_KEY": "s3cr3t-stripe",
    "DB_PASSWORD": "s3cr3t-db",
    "PGPASSWORD": "s3cr3t-pg",
    "my_client_secret": "s3cr3t-client",
    "GOOGLE_APPLICATION_CREDENTIALS": "/s3cr3t-google.json",
    "DATABASE_URL": "postgres://me:s3cr3t-url@db/x",
    "SSH_AUTH_SOCK": "/s3cr3t-agent",
}
# What a build may need, and uv to reach its indexes.
KEPT = {
    "CFLAGS": "-O2",
    "SETUPTOOLS_SCM_PRETEND_VERSION": "1.0",
    "KEYBOARD": "us",
    "AUTHOR": "Ada",
    "HTTPS_PROXY": "http://me:pass@127.0.0.1:9",
    "UV_INDEX_PRIVATE_USERNAME": "me",
    "UV_INDEX_PRIVATE_PASSWORD": "login",
}
# A backend of its own, that writes down what it sees, in each step that uv asks of it.
BACKEND = """
import json, os, zipfile
with open({log!r}, "a") as log:
    log.write(json.dumps(dict(os.environ)) + "\\n")

def build_wheel(out, config_settings=None, metadata_directory=None):
    name = "mine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(out, name), "w") as wheel:
        info = "mine-1.0.dist-info"
        wheel.writestr("mine.py", "")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: mine\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        rows = ["mine.py", info + "/METADATA", info + "/WHEEL", info + "/RECORD"]
        wheel.writestr(info + "/RECORD", "".join(row + ",,\\n" for row in rows))
    return name
"""
SETTINGS = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where a backend writes down what it saw."""
    return tmp_path / "log"


def project(function: Path, log: Path) -> None:
    """Have a function require a project that lies next to it."""
    (function / "mine").mkdir()
    (function / "mine" / "pyproject.toml").write_text(SETTINGS)
    (function / "mine" / "backend.py").write_text(BACKEND.format(log=str(log)))
    require(function, "../mine")


def sdist(function: Path, log: Path) -> None:
    """Have a function require what there is a source distribution of, and no wheel."""
    said = "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n"
    members = {
        "pyproject.toml": SETTINGS,
        "backend.py": BACKEND.format(log=str(log)),
        "PKG-INFO": said,
    }
    with tarfile.open(function / "wheels" / "mine-1.0.tar.gz", "w:gz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(f"mine-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    require(function, "mine")


def seen(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize("kind", [project, sdist], ids=lambda kind: kind.__name__)
def test_a_source_build_sees_no_secrets(
    function: Path, wheels: Path, shorts: Shorts, log: Path, kind: object
) -> None:
    """Neither the build of a local project nor that of a source distribution sees any."""
    (project if kind is project else sdist)(function, log)
    asked = ["build", *(["--allow-sdist", "mine"] if kind is sdist else [])]
    done = shorts(asked, function, **SECRETS, **KEPT)
    assert done.returncode == 0, done.stderr
    assert seen(log)
    for environment in seen(log):
        assert not environment.keys() & SECRETS.keys()
        assert "s3cr3t" not in str(environment)
        assert environment.items() >= KEPT.items()
        assert environment["PATH"] and environment["HOME"]


def test_a_keyring_gets_what_it_asks_its_service_with(
    function: Path, wheels: Path, shorts: Shorts, log: Path
) -> None:
    """Where uv asks a keyring for a login, it has the cloud's credentials, and no other secret."""
    project(function, log)
    done = shorts(["build"], function, **SECRETS, UV_KEYRING_PROVIDER="subprocess")
    assert done.returncode == 0, done.stderr
    for environment in seen(log):
        assert environment["AWS_SECRET_ACCESS_KEY"] == "s3cr3t-aws"
        assert not environment.keys() & {"GITHUB_TOKEN", "DB_PASSWORD", "DATABASE_URL", "NPM_TOKEN"}
    assert seen(log)


@pytest.mark.parametrize("how", ["variable", "project", "line", "constraint"])
def test_what_is_not_allowed_is_not_built(
    function: Path, wheels: Path, shorts: Shorts, log: Path, how: str
) -> None:
    """No setting of uv's has a distribution built where its secrets are seen: it is refused."""
    sdist(function, log)
    settings = {"variable": {"UV_NO_BINARY": "1", "UV_NO_BINARY_PACKAGE": "mine"}}
    if how == "project":
        (function / "uv.toml").write_text("no-binary = true\n[pip]\nno-binary = ['mine']\n")
    if how == "line":
        require(function, "--no-binary :all:", "mine")
    if how == "constraint":
        (function / "fn" / "all.txt").write_text("--no-binary :all:\nmine\n")
        require(function, "-c all.txt", "mine")
    done = shorts(["build"], function, **SECRETS, **settings.get(how, {}))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not log.exists()


# uv has to reach its index for the runtime.
REACHED = {name: value for name, value in KEPT.items() if name != "HTTPS_PROXY"}
VARIABLES = "Environment: {Variables: {DB_PASSWORD: of-the-template, STAGE: test}}"


@pytest.fixture
def telling(function: Path, log: Path) -> Path:
    """A function that writes down the environment it is run with, and has variables of its own."""
    (function / "fn" / "app.py").write_text(
        "import json, os\n"
        f"with open({str(log)!r}, 'a') as log:\n"
        "    log.write(json.dumps(dict(os.environ)) + '\\n')\n"
        "def handler(event, context):\n    return dict(os.environ)\n"
    )
    (function / "event.json").write_text("{}")
    template = (function / "template.yaml").read_text()
    (function / "template.yaml").write_text(
        template.replace("Timeout: 2}", f"Timeout: 9, {VARIABLES}}}")
        + "    Metadata: {Shorts: {Events: [event.json]}}\n"
    )
    if interpreters.find("3.13") is None:
        pytest.skip("this machine has no Python 3.13")
    return function


def check_dummies(environment: dict[str, str]) -> None:
    assert "s3cr3t" not in str(environment)
    assert environment["AWS_ACCESS_KEY_ID"] == "defaultkey"
    assert environment["AWS_SECRET_ACCESS_KEY"] == "defaultsecret"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["DB_PASSWORD"] == "of-the-template"
    assert environment.get("AWS_SESSION_TOKEN", "") == ""  # the emulator sets it
    assert "CFLAGS" not in environment


def test_sample_events_run_with_dummies(telling: Path, shorts: Shorts, log: Path) -> None:
    """A function that the build runs has dummy credentials, and nothing of the host's."""
    region = {"AWS_REGION": "s3cr3t-region", "AWS_DEFAULT_REGION": "s3cr3t-default"}
    done = shorts(["build"], telling, **SECRETS, **REACHED, **region)
    assert done.returncode == 0, done.stderr
    assert log.exists(), done.stderr
    assert len(seen(log)) >= 2
    for environment in seen(log):
        check_dummies(environment)


def test_measured_imports_run_with_dummies(telling: Path, shorts: Shorts, log: Path) -> None:
    """So has one that `size --imports` imports."""
    assert shorts(["build"], telling).returncode == 0
    log.unlink()
    done = shorts(["size", "F", "--imports"], telling, **SECRETS, **REACHED)
    assert done.returncode == 0, done.stderr
    assert seen(log)
    for environment in seen(log):
        check_dummies(environment)


def test_an_invoked_function_sees_what_sam_gives(telling: Path, shorts: Shorts, log: Path) -> None:
    """One that the user invokes has the credentials and its own variables from the host, alone."""
    assert shorts(["build"], telling).returncode == 0
    done = shorts(["local", "invoke"], telling, **SECRETS, **REACHED)
    assert done.returncode == 0, done.stderr
    environment = json.loads(done.stdout)
    known = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "DB_PASSWORD"}
    assert {name: environment[name] for name in known} == {name: SECRETS[name] for name in known}
    assert not environment.keys() & (SECRETS.keys() | KEPT.keys()) - known


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_is_known(name: str) -> None:
    """Every secret of the list is one, alone in an environment."""
    assert secrets.variables({name: SECRETS[name], "PATH": "/bin"}) == [name]


@pytest.mark.parametrize("name", ["PWD", "OLDPWD", "PATH", "HOME", "LANG", "KEYMAP", "CI", *KEPT])
def test_no_other_variable_is_one(name: str) -> None:
    """What builds need is passed on."""
    assert secrets.variables({name: KEPT.get(name, "/x")}) == []


def test_a_makefile_runs_as_under_sam() -> None:
    """SAM, which runs Makefiles, has the whole environment."""
    from shorts.system import process

    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        shown = process.run(["env"])
    assert all(f"{name}={value}" in shown for name, value in SECRETS.items())
