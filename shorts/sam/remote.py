"""The remote that a template names."""

from collections.abc import Sequence
from typing import Any

from shorts.errors import ShortsError
from shorts.sam.values import mapping


def of(stacks: Sequence[Any]) -> str:
    """Return the address in the root template's ``Metadata: Shorts: Remote``; empty for none.

    A template is often another's, so it may name a bucket, but no folder of this machine. Where
    the bucket's server is, and who asks it, only the environment says.

    Raises:
        ShortsError: it is not an address of a bucket.
    """
    metadata = mapping(stacks[0].template_dict.get("Metadata"), "Metadata")
    settings = mapping(metadata.get("Shorts"), "Metadata: Shorts")
    remote = settings.get("Remote")
    if remote is None:
        return ""
    if not isinstance(remote, str) or not remote.startswith("s3://"):
        raise ShortsError(
            f"{stacks[0].location}: Metadata: Shorts: Remote is {remote!r}.\n"
            "Write s3://BUCKET/PREFIX. SHORTS_REMOTE takes a folder, too."
        )
    return remote
