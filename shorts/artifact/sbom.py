"""A zip's bill of materials in CycloneDX 1.6; pure, and the same bytes every time.

https://cyclonedx.org/docs/1.6/json/
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from shorts import __version__

# Each serial number is derived from its document: a clock or chance would change the bytes.
_NAMESPACE = UUID("6f2d0a2e-58b4-5c4c-9d1e-6a0b7c1f3e55")
_ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution in a zip.

    Attributes:
        name: normalized.
        version: of the distribution.
        hashes: of its wheel, such as ``sha256:…``; ``tree:…`` is of a project's files, ``git:…``
            a commit.
        expression: its licence as an SPDX expression, if it gives one.
        licences: the names of its licences, if not.
        files: the paths of its licences in the zip.
        requires: the names of what it requires.
        overridden: its files that another distribution's take the place of, and that one's name.
    """

    name: str
    version: str
    hashes: Sequence[str] = ()
    expression: str = ""
    licences: Sequence[str] = ()
    files: Sequence[str] = ()
    requires: Sequence[str] = ()
    overridden: Sequence[str] = ()

    @property
    def purl(self) -> str:
        """Its package URL; empty for a project on the build machine or in a repository.

        https://github.com/package-url/purl-spec (types/pypi)
        """
        if any(value.startswith(("tree:", "git:")) for value in self.hashes):
            return ""
        return f"pkg:pypi/{quote(self.name, safe='.-_~')}@{quote(self.version, safe='.-_~')}"

    @property
    def ref(self) -> str:
        """Its reference in the document."""
        return self.purl or f"{self.name}@{self.version}"


def document(
    name: str,
    kind: str,
    digest: str,
    components: Sequence[Component],
    properties: Mapping[str, str],
) -> bytes:
    """Return the bill of materials of a zip.

    Args:
        name: the full path of its function or layer.
        kind: ``application`` or ``library``.
        digest: the zip's SHA-256, hexadecimal.
        components: the distributions in it, sorted.
        properties: further properties of the zip.
    """
    bill: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {
                "components": [{"type": "application", "name": "shorts", "version": __version__}]
            },
            "component": {
                "type": kind,
                "bom-ref": name,
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": digest}],
                "properties": _properties(properties.items()),
            },
        },
        "components": [_component(component) for component in components],
        "dependencies": _dependencies(name, components),
    }
    return _encoded(bill)


def renamed(data: bytes, name: str) -> bytes:
    """Return the document for another function that the same zip serves."""
    bill = msgspec.json.decode(data)
    root, (first, *_) = bill["metadata"]["component"], bill["dependencies"]
    root["bom-ref"] = root["name"] = first["ref"] = name
    return _encoded(bill)


def _encoded(bill: dict[str, Any]) -> bytes:
    bill["serialNumber"] = ""
    content = sha256(msgspec.json.encode(bill)).hexdigest()
    bill["serialNumber"] = f"urn:uuid:{uuid5(_NAMESPACE, content)}"
    return msgspec.json.format(msgspec.json.encode(bill), indent=2) + b"\n"


def _component(component: Component) -> dict[str, Any]:
    hashes = [value.partition(":") for value in component.hashes]
    fields: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.ref,
        "name": component.name,
        "version": component.version,
        "hashes": [
            {"alg": _ALGORITHMS[algorithm], "content": value}
            for algorithm, _, value in hashes
            if algorithm in _ALGORITHMS
        ],
        "licenses": _licences(component),
        "purl": component.purl,
        "properties": _properties(
            [
                *(("shorts:tree", value) for kind, _, value in hashes if kind == "tree"),
                *(("shorts:commit", value) for kind, _, value in hashes if kind == "git"),
                *(("shorts:licence-file", path) for path in component.files),
                *(("shorts:overridden", overlap) for overlap in component.overridden),
            ]
        ),
    }
    return {key: value for key, value in fields.items() if value}


def _licences(component: Component) -> list[dict[str, Any]]:
    if component.expression:
        return [{"expression": component.expression, "acknowledgement": "declared"}]
    return [
        {"license": {"name": name, "acknowledgement": "declared"}} for name in component.licences
    ]


def _properties(items: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def _dependencies(root: str, components: Sequence[Component]) -> list[dict[str, Any]]:
    """Return the declared dependencies; the function requires what no distribution requires."""
    refs = {component.name: component.ref for component in components}
    edges = {
        component.name: sorted({*component.requires} & refs.keys() - {component.name})
        for component in components
    }
    required = {name for names in edges.values() for name in names}
    first = [name for name in edges if name not in required]
    reached: set[str] = set()
    waiting = list(first)
    # Nothing outside a circle of requirements reaches it, so it starts at its first name.
    for name in ("", *edges):
        if name and name not in reached:
            first.append(name)
            waiting.append(name)
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting += edges[current]
    graph = [(root, sorted(refs[name] for name in first))]
    graph += [(refs[name], sorted(refs[other] for other in names)) for name, names in edges.items()]
    return [{"ref": ref, **({"dependsOn": names} if names else {})} for ref, names in graph]
