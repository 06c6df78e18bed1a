"""Plot's routes."""

import chartqueries
import signing
import webroutes
from chartspec import ChartSpec

from openapi.parts import (
    BINARY,
    CACHING,
    CONDITION,
    ETAG,
    UNCHANGED,
    Json,
    head,
    json_of,
    reference,
    refusals,
)

FIELDS = chartqueries.TEXTS | chartqueries.NUMBERS | chartqueries.FLAGS | chartqueries.NAMES


def parameters(chart: Json) -> Json:
    """Describe the parameters that are used in more than one place, each with its name there."""
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
    """Refer to the parameters that may hold a chart, or parts of it."""
    names = ["chart", *(name for name in ChartSpec.__struct_fields__ if name in FIELDS)]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _by_query(name: str, schema: Json) -> Json:
    """Return the schema of a field in a query: never null, and a list by repetition."""
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


def page_paths() -> Json:
    """Describe the page and the description."""
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
        "/": {"get": page, "head": head(page)},
        "/openapi.json": {"get": this, "head": head(this)},
    }


def plot_paths() -> Json:
    """Describe the charts and their validation."""
    glyphs = {
        "description": "Characters that no font has, such as `U+4E2D U+6587`.",
        "schema": {
            "type": "string",
            "pattern": r"^U\+[0-9A-F]{4,6}( U\+[0-9A-F]{4,6})*( \.\.\.)?$",
        },
    }
    alt = {
        "description": "The alternative text, percent-encoded UTF-8.",
        "schema": {"type": "string"},
    }
    left_out = {
        "description": "Columns that look like numbers and are not drawn, each with the text that "
        "keeps it from being: percent-encoded UTF-8.",
        "schema": {"type": "string"},
    }
    headers: Json = {
        "cache-control": CACHING,
        "plot-alt": alt,
        "plot-missing-glyphs": glyphs,
        "plot-left-out": left_out,
    }
    image: Json = {
        "description": "The chart, in the format asked for, else in the one accepted most.",
        "headers": headers,
        "content": dict.fromkeys(webroutes.MEDIA, BINARY),
    }
    content = {
        "application/json": {"schema": reference("ChartSpec")},
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
            **refusals(400, 403, 406, 413, 503, images=True),
        },
    }
    post: Json = {
        "tags": ["plot"],
        "operationId": "draw",
        "summary": "Draw the chart in the body",
        "requestBody": body,
        "responses": {"200": image, **refusals(400, 406, 413, 415, 503, images=True)},
    }
    validate: Json = {
        "tags": ["plot"],
        "operationId": "validate",
        "summary": "Say what would be drawn, and draw nothing",
        "parameters": _references(),
        "requestBody": body,
        "responses": {
            "200": {"description": "What would be drawn.", "content": json_of("Plan")},
            **refusals(400, 413, 415, 503, images=True),
        },
    }
    return {
        "/plot": {"parameters": _references(), "get": get, "head": head(get), "post": post},
        "/plot/validate": {"post": validate},
    }
