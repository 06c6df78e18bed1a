"""Layers that a template names by their ARN: downloaded once, into the folder that SAM uses too."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from shorts.emulator import layers
from shorts.emulator.credentials import Account
from shorts.errors import ShortsError
from shorts.model import Function, Layer
from shorts.system import atomic
from shorts.targets.limits import UNPACKED

_PATIENCE = 60  # seconds for each part of a download
_CHUNK = 1 << 20
# What SAM's lock says of a folder that it has filled (samcli.local.common.file_lock).
_COMPLETED = "completed"


def with_layers(
    function: Function, folder: str, account: Account, note: Callable[[str], None]
) -> Function:
    """Return a function with the folders of all its layers; one that cannot be loaded is left out.

    Args:
        function: the function.
        folder: for the downloaded layers.
        account: has the credentials.
        note: receives a line for each layer that is left out.
    """
    if all(layer.code_uri for layer in function.layers):
        return function
    rebased = []
    for layer in function.layers:
        if layer.code_uri:
            rebased.append(layer)
            continue
        place = Path(folder).expanduser().absolute() / _name(layer.full_path)
        try:
            if not _is_there(place):
                _download(layer, place, account)
        except ShortsError as error:
            note(
                f"note: {function.full_path} runs without the layer {layer.full_path}: {error}\n"
                "Name a profile that may call lambda:GetLayerVersion with --profile, or unpack "
                f"the layer into {place}."
            )
        else:
            rebased.append(msgspec.structs.replace(layer, code_uri=str(place)))
    return msgspec.structs.replace(function, layers=rebased)


def _name(arn: str) -> str:
    """Return the name of a layer's folder, as SAM makes it from the ARN."""
    *_, name, version = arn.replace("/", "-").split(":") if ":" in arn else ("", arn, "")
    return f"{name}-{version}-{hashlib.sha256(arn.encode()).hexdigest()[:10]}"


def _is_there(place: Path) -> bool:
    """Return whether a layer is there, and SAM has not left it half downloaded."""
    if not place.is_dir():
        return False
    status = _status(place)
    return not status.is_file() or status.read_text().split("\n")[0] == _COMPLETED


def _status(place: Path) -> Path:
    return place.parent / ".locks" / f"{place.name}.downloading.status"


def _download(layer: Layer, place: Path, account: Account) -> None:
    """Download a layer and unpack it.

    Raises:
        ShortsError: there are no credentials, AWS refuses, or the download is damaged.
    """
    import urllib.request  # which takes time, and few functions need it

    location, digest = _located(layer.full_path, account)
    if not location.startswith(("https://", "http://")):
        raise ShortsError(f"it cannot be downloaded from {location}.")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic.folder(place) as new:
            archive = new.with_name("layer.zip")
            with (
                urllib.request.urlopen(location, timeout=_PATIENCE) as response,
                archive.open("wb") as file,
            ):
                left = UNPACKED
                while chunk := response.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise ShortsError(f"it is larger than {UNPACKED / 1e9:.1f} GB.")
                    file.write(chunk)
            if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
                raise ShortsError("its download is damaged.")
            try:
                layers.extract(archive, new)
            except layers.UNREADABLE as error:
                raise ShortsError(f"it is not a zip: {error}.") from error
        _status(place).unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise ShortsError(f"it cannot be downloaded: {error}.") from error


def _located(arn: str, account: Account) -> tuple[str, str]:
    """Return the address of a layer's zip, and its SHA-256, hexadecimal.

    Raises:
        ShortsError: there are no credentials, or AWS refuses.
    """
    given = account.variables()
    if "AWS_ACCESS_KEY_ID" not in given:
        raise ShortsError("there are no AWS credentials to download it with.")
    import base64
    import binascii

    import botocore.exceptions
    import botocore.session

    layer, _, version = arn.rpartition(":")
    parts = arn.split(":")
    try:
        client: Any = botocore.session.Session().create_client(
            "lambda",
            region_name=parts[3],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=given.get("AWS_SESSION_TOKEN"),
        )
        content = client.get_layer_version(LayerName=layer, VersionNumber=int(version))["Content"]
        return content["Location"], base64.b64decode(content["CodeSha256"]).hex()
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        raise ShortsError(f"{error}.") from error
    except (ValueError, LookupError, binascii.Error) as error:
        raise ShortsError(f"{arn} is not the ARN of a layer's version.") from error
