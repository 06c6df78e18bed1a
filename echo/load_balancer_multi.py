"""Events of an Application Load Balancer whose target group has multi-value headers enabled.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#multi-value-headers
"""

from http_answer import Answer, carried, lists
from http_request import Request, headers, values
from load_balancer import (
    COMPRESSES,
    MAX_ANSWER,
    BalancerEvent,
    described,
    from_balancer,
    has_lists,
    request,
)
from refusal import checked

__all__ = ["COMPRESSES", "MAX_ANSWER", "read", "recognises", "reply"]


def recognises(event: object) -> bool:
    """Tell whether an event is a balancer's, well-formed or not, and has a map of lists."""
    return from_balancer(event) and has_lists(event)


def read(event: object) -> Request:
    """Read the request that a recognised event carries. Any field of it may be null or absent.

    Raises:
        Refusal: A field has another type than the format gives it, the body is not base64 though
            the event says so, or there is too much of the headers or the query.
    """
    known = checked(event, BalancerEvent)
    query_at = "$.multiValueQueryStringParameters"
    query = values(known.multi_value_query_string_parameters, query_at)
    sent = headers(known.headers, known.multi_value_headers)
    return request(known, "albMultiValue", query, query_at, sent)


def reply(answer: Answer) -> dict[str, object]:
    """Return the response to send, each header with the list of its values."""
    body, is_base64 = carried(answer.content)
    return {
        "statusCode": answer.status,
        "statusDescription": described(answer.status),
        "multiValueHeaders": lists(answer.headers),
        "body": body,
        "isBase64Encoded": is_base64,
    }
