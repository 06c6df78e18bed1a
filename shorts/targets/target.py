"""Where a function runs: its runtime and architecture, and what it can load and install there."""

from typing import Any

import msgspec

from shorts.errors import ShortsError


class Runtime(msgspec.Struct, frozen=True):
    """A managed Python runtime.

    Attributes:
        version: of Python, with its patch version.
        glibc: of the system.
        platform: the oldest wheel platform that uv knows and that covers the system's glibc.
    """

    version: str
    glibc: tuple[int, int]
    platform: str


# Lambda's managed Python runtimes and the system of each.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
# The patch versions: Lambda updates a runtime to Python's newest release by itself and does not
# publish which one it runs. These are the newest of each minor version on 2026-11-30.
# https://www.python.org/downloads/
# The glibc versions: Amazon Linux 2 has 2.26, Amazon Linux 2023 has 2.34.
# A wheel for a later glibc than the system's fails at import there. uv knows no platform between
# 2.17 and 2.28: what it finds for the wider one is checked by `requirements.wheel_tags`.
RUNTIMES: dict[str, Runtime] = {
    "python3.8": Runtime("3.8.20", (2, 26), "manylinux_2_28"),
    "python3.9": Runtime("3.9.25", (2, 26), "manylinux_2_28"),
    "python3.10": Runtime("3.10.22", (2, 26), "manylinux_2_28"),
    "python3.11": Runtime("3.11.18", (2, 26), "manylinux_2_28"),
    "python3.12": Runtime("3.12.16", (2, 34), "manylinux_2_34"),
    "python3.13": Runtime("3.13.18", (2, 34), "manylinux_2_34"),
    "python3.14": Runtime("3.14.10", (2, 34), "manylinux_2_34"),
}
# Lambda still runs these and SAM builds for them, but no new function can have them.
_DEPRECATED = ("python3.8", "python3.9")
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A Lambda runtime on an architecture.

    Attributes:
        runtime: as in a template, such as ``python3.13``.
        architecture: as in a template, ``x86_64`` or ``arm64``.
    """

    runtime: str
    architecture: str

    @classmethod
    def of(cls, runtime: str, architecture: str) -> "Target":
        """Check both names.

        Raises:
            ShortsError: Lambda does not have one of them for Python.
        """
        if runtime not in RUNTIMES:
            raise ShortsError(
                f"{runtime} is not a runtime that shorts builds for: {', '.join(RUNTIMES)}."
            )
        if architecture not in MACHINES:
            raise ShortsError(
                f"{architecture} is not an architecture of Lambda: {', '.join(MACHINES)}."
            )
        return cls(runtime=runtime, architecture=architecture)

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"

    @property
    def minor(self) -> str:
        """The Python version, such as ``3.13``."""
        return self.runtime.removeprefix("python")

    @property
    def version(self) -> str:
        """The Python version with its patch version, such as ``3.13.18``."""
        return RUNTIMES[self.runtime].version

    @property
    def glibc(self) -> tuple[int, int]:
        """The version of the system's glibc."""
        return RUNTIMES[self.runtime].glibc

    @property
    def machine(self) -> str:
        """The architecture as wheels and ``uname`` name it."""
        return MACHINES[self.architecture]

    @property
    def platform(self) -> str:
        """The wheel platform to ask uv for; it may be wider than the target."""
        return f"{self.machine}-{RUNTIMES[self.runtime].platform}"

    @property
    def is_exact(self) -> bool:
        """Whether every wheel for the platform runs there."""
        major, minor = self.glibc
        return self.platform.endswith(f"manylinux_{major}_{minor}")

    @property
    def markers(self) -> dict[str, Any]:
        """The values of the environment markers there.

        https://packaging.python.org/en/latest/specifications/dependency-specifiers/
        """
        return {
            "implementation_name": "cpython",
            "implementation_version": self.version,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.version,
            "python_version": self.minor,
            "sys_platform": "linux",
        }


# The targets that a lock is made for by default.
TARGETS = [
    Target(runtime=runtime, architecture=architecture)
    for runtime in RUNTIMES
    if runtime not in _DEPRECATED
    for architecture in MACHINES
]
