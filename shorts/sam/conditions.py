"""``Fn::If`` as CloudFormation resolves it, with ``AWS::NoValue``, which samcli leaves as it is.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Mapping
from typing import Any

from samcli.lib.intrinsic_resolver.intrinsic_property_resolver import IntrinsicResolver
from samcli.lib.intrinsic_resolver.intrinsics_symbol_table import IntrinsicsSymbolTable
from samcli.lib.providers.sam_base_provider import SamBaseProvider

_NOTHING = {"Ref": "AWS::NoValue"}


def settled(stack: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve each ``Fn::If`` by its condition, and leave out each ``AWS::NoValue``.

    Args:
        stack: samcli's, of the template that the value is from.
        value: a part of the template, not an ``Fn::If`` itself.
    """
    template = stack.template_dict
    parameters = SamBaseProvider._get_parameter_values(template, stack.parameters)
    symbols = IntrinsicsSymbolTable(logical_id_translator=parameters, template=template)
    resolve = IntrinsicResolver(template=template, symbol_resolver=symbols).resolve_attribute
    written = template.get("Conditions")
    names = written if isinstance(written, Mapping) else {}
    probes = {name: {"Fn::If": [name, "met", ""]} for name in names}
    met = {
        name for name, outcome in resolve(probes, ignore_errors=True).items() if outcome == "met"
    }
    resolved = resolve(_chosen(value, met), ignore_errors=True)
    return dict(resolved) if isinstance(resolved, Mapping) else {}


def _chosen(value: Any, met: set[str]) -> Any:
    if isinstance(value, list):
        return [item for item in (_chosen(each, met) for each in value) if item is not None]
    if not isinstance(value, dict) or value == _NOTHING:
        return None if value == _NOTHING else value
    match value.get("Fn::If"):
        case [str(name), if_met, otherwise] if len(value) == 1:
            return _chosen(if_met if name in met else otherwise, met)
    chosen = {name: _chosen(item, met) for name, item in value.items()}
    return {name: item for name, item in chosen.items() if item is not None}
