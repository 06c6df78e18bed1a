"""SAM's build image for Python, and how pip inside it finds this machine's index."""

import re
import sys
import tarfile
from collections.abc import Mapping

from shorts.system import process
from tests.e2e.images import engine

# As in SAM CLI 1.170 (samcli.local.docker.lambda_build_container).
_IMAGE = "public.ecr.aws/sam/build-python{}:latest-x86_64"


def missing(minor: str) -> str:
    """Return why nothing can run in a Python's image, on one line; empty if it can."""
    image = _IMAGE.format(minor)
    if silent := engine.silence():
        return silent
    if engine.made_from(image) is None:
        return f"no image {image}: make images, or docker pull {image}"
    return ""


def copies_missing() -> str:
    """Return why SAM cannot copy out of a build container, on one line; empty if it can."""
    has_filters = hasattr(tarfile, "data_filter")
    return "" if has_filters else "SAM copies out of a container from Python 3.11.4 on"


def remark(minor: str) -> str:
    """Return which image it is; empty if there is none."""
    made_here = None if missing(minor) else engine.made_from(_IMAGE.format(minor))
    if made_here is None:
        return ""
    made = "a stand-in that was made on this machine" if made_here else "as its maker published it"
    return f"In {_IMAGE.format(minor)}, {made}."


def index() -> Mapping[str, str]:
    """Return the variable that gives pip in a container this machine's own index, if it has one."""
    configuration = process.run([sys.executable, "-m", "pip", "config", "list"])
    indexes = dict(re.findall(r"^(\S+)\.index-url='(.*)'$", configuration, re.MULTILINE))
    url = indexes.get(":env:") or indexes.get("global")
    return {"PIP_INDEX_URL": url} if url else {}
