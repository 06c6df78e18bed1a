"""The image that SAM builds Python in, and how pip inside it finds this machine's index."""

import re
import shutil
import sys
from collections.abc import Mapping

from shorts import process

# As SAM CLI 1.170 asks for it (samcli.local.docker.lambda_build_container).
_IMAGE = "public.ecr.aws/sam/build-python{}:latest-x86_64"
# What `make images` writes on an image that it has made in the place of one.
_LABEL = "effortless.stand-in"


def missing(minor: str) -> str:
    """Why nothing can run in the image of a Python, on one line; empty where it can."""
    if shutil.which("docker") is None:
        return "no docker command is here: install Docker"
    try:
        process.run(["docker", "version", "--format", "{{.Server.Version}}"])
    except process.ProcessFailed as error:
        return f"no Docker engine answers: {error.output.splitlines()[0]}"
    if _stand_in(minor) is None:
        image = _IMAGE.format(minor)
        return f"no image {image}: make images, or docker pull {image}"
    return ""


def remark(minor: str) -> str:
    """Which image it is; empty where there is none."""
    found = None if missing(minor) else _stand_in(minor)
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


def _stand_in(minor: str) -> str | None:
    """What a stand-in was made from; empty for a real image, None where there is no image."""
    asked = ["--format", f'{{{{index .Config.Labels "{_LABEL}"}}}}', _IMAGE.format(minor)]
    try:
        return process.run(["docker", "image", "inspect", *asked]).strip()
    except process.ProcessFailed as error:
        if "No such image" in error.output:
            return None
        raise
