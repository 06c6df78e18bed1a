"""What decides the zip of a function or of a layer, in the template's words."""

import msgspec

from shorts.model import Function, Layer, Settings
from shorts.targets.target import Target

# Where Lambda's Python runtimes look in a layer.
# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
LAYER_FOLDER = "python/"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What decides the zip of a function or a layer."""

    full_path: str
    module: str | None
    called: str
    target: Target
    code_uri: str
    method: str
    folder: str
    prefix: str
    settings: Settings = Settings()
    function: Function | None = None


def of_function(function: Function) -> Wanted:
    """Return what decides a function's zip."""
    return Wanted(
        full_path=function.full_path,
        module=function.module,
        called=function.handler,
        target=Target.of(function.runtime, function.architecture),
        code_uri=function.code_uri,
        method=function.build_method,
        folder=function.package,
        prefix="",
        settings=function.settings,
        function=function,
    )


def of_layer(layer: Layer) -> Wanted:
    """Return what decides a layer's zip."""
    return Wanted(
        full_path=layer.full_path,
        module=None,
        called="",
        target=Target.of(layer.build_method, layer.architecture),
        code_uri=layer.code_uri,
        method=layer.build_method,
        folder="",
        prefix=LAYER_FOLDER,
    )
