"""Events of an Application Load Balancer whose target group has multi-value headers enabled.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#multi-value-headers
"""

from http_answer import Answer, carried, lists
from http_request import Request, headers
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
            the event says so, or the query has too many parameters.
    """
    known = checked(event, BalancerEvent)
    return request(
        known,
        "albMultiValue",
        known.multi_value_query_string_parameters or {},
        "$.multiValueQueryStringParameters",
        headers(known.headers, known.multi_value_headers),
    )


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
