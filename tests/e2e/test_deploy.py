"""`sam deploy`, as it is, of what shorts and `sam build` built, to a stand-in for the cloud."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shorts.system import process
from shorts.system.project_state import FOLDER
from tests import sam as forked
from tests.conftest import Done, Shorts
from tests.e2e.answers import emulated, events, exact, functions, known, lasting
from tests.e2e.cloud.service import Cloud, serving
from tests.e2e.conftest import Sam

FUNCTIONS = ("EchoFunction", "PlotFunction")
COLUMN = 25  # characters of SAM's table of changes


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A stand-in for the cloud, for this file's tests."""
    with serving(tmp_path_factory.mktemp("cloud") / "log") as there:
        yield there


def deploy(cloud: Cloud, folder: Path, stack: str, *options: str, sam: Sam | None = None) -> Done:
    """Run `sam deploy` of a built application: the command itself, or what it imports."""
    arguments = ["deploy", "--no-confirm-changeset", "--stack-name", stack, *options]
    if sam:
        return sam(*arguments, cwd=folder, **cloud.environment)
    done = forked.run(arguments, folder, process.environment(cloud.environment))
    return Done(done.returncode, done.stdout, done.stderr)


def changes(done: Done) -> set[str]:
    """The logical ids that a deployment has changed, off SAM's table, which breaks long ones."""
    assert done.returncode == 0, done.stdout + done.stderr
    names: list[str] = []
    table = done.stdout.partition("CloudFormation stack changeset")[2].partition("\n\n")[0]
    for line in table.splitlines():
        action, name = line[:COLUMN].strip(), line[COLUMN : 2 * COLUMN].strip()
        if action[:1] in ("+", "*", "-") and not action.startswith("--") and name:
            names.append(name)
        elif not action and name and names:
            names[-1] += name
    return set(names) - {"-"}


def keep_proofs(built: Path, application: Path) -> None:
    """Have the same application elsewhere know what its events have shown."""
    shutil.copytree(built / FOLDER / "proofs", application / FOLDER / "proofs")


@pytest.mark.parametrize("builder", ["built", "stock"])
def test_what_is_deployed_answers_the_sample_events(
    builder: str, cloud: Cloud, request: pytest.FixtureRequest, sam: Sam, tmp_path: Path
) -> None:
    """The code that Lambda's API gives back answers each event as what was built does."""
    folder: Path = request.getfixturevalue(builder)
    done = deploy(cloud, folder, f"answers-{builder}", sam=sam)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = known(folder)
    for name, function in functions(folder).items():
        fetched = tmp_path / name
        content = cloud.code(f"answers-{builder}", name)
        if builder == "built":
            assert content == Path(function.code_uri).read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(fetched)
        deployed = msgspec.structs.replace(function, code_uri=str(fetched))
        assert exact(deployed, events(name)) == answers[name]


