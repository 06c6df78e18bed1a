"""The AWS credentials and the region of a function, found as SAM finds them: by botocore.

Importing botocore takes half a second. So botocore is imported only where something else than plain
keys is set up; a test compares both ways. Credentials are never written to a disk.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shorts.errors import ShortsError

if TYPE_CHECKING:
    import botocore.credentials

_KEY, _SECRET, _TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
# botocore's names of a profile's variable, in its order.
_PROFILES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
# What else botocore finds credentials with.
# https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
_VARIABLES = (
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CREDENTIAL_FILE",
    "BOTO_CONFIG",
)
_FILES = ("/etc/boto.cfg", "~/.boto")
# Settings of a profile that lead to no other credentials.
_PLAIN = frozenset(
    """region output cli_pager cli_auto_prompt cli_timestamp_format retry_mode max_attempts
    defaults_mode s3 sts_regional_endpoints duration_seconds""".split()
)
_STATIC = frozenset(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"))
# Where EC2 says that a machine is its own: newer instances, and older ones.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/identify_ec2_instances.html
_OF_EC2 = (
    ("/sys/devices/virtual/dmi/id/sys_vendor", "Amazon EC2"),
    ("/sys/hypervisor/uuid", "ec2"),
)


class Account:
    """Credentials and a region, looked up when they are first needed, and renewed when they expire.

    Args:
        profile: the name given with ``--profile``, if one was.
        region: the one given with ``--region``, if one was.
        note: receives a line where the credentials of the default profile cannot be loaded.

    Attributes:
        requested: the profile and the region.
    """

    def __init__(
        self, profile: str | None, region: str | None, note: Callable[[str], None]
    ) -> None:
        self.requested = profile, region
        self._profile, self._region = self.requested
        self._note = note
        self._lock = threading.Lock()
        self._source: _Found | None = None

    def variables(self) -> dict[str, str]:
        """Return the variables that hand credentials and region to a function; those that are set.

        Raises:
            ShortsError: the requested profile does not exist, or its credentials cannot be loaded.
        """
        with self._lock:
            if self._source is None:
                self._source = _plain(self._profile) or _Looked(self._profile)
            try:
                given = self._source.keys()
                region = self._region or self._source.region()
            except _Unavailable as error:
                if self._profile or _named():
                    raise ShortsError(str(error)) from error
                self._note(f"{error}\nUntil then, functions run with made-up credentials.")
                given, region = {}, self._region or ""
                with suppress(_Unavailable):
                    region = region or self._source.region()
                self._source = _Plain(given, region)
        region = region or os.environ.get("AWS_REGION", "")
        return {**given, **({"AWS_REGION": region} if region else {})}


class _Unavailable(Exception):
    """Credentials that are set up and cannot be loaded; the text says what to do."""


class _Plain:
    """Keys and a region as they are written somewhere."""

    def __init__(self, keys: Mapping[str, str], region: str) -> None:
        self._keys = keys
        self._region = region

    def keys(self) -> dict[str, str]:
        """Return the variables of the keys."""
        return dict(self._keys)

    def region(self) -> str:
        """Return the region; empty where none is set up."""
        return self._region


class _Looked:
    """What botocore finds: roles, SSO, processes, the services of containers and instances."""

    def __init__(self, profile: str | None) -> None:
        self._profile = profile
        self._session: Any = None
        self._credentials: botocore.credentials.Credentials | None = None

    def keys(self) -> dict[str, str]:
        """Return the variables of the keys, renewed where they have expired.

        Raises:
            _Unavailable: botocore cannot load them.
        """
        import botocore.session

        with self._asking():
            if self._session is None:
                self._session = botocore.session.Session(profile=self._profile)
                self._credentials = self._session.get_credentials()
            if self._credentials is None:
                return {}
            key, secret, token = self._credentials.get_frozen_credentials()[:3]
        return {
            name: value
            for name, value in ((_KEY, key), (_SECRET, secret), (_TOKEN, token))
            if value
        }

    def region(self) -> str:
        """Return the region; empty where none is set up.

        Raises:
            _Unavailable: the profile does not exist.
        """
        with self._asking():
            return self._session.get_config_variable("region") or ""

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what botocore raises into what the user can do.

        Raises:
            _Unavailable: botocore cannot answer.
        """
        import botocore.exceptions

        try:
            yield
        except botocore.exceptions.ProfileNotFound as error:
            raise _Unavailable(
                f"{error}.\n`aws configure list-profiles` lists the profiles."
            ) from error
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise _Unavailable(f"No credentials: {error}{self._way_out(error)}") from error

    def _way_out(self, error: Exception) -> str:
        if "SSO" in type(error).__name__ or "sso" in str(error).lower():
            name = self._profile or _named()
            return f"\nLog in: aws sso login{f' --profile {name}' if name else ''}"
        return "\nRepair the profile, or name another one: --profile NAME"


_Found = _Plain | _Looked


def _plain(profile: str | None) -> _Plain | None:
    """Return what botocore would find, where it is keys that are written down, or nothing at all.

    Args:
        profile: the name given with ``--profile``, if one was.
    """
    try:
        configured = _sections("AWS_CONFIG_FILE", "~/.aws/config")
        credentials = _sections("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    except (OSError, ValueError):
        return None
    others = [name for name in _VARIABLES if os.environ.get(name)]
    if others or any(Path(path).expanduser().exists() for path in _FILES):
        return None
    name = profile or _named() or "default"
    settings = configured.get(name if name == "default" else f"profile {name}")
    keys = credentials.get(name, {})
    if settings is None and not keys and name != "default":
        return None  # botocore says that there is no such profile
    settings = settings or {}
    if f"profile {name}" in configured and name == "default":
        return None
    if not (settings.keys() <= _PLAIN and keys.keys() <= _PLAIN | _STATIC):
        return None
    region = os.environ.get("AWS_DEFAULT_REGION") or keys.get("region") or settings.get("region")
    shell = {name: os.environ.get(name, "") for name in (_KEY, _SECRET, _TOKEN)}
    if shell[_KEY] and shell[_SECRET] and not profile:
        return _Plain({name: value for name, value in shell.items() if value}, region or "")
    if shell[_KEY] and not profile:
        return None  # botocore says what is missing
    static = {name: keys.get(name.lower(), "") for name in (_KEY, _SECRET, _TOKEN)}
    if static[_KEY] and static[_SECRET]:
        return _Plain({name: value for name, value in static.items() if value}, region or "")
    if static[_KEY] or _is_on_ec2():
        return None
    return _Plain({}, region or "")


def _named() -> str:
    """Return the profile that the environment names; empty where it names none."""
    return next((value for name in _PROFILES if (value := os.environ.get(name))), "")


def _sections(variable: str, default: str) -> dict[str, dict[str, str]]:
    """Return the sections of a configuration file of AWS; none where there is no file.

    Raises:
        ValueError: it is malformed; botocore words the error.
    """
    path = Path(os.path.expandvars(os.environ.get(variable) or default)).expanduser()
    if not path.exists():
        return {}
    import configparser  # which takes time, and there may be no file

    parser = configparser.RawConfigParser(default_section="")  # AWS has no section for all
    try:
        parser.read_string(path.read_text())
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _is_on_ec2() -> bool:
    """Return whether this is an instance of EC2, which botocore asks for its role's credentials."""
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    for path, start in _OF_EC2:
        try:
            if Path(path).read_text().lower().startswith(start.lower()):
                return True
        except (OSError, ValueError):
            continue
    return False
