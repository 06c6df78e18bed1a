"""The stand-in itself: moto's server, with what it lacks."""

import json
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.parsing import OutputMap
from moto.server import main

from tests.e2e.cloud import resources
from tests.e2e.cloud.transform import defaults, parsed, translated

_create_change_set = CloudFormationBackend.create_change_set


def _translate_first(
    self: CloudFormationBackend, *, template: str, parameters: dict[str, str], **rest: Any
) -> tuple[str, str]:
    for stack in self.stacks.values():
        if stack.name == rest["stack_name"] and stack.status == "ROLLBACK_COMPLETE":
            said = f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
            raise ValidationError(stack.name, message=said)
    read = parsed(template)
    # moto takes parameters that are named and those that are left alone for different ones.
    known = defaults(read) | {name: str(value) for name, value in parameters.items()}
    told = json.dumps(translated(read, known, self.region_name))
    return _create_change_set(self, template=told, parameters=known, **rest)


_create_stack = CloudFormationBackend.create_stack


def _create_as_told(self: CloudFormationBackend, name: str, template: str, **rest: Any) -> Stack:
    """Create a stack; its template's `Metadata: Status` says what came of it."""
    stack = _create_stack(self, name=name, template=template, **rest)
    stack.status = parsed(template).get("Metadata", {}).get("Status", stack.status)
    return stack


_apply = ChangeSet.apply


def _apply_with_outputs(self: ChangeSet) -> None:
    """Apply a change set, and have the stack know its outputs, which moto leaves out."""
    _apply(self)
    stack = self.stack
    stack.output_map = OutputMap(stack.resource_map, self.template_dict, stack.stack_id)


def serve(port: int) -> None:
    """Serve the stand-in on this machine until the process ends."""
    CloudFormationBackend.create_change_set = _translate_first  # type: ignore[method-assign,assignment]
    CloudFormationBackend.create_stack = _create_as_told  # type: ignore[method-assign,assignment]
    ChangeSet.apply = _apply_with_outputs  # type: ignore[method-assign]
    resources.add_attributes()
    main(["--port", str(port)])