def test_with_shared_layers_it_answers_the_sample_events_as_without(
    cloud: Cloud, built: Path, application: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """The code and the layers that the cloud gives back answer as what was built without layers."""
    template = application / "template.yaml"
    template.write_text(f"Metadata: {{Shorts: {{SharedLayers: true}}}}\n{template.read_text()}")
    assert shorts(["build"], application).returncode == 0
    done = deploy(cloud, application, "layers")
    assert done.returncode == 0, done.stdout + done.stderr
    answers = known(built)
    for name, function in functions(application).items():
        fetched = tmp_path / name
        with zipfile.ZipFile(io.BytesIO(cloud.code("layers", name))) as archive:
            archive.extractall(fetched)
        layers = []
        for number, content in enumerate(cloud.layers("layers", name)):
            place = tmp_path / f"{name}-{number}.zip"
            place.write_bytes(content)
            layers.append(msgspec.structs.replace(function.layers[number], code_uri=str(place)))
        assert layers
        deployed = msgspec.structs.replace(function, code_uri=str(fetched), layers=layers)
        # The tag of a chart names the modules in the code's folder, distributions' included.
        expected = {event: lasting(answer) for event, answer in answers[name].items()}
        assert emulated(deployed, events(name)) == expected


def test_a_second_deployment_changes_nothing(
    cloud: Cloud, built: Path, application: Path, shorts: Shorts
) -> None:
    """Built and deployed again without a change, nothing is uploaded and no resource changes."""
    assert changes(deploy(cloud, built, "again")) >= {*FUNCTIONS, "HttpApi"}
    before = cloud.uploads()
    keep_proofs(built, application)
    assert shorts(["build"], application).returncode == 0
    done = deploy(cloud, application, "again")
    assert "No changes to deploy. Stack again is up to date" in done.stderr
    assert cloud.uploads() == before


def test_uploads_nothing_but_zips_and_the_template(cloud: Cloud, built: Path) -> None:
    """What lies next to the zips stays where it is."""
    known = cloud.uploads()
    changes(deploy(cloud, built, "uploads", "--s3-prefix", "uploads"))
    new = {Path(key).suffix for key in cloud.uploads().keys() - known.keys()}
    assert new <= {"", ".template"}
    assert len(new) == 2


def test_an_edit_changes_its_function_alone(
    cloud: Cloud, built: Path, application: Path, shorts: Shorts
) -> None:
    """An edit of Plot's handler changes Plot's code and version, and nothing of Echo."""
    keep_proofs(built, application)
    changes(deploy(cloud, built, "edited"))
    before = {name: cloud.code("edited", name) for name in FUNCTIONS}
    source = application / "plot" / "app.py"
    source.write_text(f"{source.read_text(encoding='utf-8')}\nEDITED = True\n", encoding="utf-8")
    assert shorts(["build"], application).returncode == 0
    changed = changes(deploy(cloud, application, "edited"))
    assert changed
    assert all(name.startswith("PlotFunction") for name in changed), changed
    after = {name: cloud.code("edited", name) for name in FUNCTIONS}
    assert after["EchoFunction"] == before["EchoFunction"]
    assert after["PlotFunction"] != before["PlotFunction"]
    assert hashlib.md5(after["PlotFunction"]).hexdigest() in cloud.uploads()


def test_production_shifts(cloud: Cloud, built: Path) -> None:
    """Every deployment has alarms. With `--config-env prod` it has a canary as well."""
    alarms, canary = {"EchoErrors", "PlotErrors"}, "ServerlessDeploymentApplication"
    production = changes(deploy(cloud, built, "prod", "--config-env", "prod"))
    assert {*alarms, canary} <= production
    plain = changes(deploy(cloud, built, "plain"))
    assert alarms <= plain
    assert canary not in plain


def test_delete_leaves_nothing(cloud: Cloud, built: Path) -> None:
    """`sam delete` removes the functions with their stack."""
    changes(deploy(cloud, built, "gone"))
    names = {cloud.resources("gone")[name] for name in FUNCTIONS}
    arguments = ["delete", "--stack-name", "gone", "--no-prompts"]
    done = forked.run(arguments, built, process.environment(cloud.environment))
    assert done.returncode == 0, done.stdout + done.stderr
    left = {one["FunctionName"] for one in cloud.client("lambda").list_functions()["Functions"]}
    assert not names & left


def test_says_that_credentials_are_absent(cloud: Cloud, built: Path) -> None:
    """Without credentials a deployment ends in SAM's own words, and nothing is uploaded."""
    before = cloud.uploads()
    nobody = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
    variables = {**cloud.environment, **nobody, "AWS_EC2_METADATA_DISABLED": "true"}
    arguments = ["deploy", "--stack-name", "nobody"]
    done = forked.run(arguments, built, process.environment(variables))
    assert done.returncode == 1
    assert "Unable to locate credentials" in done.stderr
    assert cloud.uploads() == before


def test_says_that_a_bucket_does_not_exist(cloud: Cloud, built: Path) -> None:
    """A bucket that is not there is named, and there is no stack afterwards."""
    configuration = ("--config-file", str(built / "plain.toml"))
    Path(configuration[1]).write_text("version = 0.1\n")
    done = deploy(
        cloud,
        built,
        "nowhere",
        *configuration,
        "--capabilities",
        "CAPABILITY_IAM",
        "--s3-bucket",
        "there-is-no-such-bucket",
    )
    assert done.returncode == 1
    assert "S3 Bucket does not exist." in done.stderr
    stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    assert "nowhere" not in {one["StackName"] for one in stacks}


def test_says_that_a_stack_was_rolled_back(cloud: Cloud, built: Path) -> None:
    """A stack in ROLLBACK_COMPLETE is left as it is, and the message says how to go on."""
    template = {
        "Metadata": {"Status": "ROLLBACK_COMPLETE"},
        "Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}},
    }
    there = cloud.client("cloudformation")
    there.create_stack(StackName="broken", TemplateBody=json.dumps(template))
    done = deploy(cloud, built, "broken")
    assert done.returncode == 1
    assert "ROLLBACK_COMPLETE" in done.stderr
    (stack,) = there.describe_stacks(StackName="broken")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
