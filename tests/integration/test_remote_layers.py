"""Layers that a template names by their ARN, from a stand-in for Lambda's API."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import Shorts

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:shared"
NAME = f"shared-3-{hashlib.sha256(f'{LAYER}:3'.encode()).hexdigest()[:10]}"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


def zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


class Cloud:
    """Lambda's API of layers, and the place that layers are downloaded from."""

    def __init__(self) -> None:
        self.content = zipped({"python/shared.py": "WHO = 'layer'\n"})
        self.digest = hashlib.sha256(self.content).digest()
        self.asked: list[str] = []
        self.refuses = False

    def answer(self, path: str, address: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path == "/download":
            return 200, self.content
        if self.refuses:
            said = {"Message": "User is not authorized to perform: lambda:GetLayerVersion"}
            return 403, json.dumps(said).encode()
        assert unquote(path) == f"/2018-10-31/layers/{LAYER}/versions/3"
        content = {
            "Location": f"{address}/download",
            "CodeSha256": base64.b64encode(self.digest).decode(),
        }
        return 200, json.dumps({"Content": content}).encode()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A stand-in, which boto3 takes for AWS."""
    cloud = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = cloud.answer(self.path, address)
            self.send_response(status)
            if status == 403:
                self.send_header("x-amzn-ErrorType", "AccessDeniedException")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield cloud
        server.shutdown()


@pytest.fixture
def using(function: Path) -> Path:
    """An application with a function that uses a layer, if it is there."""
    template = function / "template.yaml"
    text = template.read_text().replace("Timeout: 2", f"Timeout: 5, Layers: ['{LAYER}:3']")
    template.write_text(text)
    (function / "fn" / "app.py").write_text(
        "def handler(event, context):\n"
        "    try:\n        import shared\n        return shared.WHO\n"
        "    except ImportError:\n        return 'nothing'\n"
    )
    return function


INVOKE = ["local", "invoke", "--layer-cache-basedir", "layers"]


def test_downloads_a_layer_once(using: Path, shorts: Shorts, cloud: Cloud) -> None:
    """With credentials a layer is downloaded once, to the place where SAM looks for it."""
    for _ in range(2):
        done = shorts(INVOKE, using, **KEYS)
        assert done.stdout == '"layer"\n', done.stderr
    assert [path.rpartition("/")[2] for path in cloud.asked] == ["3", "download"]
    assert (using / "layers" / NAME / "python" / "shared.py").is_file()
    assert [path.name for path in (using / "layers").iterdir()] == [NAME]
    assert shorts(INVOKE, using).stdout == '"layer"\n'  # without credentials


def test_takes_what_sam_has_downloaded(using: Path, shorts: Shorts, cloud: Cloud) -> None:
    """A layer in SAM's cache is used, unless SAM has left it half downloaded."""
    place = using / "layers" / NAME / "python"
    place.mkdir(parents=True)
    (place / "shared.py").write_text("WHO = 'of SAM'\n")
    status = using / "layers" / ".locks" / f"{NAME}.downloading.status"
    status.parent.mkdir()
    status.write_text("completed\n1796062008.3")
    assert shorts(INVOKE, using, **KEYS).stdout == '"of SAM"\n'
    assert not cloud.asked
    status.write_text("in_progress\n1796062008.3")
    assert shorts(INVOKE, using, **KEYS).stdout == '"layer"\n'
    assert shorts(INVOKE, using).stdout == '"layer"\n'


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("keys", "there are no AWS credentials to download it with."),
        (
            "rights",
            "An error occurred (AccessDeniedException) when calling the GetLayerVersion operation: "
            "User is not authorized to perform: lambda:GetLayerVersion.",
        ),
        ("download", "its download is damaged."),
        ("zip", "it is not a zip: File is not a zip file."),
    ],
)
def test_says_what_is_missing(
    using: Path, shorts: Shorts, cloud: Cloud, damage: str, why: str
) -> None:
    """Without a layer the function runs, and the note says why and how to go on."""
    if damage == "rights":
        cloud.refuses = True
    if damage in ("download", "zip"):
        cloud.content = b"damaged"
    if damage == "zip":
        cloud.digest = hashlib.sha256(cloud.content).digest()
    done = shorts(INVOKE, using, **({} if damage == "keys" else KEYS))
    assert done.stdout == '"nothing"\n'
    assert done.stderr.splitlines()[:2] == [
        f"note: F runs without the layer {LAYER}:3: {why}",
        "Name a profile that may call lambda:GetLayerVersion with --profile, or unpack the layer "
        f"into {using}/layers/{NAME}.",
    ]
    assert not (using / "layers" / NAME).exists()
