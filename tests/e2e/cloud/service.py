"""The stand-in for the cloud as a process, and what is asked of it."""

import base64
import contextlib
import hashlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from shorts.errors import ShortsError
from shorts.system import process

REGION = "eu-central-1"
_ROOT = Path(__file__).parents[3]
_PATIENCE = 60  # seconds for it to listen


class Cloud:
    """Where the stand-in listens, and as whom it is asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"  # by this name moto finds the bucket of a template
        self.environment = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_POLL_DELAY": "0.2",
        }

    def client(self, service: Any) -> Any:
        """A client of one of its services."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )

    def resources(self, stack: str) -> dict[str, str]:
        """The physical ids of a stack's resources by their logical ones."""
        described = self.client("cloudformation").describe_stack_resources(StackName=stack)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in described["StackResources"]
            if "PhysicalResourceId" in one and "LogicalResourceId" in one
        }

    def code(self, stack: str, logical_id: str) -> bytes:
        """The zip of a deployed function, from where Lambda's API says that it lies."""
        name = self.resources(stack)[logical_id]
        function = self.client("lambda").get_function(FunctionName=name)
        key = urlsplit(function["Code"]["Location"]).path[1:]
        s3 = self.client("s3")
        buckets = [one["Name"] for one in s3.list_buckets()["Buckets"]]
        (bucket,) = (one for one in buckets if key in self._keys(one))
        content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert function["Configuration"]["CodeSha256"] == digest
        return content

    def layers(self, stack: str, logical_id: str) -> list[bytes]:
        """The zips of a deployed function's layers, in their order."""
        name = self.resources(stack)[logical_id]
        configuration = self.client("lambda").get_function(FunctionName=name)["Configuration"]
        digests = []
        for layer in configuration["Layers"]:
            arn, _, version = layer["Arn"].rpartition(":")
            found = self.client("lambda").get_layer_version(
                LayerName=arn, VersionNumber=int(version)
            )
            digests.append(found["Content"]["CodeSha256"])
        s3, zips = self.client("s3"), {}
        for bucket in (one["Name"] for one in s3.list_buckets()["Buckets"]):
            for key in self._keys(bucket):
                content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                zips[base64.b64encode(hashlib.sha256(content).digest()).decode()] = content
        return [zips[digest] for digest in digests]

    def _keys(self, bucket: str) -> dict[str, str]:
        """When each object of a bucket was put there, by its key."""
        listed = self.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: str(one["LastModified"]) for one in listed}

    def uploads(self) -> dict[str, str]:
        """The objects in all buckets: when each was put there, by its key."""
        found: dict[str, str] = {}
        for bucket in self.client("s3").list_buckets()["Buckets"]:
            found |= self._keys(bucket["Name"])
        return found


@contextlib.contextmanager
def serving(log: Path) -> Iterator[Cloud]:
    """A stand-in in a process group of its own, which ends with the block.

    Args:
        log: the file for what it prints.

    Raises:
        ShortsError: it does not listen.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cloud = Cloud(port)
    variables = process.environment({**cloud.environment, "MOTO_PORT": str(port)})
    del variables["AWS_ENDPOINT_URL"]  # it asks itself, in its own process
    command = [sys.executable, "-m", "tests.e2e.cloud", str(port)]
    with log.open("wb") as writing:
        running = process.start(command, env=variables, cwd=_ROOT, stdout=writing, stderr=writing)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _listens(port):
            if running.poll() is not None or time.monotonic() > deadline:
                raise ShortsError(f"The stand-in for the cloud does not listen: {log.read_text()}")
            time.sleep(0.1)
        yield cloud
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
