"""The options of the ``local`` commands, for their build, for SAM, and their own."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

# What SAM looks for, in this order.
_CONFIGURATIONS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


class LocalOptions(NamedTuple):
    """The options.

    Attributes:
        arguments: all that are SAM's.
        shared: those of ``arguments`` that `sam build` has, too.
        built: those of ``arguments`` that hold for the built template: all but its path.
        template: the path of the template, if one was given.
        configuration: the value of ``--config-file``, if it was given.
        concurrency: how many sandboxes a function may have.
        hosts: names that clients may use for this host.
    """

    arguments: Sequence[str] = ()
    shared: Sequence[str] = ()
    built: Sequence[str] = ()
    template: str = ""
    configuration: str = ""
    concurrency: int = 1
    hosts: Collection[str] = frozenset()

    def configured(self) -> list[str]:
        """Return ``--config-file`` for the source template: the built one has none next to it."""
        template = self.template or os.environ.get("SAM_TEMPLATE_FILE") or "template.yaml"
        folder = Path(os.path.abspath(template)).parent
        names = [self.configuration] if self.configuration else _CONFIGURATIONS
        paths = [str(path) for name in names if (path := folder / name).exists()]
        return ["--config-file", *paths[:1]] if paths else []
