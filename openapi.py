"""The description of both functions' routes, `plot/openapi.json`, made from their records.

`python openapi.py` writes it anew; a test says where it is out of date.
https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parent / "plot"))
sys.path.insert(0, str(Path(__file__).parent / "echo"))

import chartqueries
import description
import planning
import problems
import refusal
import signing
import validation
import webhooks
import webroutes
from chartspec import ChartSpec
from modifiers import LONGEST_DELAY

FILE = Path(__file__).parent / "plot" / "openapi.json"

Json = dict[str, Any]

_FIELD = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
"""A field in the `Attributes` of a docstring."""


def document() -> Json:
    """Return the description as JSON."""
    schemas = components([ChartSpec, planning.Plan, problems.Problem], "")
    schemas |= components([description.Description, refusal.Problem, validation.Verdict], "Echo")
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Echo and Plot",
            "version": "1",
            "description": "Plot draws a chart of the data it gets; Echo describes the request it "
            "gets. No route needs to be signed in for.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "Where this was read from"}],
        "tags": [{"name": "plot"}, {"name": "echo"}],
        "paths": _page() | _plot() | _echo(),
        "components": {"schemas": schemas, "parameters": _parameters(schemas["ChartSpec"])},
    }


def components(records: list[type[msgspec.Struct]], prefix: str) -> Json:
    """Return the schemas of records and of what they hold, by name with a prefix.

    What a docstring says of a field stands with the field.
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


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str) -> Json:
    return {"application/json": {"schema": _reference(name)}}


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


def _problems(*statuses: int, record: str = "Problem", images: bool = False) -> Json:
    """Describe refusals, which are images for clients that would rather have one."""
    said = {
        400: "The request cannot be read, or not be drawn; every fault is named.",
        403: "The stack has URLs signed, and this one's signature is absent, wrong or expired.",
        406: "The client accepts no format that there is.",
        413: "The request, or its answer, is over a limit.",
        415: "The body is of a type, a charset or a coding that is not read.",
        503: "The chart was not drawn in the time that there is.",
    }
    content: Json = {"application/problem+json": {"schema": _reference(record)}}
    if images:
        content |= dict.fromkeys(("image/svg+xml", "image/png", "image/webp"), BINARY)
    answers: Json = {
        str(status): {"description": said[status], "content": content} for status in statuses
    }
    if 503 in statuses:
        after = {"description": "Seconds.", "schema": {"type": "integer"}}
        answers["503"] = answers["503"] | {"headers": {"retry-after": after}}
    return answers


