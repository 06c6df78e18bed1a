"""How CloudFormation applies a template with layers to its functions, within Lambda's limit.

It creates what is new, updates each function (its configuration with the layers first, then its
code), and deletes what is left over. Where an update fails, it gives the functions that it has
updated their former state, in the same order, and deletes what it has created.
https://github.com/aws/aws-sam-cli/issues/3784
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from samcli.yamlhelper import yaml_parse

from shorts.targets import limits

COMPLETE = "UPDATE_COMPLETE"
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
STUCK = "UPDATE_ROLLBACK_FAILED"


class Deployed(NamedTuple):
    """A function: the bytes of its code, and of its layers by their names, unzipped."""

    code: int
    layers: Mapping[str, int]

    @property
    def size(self) -> int:
        """What Lambda counts."""
        return self.code + sum(self.layers.values())


class LimitExceededError(Exception):
    """Lambda refuses the code and the layers of a function together."""


class Stack:
    """The functions of a stack.

    Attributes:
        functions: by their logical ids.
        layers: the names of the layers that exist.
    """

    def __init__(self) -> None:
        self.functions: dict[str, Deployed] = {}
        self.layers: set[str] = set()

    def deploy(self, functions: Mapping[str, Deployed], *, fails: str = "") -> str:
        """Apply a template, and return the status of the stack.

        Args:
            functions: of the template.
            fails: a function with an update that fails for another reason, after those before it.
        """
        former, before = dict(self.functions), set(self.layers)
        self.layers |= {name for one in functions.values() for name in one.layers}
        try:
            for name, wanted in functions.items():
                if name == fails:
                    raise LimitExceededError(name)
                self._update(name, wanted)
        except LimitExceededError:
            return self._roll_back(former, before)
        self.functions = dict(functions)
        self.layers = {name for one in functions.values() for name in one.layers}
        return COMPLETE

    def _roll_back(self, former: Mapping[str, Deployed], layers: set[str]) -> str:
        try:
            for name, wanted in former.items():
                self._update(name, wanted)
        except LimitExceededError:
            return STUCK
        self.functions, self.layers = dict(former), layers
        return ROLLED_BACK

    def _update(self, name: str, wanted: Deployed) -> None:
        assert wanted.layers.keys() <= self.layers, "a layer is deleted too early"
        present = self.functions.get(name)
        configured = present._replace(layers=wanted.layers) if present else wanted
        for state in (configured, wanted):
            if state.size > limits.UNZIPPED:
                raise LimitExceededError(name)
            self.functions[name] = state


def built(folder: Path) -> dict[str, Deployed]:
    """Return the functions of a build folder."""
    resources = yaml_parse((folder / "template.yaml").read_text())["Resources"]
    return {
        name: Deployed(
            _unzipped(folder / f"{name}.zip"),
            {
                layer["Ref"]: _unzipped(
                    folder / resources[layer["Ref"]]["Properties"]["ContentUri"]
                )
                for layer in resource["Properties"].get("Layers", [])
            },
        )
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _unzipped(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())
