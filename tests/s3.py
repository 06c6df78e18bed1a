"""A server that speaks S3's protocol, SeaweedFS, as a process; and who may do what there."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shorts.errors import ShortsError
from shorts.system import process

BUCKET = "machines"
REGION = "eu-central-1"
# Seconds for the server's first answer, and for that of a bucket.
_PATIENCE = 60
# By name: the actions of SeaweedFS.
_ALLOWED = {
    "admin": ["Admin", "Read", "List", "Write"],
    "writer": ["Read", "List", "Write"],
    "reader": ["Read", "List"],
}


class Server:
    """Where the server listens, and as whom it is asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def environment(self, who: str) -> dict[str, str]:
        """The variables of a machine: of an admin, a writer or a reader."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": who,
            "AWS_SECRET_ACCESS_KEY": f"{who}-secret",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self) -> Any:
        """A client of one who may do everything."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="admin",
            aws_secret_access_key="admin-secret",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
        )

    def objects(self, prefix: str) -> dict[str, bytes]:
        """All objects under a prefix, by their names without it."""
        client = self.client()
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
        return {
            one["Key"].removeprefix(f"{prefix}/"): client.get_object(Bucket=BUCKET, Key=one["Key"])[
                "Body"
            ].read()
            for one in listed
        }


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server with an empty bucket, in a process group that ends with the block.

    Args:
        folder: an existing one, for all that it keeps.

    Raises:
        ShortsError: it does not answer.
    """
    ports = _ports()
    identities = [
        {
            "name": who,
            "credentials": [{"accessKey": who, "secretKey": f"{who}-secret"}],
            "actions": actions,
        }
        for who, actions in _ALLOWED.items()
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    (folder / "data").mkdir()
    command = [
        str(Path(sys.executable).with_name("weed")),
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        f"-master.port={ports[0]}",
        "-master.volumeSizeLimitMB=64",
        "-master.telemetry=false",
        f"-volume.port={ports[1]}",
        "-volume.max=0",
        "-filer",
        f"-filer.port={ports[2]}",
        "-s3",
        f"-s3.port={ports[3]}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={folder / 's3.json'}",
    ]
    log = folder / "log"
    with log.open("wb") as writing:
        running = process.start(
            command, env=process.environment(), cwd=folder, stdout=writing, stderr=writing
        )
    server = Server(ports[3])
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _is_ready(server):
            if running.poll() is not None or time.monotonic() > deadline:
                raise ShortsError(f"SeaweedFS does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)  # SIGTERM takes it 25 s
        running.wait()


def _is_ready(server: Server) -> bool:
    """Whether the bucket takes an object."""
    client = server.client()
    try:
        with contextlib.suppress(client.exceptions.BucketAlreadyExists):
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
    except (BotoCoreError, ClientError):
        return False
    return True


def _ports() -> list[int]:
    """Four free ports; SeaweedFS listens on each port plus 10000, too."""
    found: list[int] = []
    while len(found) < 4:
        with socket.socket() as low, socket.socket() as high:
            low.bind(("127.0.0.1", 0))
            port = low.getsockname()[1] % 20000 + 20000
            try:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
                high.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
