"""Says hello to a name in the query of a request."""

import msgspec


class Query(msgspec.Struct):
    """What stands after the question mark."""

    name: str = "world"


class Request(msgspec.Struct):
    """What the function needs of an event of an HTTP API."""

    query: Query = msgspec.field(name="queryStringParameters", default_factory=Query)


def handler(event: object, context: object) -> dict[str, str]:
    """Answer a request."""
    request = msgspec.convert(event, Request)
    return {"message": f"Hello, {request.query.name}!"}
