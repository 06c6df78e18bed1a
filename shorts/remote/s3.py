"""A remote on S3, or on a server that speaks S3's protocol.

Region, endpoint, profile and keys come from the environment and the user's own configuration, as
boto3 finds them; nothing of that comes from a template.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shorts.remote.objects import MOST, Listed, Stored, Unavailable

# Seconds to connect, and to wait for the next bytes.
CONNECT, READ = 1, 5
# The most transfers at once, up and down together.
_CONNECTIONS = 16
# How many bytes are read between two signs of life.
_PIECE = 256 * 1024
_MISSING = ("NoSuchKey", "404")
# Another object is there, or is being written.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class Bucket:
    """The objects in a bucket.

    Args:
        name: of the bucket.
        prefix: what all names in it begin with; it may be empty.

    Raises:
        Unavailable: there are no credentials.
    """

    def __init__(self, name: str, prefix: str) -> None:
        self._name = name
        self._prefix = f"{prefix}/" if prefix else ""
        # samcli has the root logger show what is for information, such as where keys come from.
        logging.getLogger("botocore").setLevel(logging.ERROR)
        with _translated_errors():
            session = boto3.Session()
            credentials = session.get_credentials()
            if credentials is None:
                raise Unavailable("no AWS credentials were found")
            credentials.get_frozen_credentials()  # asks for those that expire
            self._client: Any = session.client(
                "s3",
                config=Config(
                    connect_timeout=CONNECT,
                    read_timeout=READ,
                    retries={"total_max_attempts": 1},
                    max_pool_connections=_CONNECTIONS,
                    # The signature covers the content, and not every server knows checksums.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )

    def get(self, name: str, arrived: Callable[[int], None]) -> Stored | None:
        """Return an object; None where there is none."""
        with _translated_errors():
            try:
                answer = self._client.get_object(Bucket=self._name, Key=self._prefix + name)
            except ClientError as error:
                if _code(error) in _MISSING:
                    return None
                raise
            arrived(0)
            pieces, size = [], 0
            with answer["Body"] as body:
                while answer["ContentLength"] <= MOST and (piece := body.read(_PIECE)):
                    pieces.append(piece)
                    size += len(piece)
                    arrived(len(piece))
                    if size > MOST:
                        break
            return Stored(data=b"".join(pieces), version=answer["ETag"])

    def put(self, name: str, data: bytes, replaced: str | None = None) -> bool:
        """Create an object, or replace one version of it."""
        condition = {"IfNoneMatch": "*"} if replaced is None else {"IfMatch": replaced}
        with _translated_errors():
            try:
                self._client.put_object(
                    Bucket=self._name, Key=self._prefix + name, Body=data, **condition
                )
            except ClientError as error:
                if _code(error) in _TAKEN:
                    return False
                raise
            return True

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield all objects with names that begin with a prefix, sorted by name."""
        with _translated_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=self._prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    name = item["Key"].removeprefix(self._prefix)
                    yield Listed(name=name, size=item["Size"])


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn every error into `Unavailable`: a broken server must not end a build."""
    try:
        yield
    except Unavailable:
        raise
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message") or "no reason given"
        raise Unavailable(f"{error.operation_name}: {_code(error)}: {reason}") from error
    except Exception as error:  # whatever boto3 makes of such a server's answer
        raise Unavailable(str(error) or type(error).__name__) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
