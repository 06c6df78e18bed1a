"""The credentials and the region that a function gets: those that SAM finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import boto3
import botocore.exceptions
import pytest

from shorts.emulator.credentials import Account
from shorts.errors import ShortsError

_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
STATIC = "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n"
WORK = "[work]\naws_access_key_id = of work\naws_secret_access_key = x\naws_session_token = token\n"
KEYS = {"AWS_ACCESS_KEY_ID": "of the shell", "AWS_SECRET_ACCESS_KEY": "y"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing of AWS's."""
    for name in (*_VARIABLES, "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    return tmp_path


def of_sam(profile: str | None, region: str | None) -> dict[str, str]:
    """What SAM hands on: what `LocalLambdaRunner.get_aws_creds` gets from boto3."""
    session = boto3.session.Session(profile_name=profile, region_name=region)
    found = session.get_credentials()
    values = (*(found.get_frozen_credentials() if found else [None] * 3),)[:3]
    given = zip(_VARIABLES, (*values, session.region_name), strict=True)
    return {name: value for name, value in given if value}


def of_shorts(profile: str | None = None, region: str | None = None) -> dict[str, str]:
    notes: list[str] = []
    found = Account(profile, region, notes.append).variables()
    assert not notes
    return found


@pytest.mark.parametrize(
    ("config", "credentials", "environment", "profile", "imports"),
    [
        ("", "", {}, None, False),
        ("[default]\nregion = eu-west-1\n", "", {}, None, False),
        ("[default]\nregion = eu-west-1\noutput = json\n", STATIC, {}, None, False),
        ("[default]\nregion = a\n", f"{STATIC}region = b\n", {}, None, False),
        ("[default]\nregion = a\n", STATIC, {"AWS_DEFAULT_REGION": "eu-west-3"}, None, False),
        ("[profile work]\nregion = eu-west-1\n", f"{STATIC}{WORK}", {}, "work", False),
        ("", f"{STATIC}{WORK}", {"AWS_PROFILE": "work"}, None, False),
        ("", f"{STATIC}{WORK}", {"AWS_DEFAULT_PROFILE": "work", "AWS_PROFILE": "x"}, None, False),
        ("", STATIC, KEYS, None, False),
        ("", f"{STATIC}{WORK}", KEYS, "work", False),
        ("", f"{STATIC}{WORK}", {**KEYS, "AWS_PROFILE": "work"}, None, False),
        ("", "", {**KEYS, "AWS_SESSION_TOKEN": "z"}, None, False),
        ("", "", {**KEYS, "AWS_SESSION_TOKEN": ""}, None, False),
        ("[default]\ns3 =\n  max_concurrent_requests = 1\n", STATIC, {}, None, False),
        ("[profile default]\nregion = eu-west-1\n", STATIC, {}, None, True),
        ("[profile 'a b']\nregion = eu-west-1\n", "", {}, "a b", True),
        ("[default]\naws_access_key_id = c\naws_secret_access_key = d\n", "", {}, None, True),
        ("[default]\naws_access_key_id = c\naws_secret_access_key = d\n", STATIC, {}, None, True),
        ("", "[default]\naws_secret_access_key = d\n", {}, None, False),
    ],
)
def test_finds_what_sam_finds(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    credentials: str,
    environment: dict[str, str],
    profile: str | None,
    imports: bool,
) -> None:
    """Plain keys are found without botocore, everything else with it; both as SAM finds it."""
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    expected = of_sam(profile, None)
    if not imports:
        monkeypatch.setitem(sys.modules, "botocore", None)
        monkeypatch.setitem(sys.modules, "botocore.session", None)
    assert of_shorts(profile) == expected
    assert of_shorts(profile, "eu-north-1") == {**expected, "AWS_REGION": "eu-north-1"}


@pytest.mark.usefixtures("home")
def test_a_region_for_all_of_amazons_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_REGION, which boto3 does not read, counts where nothing else names a region."""
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert of_shorts() == {"AWS_REGION": "eu-west-2"}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert of_shorts() == {"AWS_REGION": "eu-west-3"}


@pytest.mark.parametrize("way", ["option", "variable", "keys"])
def test_a_profile_that_does_not_exist(
    home: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A profile that was named must exist."""
    (home / ".aws" / "credentials").write_text(STATIC)
    if way != "option":
        monkeypatch.setenv("AWS_PROFILE", "gone")
    for name, value in KEYS.items() if way == "keys" else ():
        monkeypatch.setenv(name, value)
    with pytest.raises(ShortsError) as caught:
        of_shorts("gone" if way == "option" else None)
    assert str(caught.value) == (
        "The config profile (gone) could not be found.\n"
        "`aws configure list-profiles` lists the profiles."
    )


SSO = (
    "sso_start_url = https://example.com\nsso_region = eu-west-1\nsso_account_id = 1\n"
    "sso_role_name = r\nregion = eu-west-1\n"
)


def test_a_login_that_has_expired(home: Path) -> None:
    """A named profile's login must be valid; the message has the command that renews it."""
    (home / ".aws" / "config").write_text(f"[profile work]\n{SSO}")
    with pytest.raises(ShortsError) as caught:
        of_shorts("work")
    first, second = str(caught.value).split("\n")
    assert first.startswith("No credentials: Error loading SSO Token: ")
    assert second == "Log in: aws sso login --profile work"


def test_a_login_of_the_default_profile(home: Path) -> None:
    """A function that uses no AWS runs though the default profile's login has expired."""
    (home / ".aws" / "config").write_text(f"[default]\n{SSO}")
    notes: list[str] = []
    account = Account(None, None, notes.append)
    for _ in range(2):
        assert account.variables() == {"AWS_REGION": "eu-west-1"}
    (note,) = notes
    assert note.endswith(
        "\nLog in: aws sso login\nUntil then, functions run with made-up credentials."
    )


def test_a_configuration_that_is_malformed(home: Path) -> None:
    """A function runs though AWS's configuration cannot be read, unless a profile is named."""
    (home / ".aws" / "config").write_text("[default\n")
    notes: list[str] = []
    assert Account(None, "eu-west-1", notes.append).variables() == {"AWS_REGION": "eu-west-1"}
    assert notes[0].startswith(f"No credentials: Unable to parse config file: {home}/.aws/config")
    with pytest.raises(ShortsError):
        of_shorts("work")


def test_renews_what_has_expired(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials with an end are asked for again after it, by the same session."""
    ends = iter(["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])

    def process(self: object, command: str) -> dict[str, object]:
        return {
            "access_key": command,
            "secret_key": "s",
            "token": "t",
            "expiry_time": next(ends, "2099-01-01T00:00:00Z"),
        }

    provider = botocore.credentials.ProcessProvider
    monkeypatch.setattr(provider, "_retrieve_credentials_using", process)
    (home / ".aws" / "config").write_text("[default]\ncredential_process = one\n")
    account = Account(None, "eu-west-1", lambda line: None)
    assert account.variables()["AWS_ACCESS_KEY_ID"] == "one"
    assert next(ends, None) is None


def test_nothing_is_written(home: Path) -> None:
    """No credentials are kept on the disk."""
    (home / ".aws" / "credentials").write_text(STATIC)
    before = set(home.rglob("*"))
    assert of_shorts()
    assert set(home.rglob("*")) == before
    assert os.environ.get("AWS_ACCESS_KEY_ID") is None
