"""The records that all parts share: an application, its functions, layers and APIs."""

from shorts.model.apis import ANY, DEFAULT, METHODS, Api, Authorizer, Cors, Kind, Route
from shorts.model.application import (
    Application,
    Function,
    Layer,
    SamBuildOutput,
    Settings,
    SharedLayers,
    artifact,
    template_of,
)
from shorts.model.local import Debugging, Invocation, RunOptions, Serving
from shorts.model.sync import Syncing

__all__ = [
    "ANY",
    "DEFAULT",
    "METHODS",
    "Api",
    "Application",
    "Authorizer",
    "Cors",
    "Debugging",
    "Function",
    "Invocation",
    "Kind",
    "Layer",
    "Route",
    "RunOptions",
    "SamBuildOutput",
    "Serving",
    "Settings",
    "SharedLayers",
    "Syncing",
    "artifact",
    "template_of",
]
