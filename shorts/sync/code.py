"""Sends the code and the layers of functions that differ from what is deployed."""

import base64
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from shorts.artifact.plan import Artifact, siblings
from shorts.artifact.sharing import NAME as SHARED
from shorts.errors import ShortsError
from shorts.model import Function, artifact
from shorts.sync.cloud import Cloud, Resource
from shorts.targets import limits

# How many functions are updated at a time: Lambda takes 15 such requests in a second.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_AT_A_TIME = 4
# The stack of the bucket that `sam deploy --resolve-s3` makes, and its output.
_MANAGED, _BUCKET = "aws-sam-cli-managed-default", "SourceBucket"
_LAYER, _ALIAS = "AWS::Lambda::LayerVersion", "AWS::Lambda::Alias"


class Sent(NamedTuple):
    """A function that now runs what was built.

    Attributes:
        name: its full path.
        what: the parts that were sent.
        seconds: how long it took until it was active.
    """

    name: str
    what: str
    seconds: float


class Target(NamedTuple):
    """Where code is sent.

    Attributes:
        cloud: the account.
        stack: the name of the stack.
        bucket: for zips over the limit of Lambda's API, if one was named.
    """

    cloud: Cloud
    stack: str
    bucket: str | None


def send(
    target: Target,
    build_dir: Path,
    functions: Iterable[Function],
    artifacts: Mapping[str, Artifact],
) -> list[Sent]:
    """Send what differs from what the functions run, and wait until it is active.

    Args:
        target: where.
        build_dir: the build folder.
        functions: those to compare.
        artifacts: what was built, by full path.

    Returns:
        What was sent; nothing for a function that has all of it.

    Raises:
        ShortsError: a function is not in the stack, or AWS refuses. The others are updated.
    """
    target.cloud.open()
    sending = _Sending(target, build_dir, artifacts)
    chosen = [function for function in functions if function.full_path in artifacts]
    failures: list[str] = []
    sent: list[Sent] = []
    plans = [
        sending.plan(function) for function in chosen
    ]  # nothing is sent where one has no place
    sending.publish(chosen)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for running in [pool.submit(sending.update, plan) for plan in plans]:
            try:
                if done := running.result():
                    sent.append(done)
            except ShortsError as error:
                failures.append(str(error))
    if failures:
        raise ShortsError("\n".join(failures))
    return sent


class _Plan(NamedTuple):
    """A function and its place in the cloud.

    Attributes:
        function: as built.
        physical: its name there.
        alias: the alias that SAM publishes for it; empty where there is none.
        own: the names of its template's layers there, by their full paths.
    """

    function: Function
    physical: str
    alias: str
    own: Mapping[str, str]


