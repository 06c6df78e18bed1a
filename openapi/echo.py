"""Echo's routes."""

from modifiers import LONGEST_DELAY, STATUS

from openapi.parts import BINARY, Json, head, json_of, reference


def echo_paths() -> Json:
    """Describe any request below `/echo`."""
    modifiers = [
        _modifier(
            "status",
            "Of the answer: one, or several to draw from, with their weights.",
            {"type": "string", "pattern": f"^{STATUS}(,{STATUS})*$"},
        ),
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
            "description": "The same with the status asked for, or a problem, where a modifier is "
            "malformed.",
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
    return paths


def _modifier(name: str, said: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": said, "schema": schema}
