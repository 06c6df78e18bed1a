"""The Python API: what ``import shorts`` offers, loaded when it is first used."""

from shorts.api.application import BuildResult, build, invoke, runtimes
from shorts.api.function_zip import FunctionZip, zip_function, zip_layer
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError

__all__ = [
    "BuildResult",
    "FunctionZip",
    "Reply",
    "ShortsError",
    "build",
    "invoke",
    "runtimes",
    "zip_function",
    "zip_layer",
]
