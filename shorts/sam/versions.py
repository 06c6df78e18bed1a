"""The releases of samcli that are supported, and what differs between them."""

from collections.abc import Sequence
from typing import Any

import samcli

from shorts.errors import ShortsError

# The oldest and the newest minor release that the tests run with; `pyproject.toml` has the same.
OLDEST, NEWEST = (1, 165), (1, 170)

try:
    from samcli.lib.providers.sam_web_function_provider import SamWebFunctionProvider
except ImportError:  # before 1.170
    SamWebFunctionProvider = None


def check() -> None:
    """Refuse a samcli that is not supported.

    Raises:
        ShortsError: it is older or newer than those that are.
    """
    version = tuple(int(part) for part in samcli.__version__.split(".")[:2])
    if not OLDEST <= version <= NEWEST:
        oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
        raise ShortsError(
            f"aws-sam-cli {samcli.__version__} is installed; shorts works with {oldest} to "
            f"{newest}.\nInstall one of them: pip install 'aws-sam-cli>={oldest},"
            f"<{NEWEST[0]}.{NEWEST[1] + 1}'"
        )


def web_functions(stacks: Sequence[Any]) -> list[Any]:
    """Return the web functions, which samcli has since 1.170."""
    return [*SamWebFunctionProvider(stacks).get_all()] if SamWebFunctionProvider else []
