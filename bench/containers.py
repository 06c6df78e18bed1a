"""The image that SAM builds Python in, and how pip inside it finds this machine's index."""

import re
import sys
from collections.abc import Mapping

from shorts.system import process
from tests.e2e.images import engine

# As SAM CLI 1.170 asks for it (samcli.local.docker.lambda_build_container).
_IMAGE = "public.ecr.aws/sam/build-python{}:latest-x86_64"


def missing(minor: str) -> str:
    """Why nothing can run in the image of a Python, on one line; empty where it can."""
    image = _IMAGE.format(minor)
    if silent := engine.silence():
        return silent
    if engine.made_from(image) is None:
        return f"no image {image}: make images, or docker pull {image}"
    return ""


def remark(minor: str) -> str:
    """Which image it is; empty where there is none."""
    found = None if missing(minor) else engine.made_from(_IMAGE.format(minor))
    if found is None:
        return ""
    made = "a stand-in that was made on this machine" if found else "as its maker published it"
    return f"In {_IMAGE.format(minor)}, {made}."


def index() -> Mapping[str, str]:
    """The variable that tells pip in a container of this machine's index, where it has its own."""
    said = process.run([sys.executable, "-m", "pip", "config", "list"])
    found = dict(re.findall(r"^(\S+)\.index-url='(.*)'$", said, re.MULTILINE))
    url = found.get(":env:") or found.get("global")
    return {"PIP_INDEX_URL": url} if url else {}
