"""The Docker engine, and which of the images are there."""

import shutil

from shorts.system import process

# As SAM CLI 1.170 asks for them (samcli.local.docker: lambda_build_container, lambda_image).
BUILD = "public.ecr.aws/sam/build-python3.13:latest-x86_64"
RUNTIME = "public.ecr.aws/lambda/python:3.13-x86_64"
# What SAM makes of the runtime's image: the same and the runtime emulator.
RAPID = "public.ecr.aws/lambda/python:3.13-rapid-x86_64"
IMAGES = (BUILD, RUNTIME)
# A stand-in's label; its value says what it was made from.
LABEL = "effortless.stand-in"


def docker(*arguments: str, stdin: str = "") -> str:
    """Run a docker command and return what it printed.

    Raises:
        ProcessFailed: it could not be started, or failed.
    """
    # The one builder that needs no plugin.
    return process.run(["docker", *arguments], stdin=stdin, env={"DOCKER_BUILDKIT": "0"})


def made_from(image: str) -> str | None:
    """What a stand-in was made from; empty for a real image, None where there is no image."""
    try:
        found = docker(
            "image", "inspect", "--format", f'{{{{index .Config.Labels "{LABEL}"}}}}', image
        )
    except process.ProcessFailed as error:
        if "No such image" in error.output:
            return None
        raise
    return found.strip()


def missing() -> str:
    """What the container tests lack on this machine, on one line; empty where they lack nothing."""
    silent = silence()
    lacking = [] if silent else [image for image in IMAGES if made_from(image) is None]
    return f"no image {' and '.join(lacking)}: make images" if lacking else silent


def silence() -> str:
    """Why no engine answers, on one line; empty where one does."""
    if shutil.which("docker") is None:
        return "no docker command is here: install Docker"
    try:
        docker("version", "--format", "{{.Server.Version}}")
    except process.ProcessFailed as error:
        return f"no Docker engine answers: {error.output.splitlines()[0]}"
    return ""