class _Sending:
    """What one sync has looked up."""

    def __init__(self, target: Target, build_dir: Path, artifacts: Mapping[str, Artifact]) -> None:
        self._target = target
        self._cloud = target.cloud
        self._build_dir = build_dir
        self._artifacts = artifacts
        self._stacks: dict[str, Mapping[str, Resource]] = {}
        self._versions: dict[str, str] = {}  # of layers, by full path

    def plan(self, function: Function) -> _Plan:
        """Return where a function is.

        Raises:
            ShortsError: it, or one of its layers, is not in the stack.
        """
        there, name = self._stack_of(function.full_path)
        if name not in there:
            raise self._absent(function.full_path)
        physical = there[name].id
        own = {}
        for layer in function.layers:
            if layer.full_path in self._artifacts:
                own[layer.full_path] = self._layer_name(layer.full_path)
        return _Plan(function, physical, _alias(there, name, physical), own)

    def publish(self, functions: Iterable[Function]) -> None:
        """Publish the layers that are not in the cloud.

        Raises:
            ShortsError: AWS refuses.
        """
        for function in functions:
            own = [
                layer.full_path for layer in function.layers if layer.full_path in self._artifacts
            ]
            for full_path in (*own, *self._shared(function)):
                if full_path not in self._versions:
                    self._versions[full_path] = self._published(full_path, function)

    def update(self, plan: _Plan) -> Sent | None:
        """Update a function where it differs; return what was sent, if anything was.

        Raises:
            ShortsError: AWS refuses, or the function does not become active.
        """
        began = time.monotonic()
        function, physical = plan.function, plan.physical
        built = self._artifacts[function.full_path]
        configuration = self._cloud.settled(physical)
        layers = self._layers(plan, _arns(configuration))
        what = []
        if layers != _arns(configuration):
            self._cloud.function(
                "update_function_configuration", FunctionName=physical, Layers=layers
            )
            configuration = self._cloud.settled(physical)
            what.append("layers")
        if configuration["CodeSha256"] != _base64(built):
            code = self._content(function.full_path)
            self._cloud.function("update_function_code", FunctionName=physical, **code)
            configuration = self._cloud.settled(physical)
            if configuration["CodeSha256"] != _base64(built):
                raise ShortsError(
                    f"{function.full_path}: another update has replaced what was sent.\n"
                    "Run `shorts sync` again."
                )
            what.append(f"{built.size / 1000:,.1f} KB of code")
        if plan.alias:
            live = self._cloud.settled(physical, plan.alias)
            if live["CodeSha256"] != configuration["CodeSha256"] or _arns(live) != _arns(
                configuration
            ):
                version = self._move(physical, plan.alias, configuration["CodeSha256"])
                what.append(f"version {version} as {plan.alias}")
        if not what:
            return None
        return Sent(function.full_path, ", ".join(what), time.monotonic() - began)

    def _move(self, physical: str, alias: str, digest: str) -> str:
        """Publish a version of a function, move its alias there, and return the version."""
        version: str = self._cloud.function(
            "publish_version", FunctionName=physical, CodeSha256=digest
        )["Version"]
        self._cloud.settled(physical, version)
        self._cloud.function(
            "update_alias", FunctionName=physical, Name=alias, FunctionVersion=version
        )
        return version

    def _layers(self, plan: _Plan, present: Sequence[str]) -> list[str]:
        """Return the layers that a function gets, as ARNs of versions.

        Args:
            plan: of the function.
            present: the ones that it has.
        """
        newest = {name: self._versions[full_path] for full_path, name in plan.own.items()}
        others = [newest.get(_name(arn), arn) for arn in present if not _is_shared(arn)]
        return [*others, *(self._versions[full_path] for full_path in self._shared(plan.function))]

    def _shared(self, function: Function) -> list[str]:
        return siblings(function.full_path, self._artifacts[function.full_path].layers)

    def _published(self, full_path: str, function: Function) -> str:
        """Return the ARN of a layer's version with what was built; publish it if there is none."""
        name = full_path.rpartition("/")[2]
        if not name.startswith(SHARED):
            name = self._layer_name(full_path)
        wanted = _base64(self._artifacts[full_path])
        listed = self._cloud.function("list_layer_versions", LayerName=name)["LayerVersions"]
        if listed:
            newest = max(listed, key=lambda version: int(version["Version"]))
            layer = self._cloud.function(
                "get_layer_version", LayerName=name, VersionNumber=newest["Version"]
            )
            if layer["Content"]["CodeSha256"] == wanted:
                return str(newest["LayerVersionArn"])
        published = self._cloud.function(
            "publish_layer_version",
            LayerName=name,
            Description="Published by shorts sync",
            Content=self._content(full_path),
            CompatibleRuntimes=[function.runtime],
            CompatibleArchitectures=[function.architecture],
        )
        return str(published["LayerVersionArn"])

    def _content(self, full_path: str) -> dict[str, Any]:
        """Return a zip as Lambda's API takes it: in the request, or from a bucket.

        Raises:
            ShortsError: there is no bucket.
        """
        content = (self._build_dir / artifact(full_path)).read_bytes()
        if len(content) <= limits.UPLOAD:
            return {"ZipFile": content}
        bucket = self._target.bucket or self._cloud.output(_MANAGED, _BUCKET)
        if not bucket:
            raise ShortsError(
                f"{full_path} is over the 50 MB that Lambda takes without S3.\n"
                "Name a bucket: --s3-bucket NAME"
            )
        key = f"shorts-sync/{self._artifacts[full_path].digest}"
        self._cloud.upload(bucket, key, content)
        return {"S3Bucket": bucket, "S3Key": key}

    def _stack_of(self, full_path: str) -> tuple[Mapping[str, Resource], str]:
        """Return the resources of the stack that has a function or layer, and its logical id.

        Raises:
            ShortsError: a nested stack is not in the stack.
        """
        *parents, name = full_path.split("/")
        stack = self._target.stack
        for number in range(len(parents) + 1):
            place = "/".join(parents[:number])
            if place not in self._stacks:
                self._stacks[place] = self._cloud.resources(stack)
            if number < len(parents):
                if parents[number] not in self._stacks[place]:
                    raise self._absent(full_path)
                stack = self._stacks[place][parents[number]].id
        return self._stacks["/".join(parents)], name

    def _layer_name(self, full_path: str) -> str:
        """Return the name of a template's layer in the cloud.

        Raises:
            ShortsError: it is not in the stack.
        """
        there, name = self._stack_of(full_path)
        # SAM adds a digest to the logical id.
        pattern = re.compile(f"{re.escape(name)}([0-9a-f]{{10}})?")
        for logical, resource in there.items():
            if resource.type == _LAYER and pattern.fullmatch(logical):
                return _name(resource.id)
        raise self._absent(full_path)

    def _absent(self, full_path: str) -> ShortsError:
        return ShortsError(
            f"{full_path} is not in the stack {self._target.stack}.\n"
            "`shorts sync` without --code deploys it."
        )


def _alias(there: Mapping[str, Resource], name: str, physical: str) -> str:
    """Return the alias that SAM publishes for a function (`AutoPublishAlias`); else nothing."""
    for logical, resource in there.items():
        function, _, alias = resource.id.rpartition(":")
        if (
            resource.type == _ALIAS
            and function.rpartition(":")[2] == physical
            and logical == f"{name}Alias{re.sub('[^A-Za-z0-9]', '', alias)}"
        ):
            return alias
    return ""


def _arns(configuration: Mapping[str, Any]) -> list[str]:
    return [layer["Arn"] for layer in configuration.get("Layers", [])]


def _name(arn: str) -> str:
    """Return the name of a layer by the ARN of a version."""
    return arn.split(":")[-2]


def _is_shared(arn: str) -> bool:
    return re.fullmatch(f"{SHARED}[0-9a-f]{{16}}", _name(arn)) is not None


def _base64(built: Artifact) -> str:
    """Return the SHA-256 of a zip as Lambda writes it."""
    return base64.b64encode(bytes.fromhex(built.digest)).decode()
