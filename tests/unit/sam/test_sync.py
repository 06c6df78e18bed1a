"""The options of `sam sync`, as they are handed on."""

from pathlib import Path

import pytest

from shorts.sam import sync

TEMPLATE = "Resources:\n  G: {Type: 'AWS::Logs::LogGroup'}\n"
DEFAULTS = ["--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND", "--express"]
QUIET = ["--no-confirm-changeset", "--no-fail-on-empty-changeset"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_defaults() -> None:
    """SAM's own defaults, and a bucket that SAM makes."""
    found, _ = sync.read_sync(["--stack-name", "s"])
    assert (found.stack, found.code, found.watch, found.deploys_first) == ("s", False, False, False)
    assert found.build == []
    assert found.deploy == ["--stack-name", "s", *DEFAULTS, *QUIET, "--resolve-s3"]


def test_options_are_handed_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To `sam build` and `sam deploy`, each what it has."""
    (folder / "aws").write_text("[profile p]\nregion = q\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws"))
    given = """--stack-name s --no-express --s3-bucket b --base-dir . --region r --tags a=b
        --no-skip-deploy-sync --metadata a=b --config-env dev
        --capabilities CAPABILITY_IAM""".split()
    found, _ = sync.read_sync(
        [*given, "--parameter-overrides", "A=b", 'C="d \\"e\\""', "--profile", "p"]
    )
    account = ["--config-env", "dev", "--profile", "p", "--region", "r"]
    assert found.build == [
        *account, "--base-dir", ".", "--parameter-overrides", 'A="b"', 'C="d \\"e\\""'
    ]  # fmt: skip
    assert found.deploy == [
        *account, "--stack-name", "s", "--s3-bucket", "b",
        "--parameter-overrides", 'A="b"', 'C="d \\"e\\""', "--tags", 'a="b"',
        "--metadata", '{"a":"b"}', "--capabilities", "CAPABILITY_IAM", "--no-express",
        *QUIET, "--no-resolve-s3",
    ]  # fmt: skip
    assert (found.bucket, found.region, found.profile) == ("b", "r", "p")
    assert found.deploys_first


@pytest.mark.usefixtures("folder")
def test_a_named_resource_implies_code() -> None:
    """SAM would ignore the name without `--code`."""
    found, _ = sync.read_sync(["--stack-name", "s", "--resource-id", "A", "--resource-id", "B"])
    assert found.code
    assert found.resources == ["A", "B"]


def test_the_configuration_counts(folder: Path) -> None:
    """The `sync` section is handed on; a bucket of the `deploy` section is left to SAM."""
    (folder / "samconfig.toml").write_text(
        "version = 0.1\n"
        '[default.sync.parameters]\nstack_name = "s"\nparameter_overrides = "A=b"\nwatch = true\n'
        '[default.deploy.parameters]\ns3_bucket = "b"\n'
    )
    found, files = sync.read_sync([])
    assert found.watch
    assert found.build == ["--parameter-overrides", 'A="b"']
    assert "--resolve-s3" not in found.deploy
    assert found.files == [str(folder / "samconfig.toml")]
    assert {*found.files} <= files
