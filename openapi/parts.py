"""The parts of a description that are used in more than one place."""

import inspect
import re
from typing import Any

import msgspec

Json = dict[str, Any]

_FIELD = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
"""A field in the `Attributes` of a docstring."""


def components(records: list[type[msgspec.Struct]], prefix: str) -> Json:
    """Return the schemas of records and of what they contain, by name with a prefix.

    A field's text in the docstring becomes its description.
    """
    template = f"#/components/schemas/{prefix}{{name}}"
    _, found = msgspec.json.schema_components(records, ref_template=template)
    for schema in found.values():
        text = inspect.cleandoc(schema.pop("description", ""))
        text, _, attributes = text.partition("\n\nAttributes:\n")
        schema["description"] = _paragraphs(text)
        for name, said in _FIELD.findall(attributes):
            for written in {name, _camel(name)} & schema["properties"].keys():
                said = _paragraphs(inspect.cleandoc(said))
                schema["properties"][written]["description"] = said
    return {f"{prefix}{name}": schema for name, schema in found.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _paragraphs(text: str) -> str:
    """Undo line ends within paragraphs."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def reference(name: str) -> Json:
    """Refer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(name: str) -> Json:
    """Describe JSON of a schema."""
    return {"application/json": {"schema": reference(name)}}


BINARY: Json = {"schema": {}}
"""Bytes: in OpenAPI 3.1 their media type says all there is to say."""

ETAG: Json = {
    "description": "Of the bytes; the same request has the same one until the next release.",
    "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
}
CACHING: Json = {
    "description": "How long caches may keep the answer.",
    "schema": {"type": "string"},
}
CONDITION: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Entity tags that the client has, or `*`.",
    "schema": {"type": "string"},
}
UNCHANGED: Json = {
    "description": "What the client has is still the same.",
    "headers": {"etag": ETAG, "cache-control": CACHING},
}


def refusals(*statuses: int, images: bool = False) -> Json:
    """Describe refusals, which are images for clients that prefer one."""
    said = {
        400: "The request cannot be read, or not be drawn; every fault is named.",
        403: "The stack has URLs signed, and this one's signature is absent, wrong or expired.",
        406: "The client accepts no format that there is.",
        413: "The request, or its answer, is over a limit.",
        415: "The body is of a type, a charset or a coding that is not read.",
        503: "The chart was not drawn in the time that there is.",
    }
    content: Json = {"application/problem+json": {"schema": reference("Problem")}}
    if images:
        content["image/svg+xml"] = BINARY
    answers: Json = {
        str(status): {"description": said[status], "content": content} for status in statuses
    }
    if 503 in statuses:
        after = {"description": "Seconds.", "schema": {"type": "integer"}}
        answers["503"] = answers["503"] | {"headers": {"retry-after": after}}
    return answers


def head(operation: Json) -> Json:
    """Describe the answer to HEAD: the same as to GET, without the body."""
    return operation | {
        "operationId": f"{operation['operationId']}Head",
        "summary": f"{operation['summary']}: the headers alone",
        "responses": {
            status: {key: value for key, value in answer.items() if key != "content"}
            for status, answer in operation["responses"].items()
        },
    }
