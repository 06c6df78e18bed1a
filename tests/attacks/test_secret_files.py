"""Files among the code that look like secrets are warned of, with a way to leave them out."""

import json
import zipfile
from pathlib import Path

import pytest

from shorts.artifact import secret_files
from shorts.system.source_tree import File
from tests.conftest import Shorts

KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIE\n-----END {}PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"
SECRET = [
    ("server.pem", KEY.format("", "")),
    ("tls/server.PEM", CERTIFICATE + KEY.format("RSA ", "RSA ")),
    ("id_rsa", "x"),
    ("keys/id_ed25519", KEY.format("OPENSSH ", "OPENSSH ")),
    ("id_ecdsa_sk", "x"),
    ("id_rsa.bak", "x"),
    ("id_work", KEY.format("OPENSSH ", "OPENSSH ")),
    (".env.local", "A=1"),
    (".env.production", "A=1"),
    (".envrc", "A=1"),
    (".aws/config", "x"),
    (".aws/credentials", "x"),
    ("deep/.aws/cli/cache/a.json", "x"),
    (".netrc", "x"),
    ("credentials", "x"),
    ("credentials.json", "{}"),
    ("Credentials.csv", "x"),
    ("credentials-prod.ini", "x"),
    ("vault.kdbx", "x"),
]
HARMLESS = [
    ("cacert.pem", CERTIFICATE * 3),
    ("certifi/cacert.pem", CERTIFICATE),
    ("empty.pem", ""),
    ("id_utils.py", "KEY = '-----BEGIN PRIVATE KEY-----'"),
    ("id_rsa.pub", "ssh-rsa AAAA"),
    ("id_mapping.json", "{}"),
    ("credentials.py", "class Credentials: ..."),
    ("credentials/__init__.py", ""),
    ("credentials/names.json", "{}"),
    ("botocore/credentials.py", ""),
    ("my_credentials.py", ""),
    (".env.example", "A="),
    ("env.py", ""),
    ("environment.json", "{}"),
    ("aws/config", "x"),
    ("netrc.py", ""),
]


@pytest.mark.parametrize(("path", "text"), SECRET)
def test_secrets_are_found(path: str, text: str) -> None:
    """A private key, a login or a safe is found by its name, and a key by what is in it."""
    file = File(path=path, executable=False, content=text.encode())
    assert secret_files.files([file]) == [path]


@pytest.mark.parametrize(("path", "text"), HARMLESS)
def test_others_are_not(path: str, text: str) -> None:
    """Code, certificates, public keys and examples are not warned of."""
    file = File(path=path, executable=False, content=text.encode())
    assert secret_files.files([file]) == []


def warned(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if "looks like a secret" in line]


def test_each_build_warns(function: Path, shorts: Shorts) -> None:
    """The warning comes with each build, names the file and the function, and builds nothing."""
    (function / "fn" / "server.pem").write_text(KEY.format("", ""))
    first, second = (shorts(["build"], function) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert "unchanged" in second.stdout
    assert (
        warned(first.stderr)
        == warned(second.stderr)
        == [
            "warning: fn/server.pem looks like a secret, and the zip of F holds it. Move it out of "
            "that folder, or write `Drop: ['server.pem']` in the function's `Metadata: Shorts`"
        ]
    )


def test_the_way_to_leave_it_out_is_one(function: Path, shorts: Shorts) -> None:
    """With what the warning says in `Drop`, it is neither shipped nor warned of."""
    (function / "fn" / "server [1].pem").write_text(KEY.format("", ""))
    (function / "event.json").write_text("{}")
    template = (function / "template.yaml").read_text()

    def build(**settings: list[str]) -> tuple[list[str], list[str]]:
        said = json.dumps({"Events": ["event.json"], **settings})
        (function / "template.yaml").write_text(f"{template}    Metadata: {{Shorts: {said}}}\n")
        done = shorts(["build"], function)
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as opened:
            return warned(done.stderr), opened.namelist()

    (warning,), names = build()
    assert "server [1].pem" in names
    _, _, way_out = warning.partition("Drop: ['")
    drop = way_out.partition("']")[0]
    assert build(Drop=[drop])[0] == []
    assert "server [1].pem" not in build(Drop=[drop])[1]
    assert len(build(Drop=[drop], Keep=["*.pem"])[0]) == 1


def test_what_sam_leaves_out_is_not_warned_of(function: Path, shorts: Shorts) -> None:
    """`.env` never ships, so there is nothing to say."""
    (function / "fn" / ".env").write_text("A=1")
    assert warned(shorts(["build"], function).stderr) == []
