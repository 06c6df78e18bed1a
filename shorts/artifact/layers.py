"""Where the code of a function's layers is."""

from pathlib import Path

import msgspec

from shorts.model import Layer


class LayerCode(msgspec.Struct, frozen=True, kw_only=True):
    """Where the code of a function's layer is.

    Attributes:
        name: its full path, or its ARN.
        unit: the key of the unit that makes it; empty where shorts does not build it.
        folder: its folder or zip, where it is ready-made; None where its content is not known.
    """

    name: str
    unit: str
    folder: Path | None


def code_of(layer: Layer) -> LayerCode:
    """Return where a layer's code is, as far as the template says."""
    # What another tool builds may contain anything.
    ready = layer.code_uri and not layer.build_method
    return LayerCode(name=layer.full_path, unit="", folder=Path(layer.code_uri) if ready else None)


def digest(layer: LayerCode) -> str:
    """Return a digest of a layer that is not built here, or its ARN where it has no local code."""
    from shorts.requirements import local_projects

    here = layer.folder is not None and layer.folder.exists()
    return local_projects.digest(layer.folder) if layer.folder and here else layer.name
