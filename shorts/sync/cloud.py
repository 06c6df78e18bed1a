"""The services of AWS that a sync calls: one way to call, to retry, and to say what is wrong."""

import functools
import logging
import random
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from shorts.errors import ShortsError

# What passes: another update of the function is going on, or there are too many requests.
# https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
RETRIED = frozenset(
    """ResourceConflictException TooManyRequestsException Throttling ThrottlingException
    RequestLimitExceeded ServiceException""".split()
)
# It logs where it finds credentials, and samcli shows that.
logging.getLogger("botocore").setLevel(logging.WARNING)
_PATIENCE = 300.0  # seconds for a call that is retried, and for an update
_FIRST, _LONGEST = 0.2, 5.0  # seconds between two attempts


class Resource(NamedTuple):
    """A resource of a stack, by its type and its physical id."""

    type: str
    id: str


class Stack(NamedTuple):
    """A stack that exists.

    Attributes:
        id: its ARN, which names account and region, too.
        updated: when it was updated last.
    """

    id: str
    updated: str


class Cloud:
    """Clients of an account in a region.

    Args:
        profile: the name given with ``--profile``, if one was.
        region: the one given with ``--region``, if one was.
    """

    def __init__(self, profile: str | None, region: str | None) -> None:
        self._profile = profile
        self._region = region

    @functools.cached_property
    def _session(self) -> Any:
        import botocore.session

        return botocore.session.Session(profile=self._profile)

    @functools.cached_property
    def _lambda(self) -> Any:
        return self._client("lambda")

    @functools.cached_property
    def _formation(self) -> Any:
        return self._client("cloudformation")

    def _client(self, service: str) -> Any:
        """Return a client.

        Raises:
            ShortsError: there is no such profile, or no region.
        """
        import botocore.exceptions

        try:
            return self._session.create_client(service, region_name=self._region)
        except botocore.exceptions.BotoCoreError as error:
            raise ShortsError(f"AWS cannot be called: {error}.") from error

    def open(self) -> None:
        """Make the clients, which are then shared by threads.

        Raises:
            ShortsError: there is no such profile, or no region.
        """
        assert self._lambda
        assert self._formation

    def function(self, operation: str, **arguments: Any) -> Any:
        """Call Lambda's API.

        Raises:
            ShortsError: AWS refuses, or cannot be reached.
        """
        return _call(self._lambda, operation, arguments)

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object into a bucket.

        Raises:
            ShortsError: AWS refuses, or cannot be reached.
        """
        _call(self._client("s3"), "put_object", {"Bucket": bucket, "Key": key, "Body": content})

    def stack(self, name: str) -> Stack | None:
        """Return a stack; None where it does not exist.

        Raises:
            ShortsError: AWS refuses, or cannot be reached.
        """
        description = self._described(name)
        if description is None:
            return None
        updated = description.get("LastUpdatedTime") or description["CreationTime"]
        return Stack(description["StackId"], str(updated))

    def output(self, stack: str, name: str) -> str | None:
        """Return an output of a stack; None where there is none.

        Raises:
            ShortsError: AWS refuses, or cannot be reached.
        """
        outputs = (self._described(stack) or {}).get("Outputs", [])
        values = {each["OutputKey"]: str(each["OutputValue"]) for each in outputs}
        return values.get(name)

    def resources(self, stack: str) -> Mapping[str, Resource]:
        """Return the resources of a stack by their logical ids.

        Raises:
            ShortsError: AWS refuses, or cannot be reached.
        """
        resources: dict[str, Resource] = {}
        arguments = {"StackName": stack}
        while True:
            page = _call(self._formation, "list_stack_resources", arguments)
            for each in page["StackResourceSummaries"]:
                if physical := each.get("PhysicalResourceId"):
                    resources[each["LogicalResourceId"]] = Resource(each["ResourceType"], physical)
            if not page.get("NextToken"):
                return resources
            arguments = {"StackName": stack, "NextToken": page["NextToken"]}

    def settled(self, function: str, qualifier: str = "$LATEST") -> Mapping[str, Any]:
        """Wait until a function, or one of its versions, is active, and return its configuration.

        Raises:
            ShortsError: its update has failed or does not end; AWS refuses, or cannot be reached.
        """
        pauses = _Pauses()
        while True:
            configuration: Mapping[str, Any] = self.function(
                "get_function_configuration", FunctionName=function, Qualifier=qualifier
            )
            if "Failed" in (configuration.get("State"), configuration.get("LastUpdateStatus")):
                reason = configuration.get("LastUpdateStatusReason") or configuration.get(
                    "StateReason"
                )
                raise ShortsError(f"The update of {function} has failed: {reason}")
            pending = configuration.get("State") == "Pending"
            if not pending and configuration.get("LastUpdateStatus") != "InProgress":
                return configuration
            if not pauses.wait():
                raise ShortsError(f"{function} is not active after {_PATIENCE:.0f} s.")

    def _described(self, stack: str) -> Mapping[str, Any] | None:
        try:
            stacks = _call(self._formation, "describe_stacks", {"StackName": stack})["Stacks"]
        except _Refused as refused:
            if refused.code == "ValidationError" and "does not exist" in str(refused):
                return None
            raise
        described: Mapping[str, Any] = stacks[0]
        return described


class _Refused(ShortsError):
    """AWS has answered with an error.

    Attributes:
        code: of the error.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class _Pauses:
    """Pauses between attempts, each about twice as long as the one before."""

    def __init__(self) -> None:
        self._next = _FIRST
        self._end = time.monotonic() + _PATIENCE

    def wait(self) -> bool:
        """Pause; return False at once where it has taken too long."""
        if time.monotonic() > self._end:
            return False
        time.sleep(self._next * random.uniform(0.75, 1))
        self._next = min(2 * self._next, _LONGEST)
        return True


def _call(client: Any, operation: str, arguments: Mapping[str, Any]) -> Any:
    """Call an operation; retry where a failure is temporary.

    Raises:
        ShortsError: AWS refuses, or cannot be reached.
    """
    import botocore.exceptions

    pauses = _Pauses()
    while True:
        try:
            return getattr(client, operation)(**arguments)
        except botocore.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in RETRIED or not pauses.wait():
                raise _Refused(f"AWS refuses: {error}", code) from error
        except botocore.exceptions.NoCredentialsError as error:
            raise ShortsError(
                "There are no AWS credentials.\nLog in, or name a profile: --profile NAME"
            ) from error
        except botocore.exceptions.BotoCoreError as error:
            raise ShortsError(f"AWS cannot be called: {error}.") from error
