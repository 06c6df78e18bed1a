"""Events of an Application Load Balancer whose headers have one value each.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import caller
import msgspec
from caller import Oidc
from http_answer import Answer, carried, single
from http_request import (
    Pairs,
    Request,
    content,
    cookies,
    encoded_parameters,
    headers,
    single_values,
)
from refusal import checked

MAX_ANSWER = 1_000_000
"""Bytes of an answer that a balancer passes on: 1 MB of JSON, says the page above."""

COMPRESSES = True
"""Whether an answer in base64 reaches the client as the bytes it stands for, whatever is set."""

Lists = dict[str, list[str | None] | None]


class BalancerEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The event, as far as Echo reads it: others' format, so fields unknown here are let be."""

    http_method: str | None = None
    path: str | None = None
    query_string_parameters: dict[str, str | None] | None = None
    multi_value_query_string_parameters: Lists | None = None
    headers: dict[str, str | None] | None = None
    multi_value_headers: Lists | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


def recognises(event: object) -> bool:
    """Tell whether an event is a balancer's, well-formed or not, and has no map of lists."""
    return from_balancer(event) and not has_lists(event)


def from_balancer(event: object) -> bool:
    """Tell whether an event is a balancer's, of whichever form."""
    if not isinstance(event, dict):
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and "elb" in context


def has_lists(event: object) -> bool:
    """Tell whether an event has a map of lists: a target group has them all so, or none."""
    names = ("multiValueHeaders", "multiValueQueryStringParameters")
    return isinstance(event, dict) and any(event.get(name) is not None for name in names)


def read(event: object) -> Request:
    """Read the request that a recognised event carries. Any field of it may be null or absent.

    The balancer leaves the query percent-encoded, and has the last value of a repeated name only.

    Raises:
        Refusal: A field has another type than the format gives it, the body is not base64 though
            the event says so, or there is too much of the headers or the query.
    """
    known = checked(event, BalancerEvent)
    query_at = "$.queryStringParameters"
    query = single_values(known.query_string_parameters, query_at)
    return request(known, "alb", query, query_at, headers(known.headers))


def request(
    known: BalancerEvent,
    event_form: str,
    query: Pairs,
    query_at: str,
    sent: list[tuple[str, str | None]],
) -> Request:
    """Make a request of what both of a balancer's forms have.

    Args:
        known: The event.
        event_form: Which of the two it is.
        query: Percent-encoded parameters.
        query_at: The JSON path of what the event has for a query.
        sent: The headers.

    Raises:
        Refusal: The body is not base64 though the event says so, or the query is too long.
    """
    named = {name.lower(): value for name, value in sent}
    # The balancer writes the address it was called from behind those that it was told.
    source = _address((named.get("x-forwarded-for") or "").rpartition(",")[2].strip())
    return Request(
        event_form=event_form,
        method=known.http_method,
        path=known.path,
        stage=None,
        query=encoded_parameters(query, query_at),
        query_at=query_at,
        headers=sent,
        cookies=cookies(sent),
        content=content(known.body, known.is_base64_encoded),
        source_ip=source or None,
        caller=caller.known(oidc=Oidc(subject=named.get("x-amzn-oidc-identity"))),
    )


def _address(source: str) -> str:
    """Leave out the port, which a balancer that preserves it writes: `192.0.2.1:80`, `[::1]:80`."""
    if source.startswith("["):
        return source[1:].partition("]")[0]
    return source.partition(":")[0] if source.count(":") == 1 else source


def reply(answer: Answer) -> dict[str, object]:
    """Return the response to send: headers of one name joined, the status in words as well."""
    body, is_base64 = carried(answer.content)
    return {
        "statusCode": answer.status,
        "statusDescription": described(answer.status),
        "headers": single(answer.headers),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def described(status: int) -> str:
    """Write a status as a balancer wants it described, such as `200 OK`."""
    from http import HTTPStatus  # no other form asks for words

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
