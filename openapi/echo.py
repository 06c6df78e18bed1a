"""Echo's routes."""

import webhooks
from modifiers import LONGEST_DELAY

from openapi.parts import BINARY, Json, head, json_of, reference, refusals


def echo_paths() -> Json:
    """Describe any request below `/echo`, and the validation."""
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
            "content": json_of("EchoDescription") | {"*/*": BINARY},
        },
        **{
            status: {"description": "What was asked for, without a body."}
            for status in ("1XX", "204", "205", "304")
        },
        "default": {
            "description": "The same with the status asked for; with 401 where a signature was to "
            "be verified and is not valid; or a problem, where a modifier is none.",
            "content": {"application/problem+json": {"schema": reference("EchoProblem")}}
            | json_of("EchoDescription")
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
        paths[path]["head"] = head(paths[path]["get"])
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
                "200": {"description": "Every violation.", "content": json_of("EchoVerdict")},
                **refusals(400, 413, record="EchoProblem"),
            },
        }
    }
    return paths


def _modifier(name: str, said: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": said, "schema": schema}
