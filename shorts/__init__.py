"""Build AWS Lambda functions in Python, from a SAM template or without one.

The names in ``__all__`` are the Python API (docs/api.md). They are loaded when they are first used,
so that the command starts no slower.
"""

TYPE_CHECKING = False  # `typing` takes longer to import than all of this
if TYPE_CHECKING:
    from shorts.api import (
        BuildResult,
        FunctionZip,
        Reply,
        ShortsError,
        build,
        invoke,
        runtimes,
        zip_function,
        zip_layer,
    )

__all__ = [
    "BuildResult",
    "FunctionZip",
    "Reply",
    "ShortsError",
    "__version__",
    "build",
    "invoke",
    "runtimes",
    "zip_function",
    "zip_layer",
]

__version__ = "0.1.0"
# The version of the rules for what is packed, apart from that of shorts: raised whenever a build
# makes other bytes of the same input, and part of every key.
RULES = 9

if not TYPE_CHECKING:  # so that a type checker knows the names that there are

    def __getattr__(name: str) -> object:
        """Return a name of the API (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module("shorts.api"), name)


def __dir__() -> list[str]:
    """Return the names of the API and of the module."""
    return sorted({*globals(), *__all__})