def _page() -> Json:
    page: Json = {
        "tags": ["plot"],
        "operationId": "page",
        "summary": "The page to try Plot on",
        "parameters": [CONDITION],
        "responses": {
            "200": {
                "description": "The page.",
                "headers": {"etag": ETAG, "cache-control": CACHING},
                "content": {"text/html; charset=utf-8": {"schema": {"type": "string"}}},
            },
            "304": UNCHANGED,
        },
    }
    this: Json = {
        "tags": ["plot"],
        "operationId": "description",
        "summary": "This description",
        "parameters": [CONDITION],
        "responses": {
            "200": {
                "description": "An OpenAPI 3.1 document.",
                "headers": {"etag": ETAG, "cache-control": CACHING},
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": UNCHANGED,
        },
    }
    return {
        "/": {"get": page, "head": _head(page)},
        "/openapi.json": {"get": this, "head": _head(this)},
    }


def _head(operation: Json) -> Json:
    """Describe what HEAD answers: what GET does, without the body."""
    return operation | {
        "operationId": f"{operation['operationId']}Head",
        "summary": f"{operation['summary']}: the headers alone",
        "responses": {
            status: {key: value for key, value in answer.items() if key != "content"}
            for status, answer in operation["responses"].items()
        },
    }


FIELDS = chartqueries.TEXTS | chartqueries.NUMBERS | chartqueries.FLAGS | chartqueries.NAMES


def _parameters(chart: Json) -> Json:
    """Describe the parameters that stand in more than one place, each with its name there."""
    fields = {
        name: {
            "name": name,
            "in": "query",
            "description": schema["description"],
            "schema": _by_query(name, schema),
        }
        for name, schema in chart["properties"].items()
        if name in FIELDS
    }
    return {"chart": CHART, **fields}


def _references() -> list[Json]:
    """Refer to the parameters that may have a chart, or parts of it."""
    names = ["chart", *(name for name in ChartSpec.__struct_fields__ if name in FIELDS)]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _by_query(name: str, schema: Json) -> Json:
    """Return the schema of a field as a query has it: never null, and a list by repetition."""
    if name in chartqueries.NAMES:
        return {"type": "array", "items": {"type": "string"}, "minItems": 1}
    kept = {key: value for key, value in schema.items() if key not in ("description", "default")}
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        kept = choices[0]
    if "enum" in kept:
        kept = {"enum": [value for value in kept["enum"] if value is not None]}
    return kept


CHART: Json = {
    "name": "chart",
    "in": "query",
    "description": "The whole chart: a `ChartSpec` as JSON, as base64url of JSON, or as base64url "
    "of gzipped JSON. A field beside it takes the place of the chart's own.",
    "schema": {"type": "string"},
    "examples": {
        "json": {"value": '{"kind": "bar", "csv": "build,seconds\\npip,102\\npants,7.7"}'},
    },
}
SIGNATURE: list[Json] = [
    {
        "name": signing.PARAMETERS[0],
        "in": "query",
        "description": "The Unix time until which a signed URL holds.",
        "schema": {"type": "string"},
    },
    {
        "name": signing.PARAMETERS[1],
        "in": "query",
        "description": "HMAC-SHA256 of the other parameters, in base64url.",
        "schema": {"type": "string"},
    },
]


def _plot() -> Json:
    glyphs = {
        "description": "Characters that no font has, such as `U+4E2D U+6587`.",
        "schema": {
            "type": "string",
            "pattern": r"^U\+[0-9A-F]{4,6}( U\+[0-9A-F]{4,6})*( \.\.\.)?$",
        },
    }
    headers: Json = {"cache-control": CACHING, "plot-missing-glyphs": glyphs}
    image: Json = {
        "description": "The chart, in the format asked for, else in the one accepted most.",
        "headers": headers,
        "content": dict.fromkeys(webroutes.MEDIA, BINARY),
    }
    content = {
        "application/json": {"schema": _reference("ChartSpec")},
        "text/csv": {"schema": {"type": "string"}},
    }
    body: Json = {
        "description": "The chart as JSON, or its `csv` with all else in the query.",
        "required": True,
        "content": content,
    }
    get: Json = {
        "tags": ["plot"],
        "operationId": "chart",
        "summary": "Draw the chart in the query, for an <img>",
        "parameters": [*SIGNATURE, CONDITION],
        "responses": {
            "200": image | {"headers": headers | {"etag": ETAG}},
            "304": UNCHANGED,
            **_problems(400, 403, 406, 413, 503, images=True),
        },
    }
    post: Json = {
        "tags": ["plot"],
        "operationId": "draw",
        "summary": "Draw the chart in the body",
        "requestBody": body,
        "responses": {"200": image, **_problems(400, 406, 413, 415, 503, images=True)},
    }
    validate: Json = {
        "tags": ["plot"],
        "operationId": "validate",
        "summary": "Say what would be drawn and what it would cost, and draw nothing",
        "parameters": _references(),
        "requestBody": body,
        "responses": {
            "200": {"description": "What would be drawn.", "content": _json("Plan")},
            **_problems(400, 413, 415, 503, images=True),
        },
    }
    return {
        "/plot": {"parameters": _references(), "get": get, "head": _head(get), "post": post},
        "/plot/validate": {"post": validate},
    }


def _echo() -> Json:
    modifiers = [
        _modifier("status", "Of the answer.", {"type": "integer", "minimum": 100, "maximum": 599}),
        _modifier(
            "delay",
            "Seconds before the answer; fewer where less time is left.",
            {"type": "number", "minimum": 0, "maximum": LONGEST_DELAY},
        ),
        _modifier(
            "header",
            "`Name:Value`, a further header of the answer.",
            {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:"}},
        ),
        _modifier("body", "Of the answer, instead of the description.", {"type": "string"}),
        _modifier("raw", "Whether the answer's body is the request's.", {"type": "boolean"}),
        _modifier(
            "verify",
            "The scheme by which the request is signed.",
            {"enum": list(webhooks.SCHEMES)},
        ),
    ]
    answers: Json = {
        "200": {
            "description": "The description of the request, or what was asked for instead.",
            "content": _json("EchoDescription") | {"*/*": BINARY},
        },
        **{
            status: {"description": "What was asked for, without a body."}
            for status in ("1XX", "204", "205", "304")
        },
        "default": {
            "description": "The same with the status asked for; with 401 where a signature was to "
            "be verified and is not valid; or a problem, where a modifier is none.",
            "content": {"application/problem+json": {"schema": _reference("EchoProblem")}}
            | _json("EchoDescription")
            | {"*/*": BINARY},
        },
    }
    content = {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "text/csv")}
    content |= {"application/json": {"schema": {}}}
    body: Json = {"requestBody": {"content": content}}
    proxy: Json = {
        "name": "proxy",
        "in": "path",
        "required": True,
        "description": "Any path.",
        "schema": {"type": "string"},
    }
    paths: Json = {}
    for path, name, at in (("/echo", "echo", []), ("/echo/{proxy}", "echoBelow", [proxy])):
        paths[path] = {"parameters": [*at, *modifiers]} | {
            method: {
                "tags": ["echo"],
                "operationId": f"{name}{method.title()}",
                "summary": f"Describe the {method.upper()} request",
                "responses": answers,
            }
            | (body if method in ("post", "put", "patch", "delete") else {})
            for method in ("get", "post", "put", "patch", "delete")
        }
        paths[path]["head"] = _head(paths[path]["get"])
    question: Json = {
        "type": "object",
        "properties": {
            "schema": {"type": ["object", "boolean"], "description": "A JSON Schema."},
            "value": {"description": "What it is applied to."},
        },
        "required": ["schema", "value"],
        "additionalProperties": False,
    }
    paths["/echo/validate"] = {
        "post": {
            "tags": ["echo"],
            "operationId": "echoValidate",
            "summary": "Say in what ways a value is not what a schema says",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": question}},
            },
            "responses": {
                "200": {"description": "Every violation.", "content": _json("EchoVerdict")},
                **_problems(400, 413, record="EchoProblem"),
            },
        }
    }
    return paths


def _modifier(name: str, said: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": said, "schema": schema}


def text() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
