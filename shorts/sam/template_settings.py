"""A template's own ``Metadata: Shorts``."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from shorts.errors import ShortsError
from shorts.model import SharedLayers
from shorts.sam.values import mapping
from shorts.targets import limits

_MOST = limits.UNZIPPED // limits.MB


class _Choices(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"most": "MaxMB", "trim": "Trim"},
):
    """``SharedLayers`` with a limit, in MB, and whether events trim the layers."""

    most: Annotated[int, msgspec.Meta(ge=1, le=_MOST)] = _MOST
    trim: bool = False


class _Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="pascal"):
    """All settings of a template."""

    shared_layers: bool | _Choices = False
    remote: Any = None


def remote(stacks: Sequence[Any]) -> str:
    """Return the address of the remote that the root template names; empty for none.

    A template is often by someone else, so it may name a bucket, but no folder of this machine.
    Only the environment says where the bucket's server is, and which credentials it gets.

    Raises:
        ShortsError: it is not an address of a bucket.
    """
    settings = _settings(stacks[0])
    address = settings.remote if settings else None
    if address is None:
        return ""
    if not isinstance(address, str) or not address.startswith("s3://"):
        raise ShortsError(
            f"{stacks[0].location}: Metadata: Shorts: Remote is {address!r}.\n"
            "Write s3://BUCKET/PREFIX. SHORTS_REMOTE takes a folder, too."
        )
    return address


def shared_layers(stacks: Sequence[Any], stack: Any) -> SharedLayers | None:
    """Return the shared layers that a stack's template asks for, or else the root's template.

    Raises:
        ShortsError: its metadata has an unknown or invalid setting for shorts.
    """
    settings = _settings(stack) or _settings(stacks[0])
    if settings is None or not settings.shared_layers:
        return None
    choices = _Choices() if settings.shared_layers is True else settings.shared_layers
    return SharedLayers(most=choices.most * limits.MB, trim=choices.trim)


def _settings(stack: Any) -> _Settings | None:
    metadata = mapping(stack.template_dict.get("Metadata"))
    if "Shorts" not in metadata:
        return None
    try:
        return msgspec.convert(metadata["Shorts"] or {}, _Settings)
    except msgspec.ValidationError as error:
        raise ShortsError(
            f"{stack.location}: Metadata: Shorts: {error}\n"
            "It may have `SharedLayers: true` or `SharedLayers: {MaxMB: N, Trim: true}`, and "
            "`Remote: s3://BUCKET/PREFIX`."
        ) from error
